"""The seam between dlbench and an engine: what carries a run out, what it may offer besides, and the values that it hands over."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np

from dlbench.values.inspection import Inspection
from dlbench.values.recipe import Recipe
from dlbench.values.record import Outcome

TERMINAL_STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""What makes a terminal print in bold."""


class Capability(StrEnum):
    """What an engine can do besides running; each member is the name of the method that does it, see :class:`Complete`."""

    PREPARE = "prepare"
    INSPECT = "inspect"
    TIME = "time"
    PREVIEW = "preview"
    EXAMPLES = "examples"
    DIAGNOSE = "diagnose"


@dataclass(frozen=True)
class Settings:
    """What a worker is told when it starts.

    Attributes:
        cache_dir: where decoded data is kept.
        data_dir: where datasets lie; None for each loader's own place.
        beside: the study's folder, where relative paths are looked for first.
        imagenet: file of ImageNet weights; None downloads them where a study asks for them.
        plugins: files of the study that register entries.
        devices: how many devices a run is shared out over.
        worker: number of the worker on its machine, from 0.
        threads: for computing; results differ in bits between one and two.
        device_bytes: how large a dataset may be to be kept on the device; a larger one streams from disk.
        load: ``load(data, places, cache_dir)`` gives the arrays of a dataset; None: the engine's own loader.
    """

    cache_dir: str
    data_dir: str | None = None
    beside: str | None = None
    imagenet: str | None = None
    plugins: tuple[str, ...] = ()
    devices: int = 1
    worker: int = 0
    threads: int = 1
    device_bytes: int = 2**31
    load: Callable[..., Any] | None = None


@dataclass(frozen=True)
class RunInputs:
    """What a run needs besides recipe and seed: the study's metric, and the weights that a pretraining run left, by name."""

    metric: str
    weights: Mapping[str, np.ndarray] | None = None


@dataclass(frozen=True)
class Preparation:
    """What was found when a recipe's data and network were made: its dataset, test examples with a near-duplicate in training and how
    many were looked at, and the network's weights and multiply-accumulates.
    """

    dataset: str
    near_duplicates: tuple[int, int] = (0, 0)
    parameters: int | None = None
    macs: int | None = None


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one training step (a full batch, with augmentation) and of inference over one example."""

    step_ms: float
    inference_ms: float


@dataclass(frozen=True)
class Preview:
    """Training images ``before`` uint8 [n, h, w, c] and ``after`` augmentation uint8 [draws, n, h, w, c]; both empty without images."""

    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True)
class ExampleImages:
    """Test examples by their rows, int64 [n], and their ``images`` uint8 [n, h, w, c]; no image where inputs are none."""

    image_rows: np.ndarray
    images: np.ndarray


@dataclass(frozen=True)
class Diagnosis:
    """What a worker computes with: its threads, and its switches by name."""

    threads: int
    switches: Mapping[str, bool] = field(default_factory=dict[str, bool])


class Engine(Protocol):
    """A worker's engine: carries runs out, one at a time."""

    def run(self, recipe: Recipe, seed: int, inputs: RunInputs) -> Outcome:
        """Train and score one run.

        Raises:
            InputError: what the user gave cannot be used.
        """
        ...


class Complete(Engine, Protocol):
    """An engine with every capability."""

    def prepare(self, recipes: Sequence[Recipe]) -> list[Preparation]:
        """Check that the data and network of every recipe can be made.

        Raises:
            InputError: one cannot.
        """
        ...

    def inspect(self, recipes: Sequence[Recipe]) -> list[Inspection]:
        """Tell planning about the data and model of each recipe.

        Raises:
            InputError: one cannot be used.
        """
        ...

    def time(self, recipes: Sequence[Recipe], rounds: int) -> list[list[Timing]]:
        """Measure training step and inference of every recipe once a round, interleaved."""
        ...

    def preview(self, recipe: Recipe, seed: int) -> Preview:
        """Show what augmentation makes of training images."""
        ...

    def examples(self, recipe: Recipe, rows: Sequence[int]) -> ExampleImages:
        """Show test examples."""
        ...

    def diagnose(self) -> Diagnosis:
        """Tell what this process computes with."""
        ...


def one_line(error: BaseException) -> str:
    """Describe an exception by its type and message, in one line of at most 300 signs.

    Example:
        >>> one_line(ValueError("this layer is broken\\nsecond line"))
        'ValueError: this layer is broken second line'
    """
    return " ".join(f"{type(error).__name__}: {TERMINAL_STYLE.sub('', str(error))}".split())[:300]


def the_same(recipe: Recipe) -> Hashable:
    """The scheduling key of an engine for which no two runs have anything to share."""
    return ""


@dataclass(frozen=True)
class Description:
    """What the rest of dlbench knows of an engine without importing it.

    Attributes:
        name: of the engine.
        start: reference of ``start(settings) -> Engine``, which makes a process a worker.
        capabilities: what it offers besides running; what is not among them is left out and told.
        preload: module that the fork server imports once for all workers; None where there is nothing to import.
        loader: reference of ``load(data, places, cache_dir)``, for datasets that are brought to other machines.
        packages: recorded in the environment of every run.
        decisive: packages whose versions must agree for two results to be compared, beside dlbench itself; None: those of the Keras
            engine, which environments do not name.
        variables: set in the environment of workers before the engine is imported.
        facts: further entries of the environment that is recorded.
        scheduling_key: runs with the same key share what is prepared for them, and stay together on a worker.
        describe_error: one line about an exception that a run raised.
    """

    name: str
    start: str
    capabilities: frozenset[Capability] = frozenset()
    preload: str | None = None
    loader: str | None = None
    packages: tuple[str, ...] = ()
    decisive: tuple[str, ...] | None = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    scheduling_key: Callable[[Recipe], Hashable] = the_same
    describe_error: Callable[[BaseException], str] = one_line


def engine_named(name: str = "keras") -> Description:
    """Find the description of an engine: of one that ships by its name, of any other by its reference ``package.module:ENGINE``.

    Example:
        >>> engine_named("keras").name
        'keras'
    """
    return pkgutil.resolve_name(name if ":" in name else f"dlbench.engines.{name}:ENGINE")
