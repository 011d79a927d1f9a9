"""What a worker does with a task: the engine's door, reached by reference."""

from __future__ import annotations

import hashlib
import math
import os
import pkgutil
import resource
import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dlbench.datasets import Arrays, Places
from dlbench.datasets.duplicates import kept
from dlbench.datasets.places import read_as
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.ondisk import head
from dlbench.engines.keras.data.resident import Resident, fetch, resident
from dlbench.engines.keras.data.text import tokens
from dlbench.engines.keras.loop.devices import claim, devices
from dlbench.engines.keras.loop.keras_loop import KerasProgram
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.recent import Recent
from dlbench.engines.keras.loop.train import GRADIENT, Diverged, Progress, Trainer, demand_watched, time_to_target
from dlbench.engines.keras.measure.deploy import Converted, deployed, size
from dlbench.engines.keras.measure.pictures import examples, preview
from dlbench.engines.keras.measure.scores import probabilities
from dlbench.engines.keras.measure.timing import measure
from dlbench.engines.keras.network.hooks import Hooked
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.pretrained import fitted, input_kind, read
from dlbench.plugins import use
from dlbench.values.facts import Facts
from dlbench.values.metric import METRICS
from dlbench.values.metric import metric as metric_named
from dlbench.values.recipe import Data, Recipe, edit, from_dict
from dlbench.values.record import Controls, Cost, Outcome
from dlbench.values.structure import structure

LOOPS = {"compiled": Program, "keras": KerasProgram}
Loader = Callable[[Data, Places, str], Arrays]


class Worker:
    """The state of a worker process: data that is loaded and programs that are traced.

    Args:
        data_dir: where datasets lie; None for each loader's own place.
        cache_dir: where decoded data is kept.
        device_bytes: how large a dataset may be to be kept on the device; a larger one streams from disk.
        beside: the study's folder, where relative paths are looked for first.
        imagenet: file of ImageNet weights; None downloads them where a study asks for them.
        load: gives the arrays of a dataset, as :func:`dlbench.engines.keras.data.resident.fetch` does.
    """

    def __init__(self, data_dir: str | None, cache_dir: str, device_bytes: int = 2**31, beside: str | None = None,  # noqa: PLR0913
                 imagenet: str | None = None, load: Loader = fetch) -> None:
        self.places, self.cache_dir, self.device_bytes, self.imagenet = Places(beside, data_dir), cache_dir, device_bytes, imagenet
        self.load = load
        self._arrays, self._resident, self._programs, self._pretrained = Recent(2), Recent(4), Recent(4), Recent(1)
        self._near = Recent(64)

    def prepare(self, recipes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Check that the data and network of every recipe can be made; count each network's cost.

        Raises:
            InputError: one cannot.
        """
        facts = {}
        for recipe in map(from_dict, recipes):
            key, data = _network(recipe), self.data(recipe)
            demand_watched(recipe, data)
            if key not in facts:
                network = Network(recipe, data.shape, data.classes)
                devices(recipe.training.devices).demand(network)
                Hooked(recipe.hooks).tried(data.shape, network.units)
                if recipe.transfer.weights:
                    network.load(self.pretrained(recipe))
                facts[key] = {"parameters": network.parameters(), "macs": network.macs, "dataset": recipe.data.source,
                              "near_duplicates": self.near_duplicates(recipe)}
        return [facts[_network(from_dict(recipe))] for recipe in recipes]

    def look(self, recipes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What planning has to know of the data and model of each recipe; see :class:`dlbench.values.facts.Facts`.

        Raises:
            InputError: one cannot be used.
        """
        found = []
        for recipe in map(from_dict, recipes):
            arrays, data = self.arrays(recipe.data), self.data(recipe)
            parts = arrays.train, len(arrays.y) - arrays.train
            found.append(Facts(arrays.kind, tuple(arrays.x.shape[1:]), arrays.classes, parts, self.near_duplicates(recipe),
                               arrays.content or None, Network(recipe, data.shape, data.classes).build).to_dict())
        return found

    def near_duplicates(self, recipe: Recipe) -> tuple[int, int]:
        """Test examples that have a near-duplicate in training or validation, and how many were looked at."""
        content = self.data(recipe).hashes["data"]

        def count() -> tuple[int, int]:
            arrays, parts = self.arrays(recipe.data), split(self.arrays(recipe.data), recipe.data)
            file = Path(self.cache_dir) / "duplicates" / f"{content}.json"
            found = kept(arrays, np.concatenate([parts.train, parts.validation]), parts.test, file)
            return found.count, found.looked_at

        return self._near.get(content, count)

    def arrays(self, data: Data) -> Arrays:
        """A dataset, decoded."""
        return self._arrays.get(read_as(data), lambda: self.load(data, self.places, self.cache_dir))

    def data(self, recipe: Recipe) -> Resident:
        """A recipe's data on the device."""
        kind, fits = input_kind(recipe), recipe.transfer.fits

        def make() -> Resident:
            arrays = self.arrays(recipe.data)
            if fits:
                arrays = fitted(arrays, self.arrays(edit(recipe, data__source=fits).data).x.shape[1:])
            if arrays.kind == "text":
                return resident(tokens(arrays, recipe.data), recipe.data, "none", self.device_bytes)
            return resident(arrays, recipe.data, kind, self.device_bytes)

        return self._resident.get((recipe.data, kind, fits), make)

    def pretrained(self, recipe: Recipe) -> dict[str, np.ndarray]:
        """The weights of the file, or the download, that a recipe's transfer names."""
        data = self.data(recipe)
        key = recipe.transfer.weights, recipe.model.name, recipe.model.options, data.shape
        return self._pretrained.get(key, lambda: read(recipe, data, self.places, self.imagenet))

    def program(self, recipe: Recipe) -> Program:
        """The traced program of a recipe's structure."""
        data = self.data(recipe)

        def make() -> Program:
            program = LOOPS[recipe.training.loop](recipe, data.shape, data.classes)
            program.trace(data.train[0])
            return program

        return self._programs.get(structure(recipe), make)

    def run(self, fields: dict[str, Any], seed: int, metric: str, weights: dict[str, np.ndarray] | None) -> Outcome:
        """Train and score one run.

        Args:
            fields: canonical form of the recipe.
            seed: the run's seed.
            metric: decides the direction in which a target is reached.
            weights: of the pretraining run, where there is one.
        """
        started, recipe = time.perf_counter(), from_dict(fields)
        data = self.data(recipe)
        loaded = time.perf_counter()
        program = self.program(recipe)
        traced = time.perf_counter()
        self._set_out(program, recipe, seed, weights)
        controls = Controls(**data.hashes, init=program.network.hashes(), touched=tuple(program.network.touched),
                            near_duplicates=self.near_duplicates(recipe), content=self.arrays(recipe.data).digest)
        trainer = Trainer(recipe, seed, data, program)
        status, reason, done = _train(trainer)
        trained = time.perf_counter()
        model = deployed(program, recipe, data) if status == "done" else program
        scores, arrays = _found(model, trainer, metric) if status == "done" else ({}, {})
        ended = time.perf_counter()
        controls = replace(controls, order=tuple(done.orders), weights=_digest(model), global_draws=program.global_draws(),
                           acted=done.acted)
        cost = Cost(
            program.network.parameters(), program.network.macs, **size(model, recipe), epochs=done.epoch, steps=done.steps,
            planned_steps=trainer.total or done.steps, examples=done.examples, load_s=loaded - started, trace_s=traced - loaded,
            train_s=done.seconds, evaluate_s=done.validation_s + ended - trained, wall_s=ended - started,
            peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
        return Outcome(status, reason, scores, done.curves, cost, controls, arrays)

    def _set_out(self, program: Program, recipe: Recipe, seed: int, weights: dict[str, np.ndarray] | None) -> None:
        """Make the program ready for a run, its teacher's or its base's weights taken over where it has them."""
        program.reset(recipe, seed)
        if program.teacher is not None:
            program.teacher.load(weights, whole=True)
        elif recipe.transfer.weights or weights is not None:
            program.network.load(weights or self.pretrained(recipe))

    def preview(self, fields: dict[str, Any], seed: int) -> dict[str, np.ndarray]:
        """What augmentation makes of training images; see :func:`dlbench.engines.keras.measure.pictures.preview`."""
        recipe = from_dict(fields)
        return preview(recipe, seed, self.data(recipe))

    def examples(self, fields: dict[str, Any], rows: list[int]) -> dict[str, np.ndarray]:
        """Images of test examples; see :func:`dlbench.engines.keras.measure.pictures.examples`."""
        return examples(rows, self.data(from_dict(fields)))

    def settings(self) -> dict[str, Any]:
        """What this process computes with."""
        return {"threads": tf.config.threading.get_intra_op_parallelism_threads(),
                "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1"}

    def time(self, recipes: list[dict[str, Any]], rounds: int) -> list[list[dict[str, float]]]:
        """Measure training step and inference of several recipes, interleaved; see :func:`dlbench.engines.keras.measure.timing.measure`."""
        parsed = [from_dict(fields) for fields in recipes]
        self._programs.size = max(self._programs.size, len({structure(recipe) for recipe in parsed}))
        self._resident.size = max(self._resident.size, len(parsed))
        return measure([(recipe, self.program(recipe), self.data(recipe)) for recipe in parsed], rounds)


def _network(recipe: Recipe) -> Hashable:
    return recipe.data, recipe.model, recipe.transfer, recipe.hooks


def start(threads: int = 1, beside: str | None = None, plugins: tuple[str, ...] = (), shared: tuple[int, int] = (1, 0),
          **settings: Any) -> Worker:
    """Make this process a worker: a fixed number of compute threads (results differ in bits between one and two).

    Modules beside the study can be imported, after all others; ``plugins`` are its own files. ``shared``: how many devices a run is
    shared out over, and the worker's number on its machine. The other settings are the worker's own.
    """
    use(plugins, beside)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    claim(*shared)
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(device, True)
        tf.config.experimental.enable_op_determinism()
    return Worker(beside=beside, **settings)


def _train(trainer: Trainer) -> tuple[str, str, Progress]:
    try:
        return "done", "", trainer.run()
    except Diverged as reason:
        return "diverged", str(reason), trainer.done


def _found(model: Program, trainer: Trainer, metric: str) -> tuple[dict[str, float | None], dict[str, np.ndarray]]:
    """What a run that came to its end leaves: every score, and what its arrays are for."""
    recipe, done = trainer.recipe, trainer.done
    scores, arrays = _scores(model, trainer.data, recipe.metrics)
    if recipe.target is not None:
        scores |= time_to_target(recipe, done.curves, trainer.per_epoch, metric)
    scores |= {name: values[0] for name, values in done.curves.items() if name.startswith(GRADIENT)}
    if recipe.transfer.mode == "pretrain":
        arrays |= {f"weights/{name}": value for name, value in trainer.program.network.weights().items()}
    return scores, arrays


def _scores(program: Program | Converted, data: Resident, own: tuple[str, ...]) -> tuple[dict[str, float | None], dict[str, np.ndarray]]:
    """Every metric that ships, and those of plug-ins that the recipe names; the test part is scored here and nowhere else."""
    labels = data.test[1].numpy()
    loss, classes, logits = program.scored(*data.test, data.inputs)
    right = classes == labels
    some = min(len(data.positions), len(labels))
    train_loss, train_classes = program.evaluate(head(data.train[0], some), data.train[1][:some], data.inputs)
    train_accuracy = float(np.mean(train_classes == data.train[1].numpy()[:some]))
    scores = {"test_accuracy": float(right.mean()), "test_loss": loss, "train_loss": train_loss, "train_accuracy": train_accuracy,
              "accuracy_gap": train_accuracy - float(right.mean()), **_computed("test", labels, logits, own)}
    if len(data.validation[1]):
        scores |= _validated(program, data, own)
    return scores, {"test_bits": np.packbits(right), "test_predictions": classes.astype(np.uint16),
                    "test_labels": labels.astype(np.uint16)}


def _validated(program: Program | Converted, data: Resident, own: tuple[str, ...]) -> dict[str, float | None]:
    labels = data.validation[1].numpy()
    loss, classes, logits = program.scored(*data.validation, data.inputs)
    return {"validation_loss": loss, "validation_accuracy": float(np.mean(classes == labels)),
            **_computed("validation", labels, logits, own)}


def _computed(split: str, labels: np.ndarray, logits: np.ndarray, own: tuple[str, ...]) -> dict[str, float | None]:
    """The metrics that are computed from what was predicted; None where a score is not defined."""
    found = {}
    for item in (*METRICS.shipped, *map(metric_named, own)):
        if item.compute and item.split == split:
            score = float(pkgutil.resolve_name(item.compute)(labels, probabilities(logits)))
            found[item.name] = score if math.isfinite(score) else None
    return found


def _digest(model: Program | Converted) -> str:
    if isinstance(model, Converted):
        return hashlib.sha256(model.content).hexdigest()[:16]
    state = hashlib.sha256()
    for name, value in sorted(model.network.weights().items()):
        state.update(name.encode() + value.tobytes())
    return state.hexdigest()[:16]
