"""Declarations of datasets, and the examples with labels that they give."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from dlbench.tasks import task
from dlbench.tasks.classification import CLASSIFICATION
from dlbench.values.packed import SEVERAL, ModelInput, Packed, taken_apart


@dataclass(frozen=True)
class Source:
    """A dataset, or a family of datasets, of the catalogue.

    Attributes:
        name: as a study file writes it; a prefix such as ``tfds:`` stands for a family.
        summary: one line.
        load: reference of the loader, ``load(data, places) -> Examples``: the recipe's data fields, and where files are looked for.
        citation: whom to credit.
        shape, classes: height, width and channels, and number of classes; None where only the data tells.
        identity: what two equal states of it share: the ``name``; the content of the ``files`` that it names; its ``result``.
        reads: the keys of a study file that say how it is read: ``size``, or those of a table (``label, text, ...``).
    """

    name: str
    summary: str
    load: str
    citation: str
    shape: tuple[int, int, int] | None = None
    classes: int | None = None
    identity: str = "name"
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """Consecutive examples of a dataset.

    Attributes:
        x: images [k, height, width, channels], sequences [k, steps, channels], rows of numbers [k, columns], or texts [k] as UTF-8
            (dtype ``S``); of several inputs packed, see :func:`dlbench.values.packed.packed`.
        y: targets [k]; labels are whole numbers.
        where: position in the chunk -> the file or row it came from, for messages.
        groups, order, part, weights: each example's group, place in an order (a number or date), part of the split, and weight in
            training; None where the study names no such column.
    """

    x: np.ndarray
    y: np.ndarray
    where: Callable[[int], str]
    groups: Sequence[str] | None = None
    order: Sequence[str] | None = None
    part: Sequence[str] | None = None
    weights: Sequence[str] | None = None


@dataclass(frozen=True)
class Examples:
    """The chunks that a loader gives, one after another, so that a dataset may be larger than memory.

    Attributes:
        train, test: the parts; ``test`` is None where the data has no test part of its own.
        names: of the classes, in the order of the labels; None where labels are numbers from 0 and nothing more is known.
        span: smallest and largest possible value; None: 0 to 255 for 8-bit data, what occurs for other numbers.
        gaps: whether a class may have no example.
        notes: complete sentences, with counts, on what was converted or left out; filled while the chunks are read.
        changed: whether version 0.1.0 read it otherwise; if so, runs are told apart from those of that version.
        size_bytes: of all examples, where it is known before they are read.
        features: of a table some of whose columns were left out, those that were taken.
        columns: of a table, the names of the columns of ``x`` where they are others than those of the file.
        cardinalities: of a table whose last columns are codes of words, how many words each has.
        missing: whether numbers may be NaN, which then are missing.
        task: whose targets they are.
        inputs: where an example has several, which.
    """

    train: Iterable[Chunk]
    test: Iterable[Chunk] | None = None
    names: tuple[str, ...] | None = None
    span: tuple[float, float] | None = None
    gaps: bool = False
    notes: list[str] = field(default_factory=list)
    changed: bool = False
    size_bytes: int = 0
    features: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cardinalities: tuple[int, ...] = ()
    missing: bool = False
    task: str = CLASSIFICATION.name
    inputs: tuple[ModelInput, ...] = ()


@dataclass(frozen=True)
class Arrays:
    """A dataset, in memory or mapped from disk.

    Attributes:
        x: images [n, height, width, channels], uint8 or float32; sequences [n, steps, channels] or rows of numbers [n, columns], float32;
            or texts [n], UTF-8 in dtype ``S``; of several inputs packed, float32 [n, numbers]. Training examples, then test examples.
        y: targets [n]: labels are int64 from 0.
        train: how many of the examples, from the first on, belong to the training part.
        classes: number of classes; 1 where targets are no classes.
        full_range: difference between the largest and smallest possible value (255 for 8-bit images).
        low: the smallest possible value.
        names: of the classes; empty where they have none.
        content: hash of all examples and labels; empty where the dataset's name identifies it.
        notes: sentences on what was converted or left out when it was read.
        changed: whether version 0.1.0 read it otherwise.
        groups, order, part: of each example [n], int64: number of its group, place in an order, number of its part of the split (see
            :mod:`dlbench.datasets.beside`); None where the study names no such column.
        weights: of the loss of each example in training, float64 [n] from 0; None where the study names no such column.
        features: of a table some of whose columns were left out, those that were taken.
        columns: of a table, the names of the columns of ``x`` where they are others than those of the file.
        cardinalities: of a table whose last columns are codes of words, how many words each has.
        task: whose targets they are.
        inputs: where an example has several, which.
    """

    x: np.ndarray
    y: np.ndarray
    train: int
    classes: int
    full_range: float
    low: float = 0.0
    names: tuple[str, ...] = ()
    content: str = ""
    notes: tuple[str, ...] = ()
    changed: bool = False
    groups: np.ndarray | None = None
    order: np.ndarray | None = None
    part: np.ndarray | None = None
    weights: np.ndarray | None = None
    features: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cardinalities: tuple[int, ...] = ()
    task: str = CLASSIFICATION.name
    inputs: tuple[ModelInput, ...] = ()

    @cached_property
    def strata(self) -> np.ndarray:
        """Return numbers, int64 [n], of which each part of a split keeps its share: the labels, where targets are labels."""
        return task(self.task).strata(self.y)

    @property
    def names_of_columns(self) -> tuple[str, ...]:
        """Return the names of the columns of a table, where they are known."""
        return self.columns or self.features

    @property
    def kind(self) -> str:
        """Return what an example is: ``image``, ``sequence``, ``row`` or ``text``, or ``several`` inputs.

        Example:
            >>> Arrays(np.array([b"good", b"bad"]), np.array([1, 0]), 2, 2, 1.0).kind
            'text'
        """
        if self.inputs:
            return SEVERAL
        return "text" if self.x.dtype.kind == "S" else {4: "image", 3: "sequence"}.get(self.x.ndim, "row")

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of an example."""
        return Packed.of(self.inputs) if self.inputs else tuple(self.x.shape[1:])

    def alone(self, chosen: np.ndarray | slice = slice(None)) -> list[Arrays]:
        """Return each of several inputs of some examples as a dataset of its own.

        Example:
            >>> inputs = ModelInput("scan", (1, 1, 1)), ModelInput("clinic", (2,), columns=("age", "sex"))
            >>> both = Arrays(np.zeros((4, 3)), np.array([0, 1, 0, 1]), 4, 2, 1.0, inputs=inputs)
            >>> [(one.kind, one.columns) for one in both.alone()]
            [('image', ()), ('row', ('age', 'sex'))]
        """
        apart = taken_apart(self.x[chosen], Packed.of(self.inputs))
        return [replace(self, x=apart[one.name], y=self.y[chosen], columns=one.columns, features=(), inputs=()) for one in self.inputs]

    @cached_property
    def digest(self) -> str:
        """Return ``content``; where it is empty, compute 16 hexadecimal digits of the SHA-256 of all examples and labels."""
        return self.content or hashlib.sha256(np.ascontiguousarray(self.x).tobytes() + self.y.tobytes()).hexdigest()[:16]
