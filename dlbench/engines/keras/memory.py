"""Caches of a worker: decoded data, data on the device, traced programs and pretrained weights."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dlbench.datasets import Arrays, Places
from dlbench.datasets.duplicates import kept
from dlbench.datasets.gaps import filled
from dlbench.datasets.places import read_as
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.resident import Resident, fetch, resident
from dlbench.engines.keras.data.text import hash_of_texts, tokens
from dlbench.engines.keras.loop.frozen import Frozen
from dlbench.engines.keras.loop.keras_loop import KerasProgram
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.network.pretrained import fitted, input_kind, read
from dlbench.engines.protocol import Settings
from dlbench.values.errors import InputError
from dlbench.values.folds import of_seed
from dlbench.values.identity import structure
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.recipe import Data, Recipe, edit

LOOPS = {"compiled": Program, "keras": KerasProgram}


class Recent:
    """Keeps the most recently used values.

    Args:
        size: how many.

    Example:
        >>> recent = Recent(1)
        >>> recent.get("a", lambda: 1), recent.get("a", lambda: 2), recent.get("b", lambda: 3), recent.get("a", lambda: 4)
        (1, 1, 3, 4)
    """

    def __init__(self, size: int) -> None:
        self.size, self.values = size, OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the value of a key; make it where it is missing."""
        if key not in self.values:
            self.values[key] = make()
        self.values.move_to_end(key)
        while len(self.values) > self.size:
            self.values.popitem(last=False)
        return self.values[key]


class Memory:
    """Makes what a recipe needs, and keeps what was used most recently.

    Args:
        settings: of the worker.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.places, self.load = settings, Places(settings.beside, settings.data_dir), settings.load or fetch
        self._arrays, self._resident, self._programs, self._pretrained = Recent(2), Recent(4), Recent(4), Recent(1)
        self._near_duplicates = Recent(64)
        self.frozen = Frozen(settings.cache_dir, settings.features_bytes, settings.device_bytes)

    def hold(self, recipes: Sequence[Recipe]) -> None:
        """Enlarge the caches so that they hold the programs and data of several recipes."""
        self._programs.size = max(self._programs.size, len({structure(recipe) for recipe in recipes}))
        self._resident.size = max(self._resident.size, sum(max(recipe.data.folds, 1) for recipe in recipes))

    def arrays(self, data: Data) -> Arrays:
        """Return a decoded dataset."""
        return self._arrays.get(read_as(data), lambda: self.load(data, self.places, self.settings.cache_dir))

    def data(self, recipe: Recipe) -> Resident:
        """Return a recipe's data on the device."""
        kind, fits = input_kind(recipe), recipe.transfer.fits

        def make() -> Resident:
            arrays = self.arrays(recipe.data)
            if fits and arrays.inputs:
                raise InputError(f"transfer: '{recipe.data.source}' has several inputs, which cannot be fitted to those of '{fits}'; "
                                 "accepted: pretraining on classes of the same data")
            if fits:
                arrays = fitted(arrays, self.arrays(edit(recipe, data__source=fits).data).x.shape[1:])
            if arrays.kind == "text":
                data = resident(tokens(arrays, recipe.data), recipe.data, "none", self.settings.device_bytes)
                return replace(data, texts=hash_of_texts(arrays, recipe.data))
            return resident(arrays, recipe.data, kind, self.settings.device_bytes)

        return self._resident.get((recipe.data, kind, fits), make)

    def near_duplicates(self, recipe: Recipe) -> tuple[int, int, int]:
        """Count the test examples with a near-duplicate in training or validation, those that were examined, and their groups; of a
        recipe that says no fold, over all of them."""
        if recipe.data.folds and recipe.data.fold is None:
            counts = [self.near_duplicates(of_seed(recipe, fold)) for fold in range(recipe.data.folds)]
            near, examined, groups = map(sum, zip(*counts))
            return near, examined, groups
        content = self.data(recipe).hashes["data"]

        def count() -> tuple[int, int, int]:
            arrays, parts = self.arrays(recipe.data), split(self.arrays(recipe.data), recipe.data)
            file = Path(self.settings.cache_dir) / "near-duplicates" / f"{content}.json"
            return kept(filled(arrays, parts.train, recipe.data), np.concatenate([parts.train, parts.validation]), parts.test, file)

        return self._near_duplicates.get(content, count)

    def pretrained(self, recipe: Recipe) -> dict[str, np.ndarray]:
        """Return the weights of the file or download that a recipe's transfer names."""
        data = self.data(recipe)
        key = recipe.transfer.weights, recipe.model.name, recipe.model.options, data.shape
        return self._pretrained.get(key, lambda: read(recipe, data, self.places, self.settings.imagenet))

    def program(self, recipe: Recipe, traced: bool = True) -> Program:
        """Return the program of a recipe's structure; where it need not be ``traced``, perhaps its head alone will be."""
        data = self.data(recipe)

        def make() -> Program:
            return LOOPS[recipe.training.loop](recipe, data.shape, data.classes)

        own_step = recipe.training.loop == "keras" and recipe.training.loss == OF_MODEL  # what it keeps from step to step ends with a run
        program: Program = make() if own_step else self._programs.get(structure(recipe), make)
        if traced and not program.traced:
            program.trace(data.train[0])
        return program
