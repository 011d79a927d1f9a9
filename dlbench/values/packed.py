"""Several inputs of a model as one row of numbers: an example's values of one input stand behind those of another.

So all that moves examples (splits, files, batches, hashes, mixup) moves one array, and only what must know the inputs takes them apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

KINDS = {1: "row", 2: "sequence", 3: "image"}
"""Axes of an example of one input -> what it is."""
SEVERAL = "several"
"""What an example of several inputs is."""
EXACT = 2**24
"""Whole numbers below it are told apart in single precision."""


@dataclass(frozen=True)
class ModelInput:
    """One of several inputs of a model.

    Attributes:
        name: as the model and the study name it.
        shape: of an example, without the batch.
        whole: whether its values are whole numbers, such as codes, which are not scaled.
        columns: of a table, the names of its columns; empty where they are not known.
        span: smallest and largest possible value; None where that is not known yet.
    """

    name: str
    shape: tuple[int, ...]
    whole: bool = False
    columns: tuple[str, ...] = ()
    span: tuple[float, float] | None = None

    @property
    def kind(self) -> str:
        """Return what an example of it is: ``image``, ``sequence`` or ``row``.

        Example:
            >>> ModelInput("scan", (8, 8, 1)).kind, ModelInput("clinic", (3,)).kind
            ('image', 'row')
        """
        return KINDS[len(self.shape)]

    @property
    def size(self) -> int:
        """Return how many numbers an example of it has."""
        return math.prod(self.shape)

    def words(self) -> str:
        """Say what it is.

        Example:
            >>> ModelInput("clinic", (2,), columns=("age", "sex")).words()
            "'clinic': columns age, sex, each standardised over the training part"
            >>> ModelInput("scan", (8, 8, 1), span=(0.0, 255.0)).words()
            "'scan': images of 8x8x1, values from 0 to 255"
        """
        size = "x".join(map(str, self.shape))
        if self.kind != "row":
            between = "" if self.span is None else f", values from {self.span[0]:g} to {self.span[1]:g}"
            return f"'{self.name}': {self.kind}s of {size}{between}"
        names = f"columns {', '.join(self.columns)}" if 0 < len(self.columns) <= 8 else f"{size} numbers"
        return f"'{self.name}': {names}, " + ("whole, which stay as they are" if self.whole else "each standardised over the training part")

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> ModelInput:
        """Return the input that ``dataclasses.asdict`` wrote, also where JSON made lists of tuples.

        Example:
            >>> ModelInput.from_dict({"name": "a", "shape": [2], "span": [0, 1]})
            ModelInput(name='a', shape=(2,), whole=False, columns=(), span=(0, 1))
        """
        given: dict[str, Any] = {key: tuple(cast(list[Any], value)) if isinstance(value, list) else value for key, value in fields.items()}
        return cls(**given)


class Packed(tuple[int, ...]):
    """The shape of an example of several inputs, ``(numbers,)``, which knows them.

    Attributes:
        inputs: in the order in which their values stand.

    Example:
        >>> shape = Packed.of([ModelInput("scan", (2, 2, 1)), ModelInput("clinic", (3,))])
        >>> shape, shape.acted().name, [(one.name, place) for one, place in shape.places()]
        ((7,), 'scan', [('scan', slice(0, 4, None)), ('clinic', slice(4, 7, None))])
    """

    inputs: tuple[ModelInput, ...]

    @classmethod
    def of(cls, inputs: Sequence[ModelInput]) -> Packed:
        """Return the shape of examples of these inputs."""
        shape = cls((sum(one.size for one in inputs),))
        shape.inputs = tuple(inputs)
        return shape

    def places(self) -> Iterator[tuple[ModelInput, slice]]:
        """Yield each input and where its values stand."""
        first = 0
        for one in self.inputs:
            yield one, slice(first, first + one.size)
            first += one.size

    def acted(self) -> ModelInput | None:
        """Return the input that augmentation acts on: the only one of images or sequences; None where there is none, or several."""
        others = [one for one in self.inputs if one.kind != "row"]
        return others[0] if len(others) == 1 else None

    def place(self, name: str) -> slice:
        """Return where the values of an input stand."""
        return next(place for one, place in self.places() if one.name == name)


def acted_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of what augmentation acts on: an example, or its only input of images or sequences.

    Example:
        >>> acted_shape((8, 8, 3)), acted_shape(Packed.of([ModelInput("scan", (2, 2, 1)), ModelInput("clinic", (3,))]))
        ((8, 8, 3), (2, 2, 1))
    """
    acted = shape.acted() if isinstance(shape, Packed) else None
    return shape if acted is None else acted.shape


def packed(values: Sequence[np.ndarray]) -> np.ndarray:
    """Put the inputs of examples side by side, float32 [n, numbers].

    Args:
        values: of each input, [n, ...].

    Example:
        >>> packed([np.zeros((1, 2, 2, 1)), np.ones((1, 3))]).tolist()
        [[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]]
    """
    return np.concatenate([one.reshape(len(one), -1).astype(np.float32) for one in values], axis=1)


def taken_apart(x: np.ndarray, shape: Packed) -> dict[str, np.ndarray]:
    """Return the inputs of packed examples, by name; the inverse of :func:`packed`.

    Example:
        >>> shape = Packed.of([ModelInput("scan", (2, 2, 1)), ModelInput("clinic", (3,))])
        >>> {name: values.shape for name, values in taken_apart(np.zeros((5, 7)), shape).items()}
        {'scan': (5, 2, 2, 1), 'clinic': (5, 3)}
    """
    return {one.name: x[:, place].reshape(len(x), *one.shape) for one, place in shape.places()}
