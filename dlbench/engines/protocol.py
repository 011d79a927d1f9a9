"""The interface between dlbench and an engine: its methods, its capabilities, and the values that it returns."""

from __future__ import annotations

import importlib.util
import pkgutil
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

import numpy as np

from dlbench.values.errors import InputError
from dlbench.values.examination import Examination
from dlbench.values.gain import Gain
from dlbench.values.inspection import Inspection
from dlbench.values.metric import Metric
from dlbench.values.recipe import Recipe
from dlbench.values.record import Outcome
from dlbench.values.rehearsal import Rehearsal
from dlbench.values.sharing import Share, none_shared

TERMINAL_STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""Escape sequences that style text on a terminal."""


class Capability(StrEnum):
    """What an engine can do besides running. Each member is the name of a method of :class:`Complete`."""

    PREPARE = "prepare"
    INSPECT = "inspect"
    EXAMINE = "examine"
    REHEARSE = "rehearse"
    TIME = "time"
    PREVIEW = "preview"
    EXAMPLES = "examples"
    DIAGNOSE = "diagnose"
    GAIN = "gain"
    WRITE = "write"


@dataclass(frozen=True)
class Settings:
    """What a worker needs to know when it starts.

    Attributes:
        cache_dir: where decoded data is kept.
        data_dir: where datasets lie; None for each loader's own place.
        beside: the study's folder, where relative paths are looked for first.
        imagenet: file of ImageNet weights; None downloads them where a study asks for them.
        plugins: files of the study that register entries.
        devices: how many devices share a run.
        worker, threads: number of the worker on its machine, from 0; threads for computing, whose number decides bits.
        device_bytes: how large a dataset may be to be kept on the device; a larger one streams from disk.
        features_bytes: how much may be kept in the cache of what frozen networks compute; 0: nothing.
        scratch: folder of temporary files; None: the system's.
        watched: whether what the user's code reads is noted, see :mod:`dlbench.references.watch`.
        variables: of the environment, that a worker is to have as its driver has them; None: not set.
        out, cpus, gpus: folder of what scripts write, one folder a run (None where nothing is kept); what a run is reserved.
        memory_bytes, seconds: that a script may take; None: no limit. Studies leave the time to the driver, which ends the worker.
        function: what a study calls in the place of a command, pickled by the program that asked for it; None: a command.
        load: ``load(data, places, cache_dir)`` returns the arrays of a dataset; None: the engine's own loader.
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
    features_bytes: int = 0
    scratch: str | None = None
    watched: bool = False
    variables: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    out: str | None = None
    cpus: float = 1.0
    gpus: float = 0.0
    memory_bytes: int | None = None
    seconds: float | None = None
    function: bytes | None = None
    load: Callable[..., Any] | None = None


@dataclass(frozen=True)
class RunInputs:
    """What a run needs besides recipe and seed.

    Attributes:
        metric: of the study.
        weights: of its pretraining run, by name.
        measure: what a metric that the study declares itself means.
        others: recipes of runs that are trained together with this one, see :attr:`Description.shared`, in the order of
            :func:`dlbench.values.sharing.in_order`.
    """

    metric: str
    weights: Mapping[str, np.ndarray] | None = None
    measure: Metric | None = None
    others: tuple[Recipe, ...] = ()


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one training step (a full batch, with augmentation) and of inference over one example; of an ensemble, those of all
    its members together; of images that grow while training goes on, the mean over their sizes."""

    step_ms: float
    inference_ms: float


@dataclass(frozen=True)
class Preview:
    """Training images ``before`` uint8 [n, h, w, c] and ``after`` augmentation uint8 [draws, n, h, w, c]; both empty without images."""

    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True)
class ExampleImages:
    """Rows of test examples, int64 [n], and their ``images`` uint8 [n, h, w, c]; empty where inputs are not images."""

    image_rows: np.ndarray
    images: np.ndarray


@dataclass(frozen=True)
class Diagnosis:
    """The threads of a worker, and its switches by name."""

    threads: int
    switches: Mapping[str, bool] = field(default_factory=dict[str, bool])


class Engine(Protocol):
    """Carries out runs in a worker, one at a time."""

    def run(self, recipe: Recipe, seed: int, inputs: RunInputs) -> Outcome:
        """Train and score one run.

        Raises:
            InputError: the user's input cannot be used.
        """
        ...


class Complete(Engine, Protocol):
    """An engine with every capability."""

    def prepare(self, recipes: Sequence[Recipe]) -> list[tuple[int, ...]]:
        """Check that the data and network of every recipe can be made.

        Returns:
            For each recipe, its test examples with a near-duplicate in training, how many were examined, and their groups.

        Raises:
            InputError: one cannot.
        """
        ...

    def inspect(self, recipes: Sequence[Recipe]) -> list[Inspection]:
        """Inspect the data and model of each recipe for planning.

        Raises:
            InputError: one cannot be used.
        """
        ...

    def examine(self, recipe: Recipe) -> Examination:
        """Look at the examples of a recipe for what would make its scores mean less than they seem to.

        Raises:
            InputError: the data cannot be used.
        """
        ...

    def rehearse(self, recipes: Sequence[Recipe]) -> list[Rehearsal]:
        """Try each recipe for planning: build its network, and train one step of it where that is cheap.

        What stands in the way of running a recipe is in its result; nothing is raised.
        """
        ...

    def time(self, recipes: Sequence[Recipe], rounds: int) -> list[list[Timing]]:
        """Time the training step and inference of every recipe once a round, interleaved."""
        ...

    def preview(self, recipe: Recipe, seed: int) -> Preview:
        """Show training images before and after augmentation."""
        ...

    def examples(self, recipe: Recipe, rows: Sequence[int]) -> ExampleImages:
        """Show test examples."""
        ...

    def write(self, recipe: Recipe, seed: int, folder: str) -> list[str]:
        """Write what trains a run without dlbench into a folder, and return the names of the files.

        Raises:
            InputError: it cannot be said without dlbench.
        """
        ...

    def diagnose(self) -> Diagnosis:
        """Describe the threads and switches of this process."""
        ...

    def gain(self) -> Gain:
        """Measure, in about a second, what computing in bfloat16 gains on this machine."""
        ...


def one_line(error: BaseException) -> str:
    """Describe an exception by its type and message, in one line of at most 300 signs.

    Example:
        >>> one_line(ValueError("this layer is broken\\nsecond line"))
        'ValueError: this layer is broken second line'
    """
    return " ".join(f"{type(error).__name__}: {TERMINAL_STYLE.sub('', str(error))}".split())[:300]


def the_same(recipe: Recipe) -> Hashable:
    """The scheduling key of an engine whose runs share nothing."""
    return ""


@dataclass(frozen=True)
class Description:
    """Describes an engine to the rest of dlbench, which does not import it.

    Attributes:
        name: of the engine.
        start: reference of ``start(settings) -> Engine``, which makes a process a worker.
        capabilities: what it can do besides running; a study does without the others, and says so.
        preload: module that the fork server imports once for all workers; None where there is nothing to import.
        method: how workers start: from the fork server, which preloads one engine for a program's life, or each anew.
        loader: reference of ``load(data, places, cache_dir)``, for datasets that travel to other machines.
        packages: recorded in the environment of every run.
        modules, install: what it cannot run without, and what installs that.
        decisive: packages whose versions must agree for two results to be compared, beside dlbench itself; None: the Keras engine's.
        variables: set in the environment of workers before the engine is imported.
        facts: further entries of the recorded environment.
        describe: reference of ``describe(recipe, folder) -> facts`` of the environment of a study's own program; None: it has none.
        scheduling_key: runs with the same key go to the same worker, where they share what it has prepared.
        describe_error: describes an exception of a run in one line.
        shared: ``shared(longer, shorter)``: the share of a second recipe's steps, at least, that have every bit in a run of the first one,
            so that the engine trains both together; 1 where that run is broken off, or ended or scored in another way.
    """

    name: str
    start: str
    capabilities: frozenset[Capability] = frozenset()
    preload: str | None = None
    method: Literal["forkserver", "spawn"] = "forkserver"
    loader: str | None = None
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    install: str = ""
    decisive: tuple[str, ...] | None = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    describe: str | None = None
    scheduling_key: Callable[[Recipe], Hashable] = the_same
    describe_error: Callable[[BaseException], str] = one_line
    shared: Share = none_shared

    def demand(self) -> None:
        """Refuse to start where a module that the engine needs is not installed.

        Raises:
            InputError: with what installs it.

        Example:
            >>> Description("mine", "mine:start", modules=("no_such_module",), install="pip install mine").demand()
            Traceback (most recent call last):
            dlbench.values.errors.InputError: the engine 'mine' needs no_such_module, which is not installed: pip install mine
        """
        if missing := [name for name in self.modules if importlib.util.find_spec(name) is None]:
            words = f"{', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed"
            raise InputError(f"the engine '{self.name}' needs {words}{': ' if self.install else ''}{self.install}")


def engine_named(name: str = "keras") -> Description:
    """Find the description of an engine: of one that ships by its name, of any other by its reference ``package.module:ENGINE``.

    Example:
        >>> engine_named("keras").name
        'keras'
    """
    return pkgutil.resolve_name(name if ":" in name else f"dlbench.engines.{name}:ENGINE")
