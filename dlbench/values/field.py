"""Traits of a recipe's field, declared beside its default.

A traced program, the controls of an arm, the fields that a study may tune and the sections of a report ask these traits; none of them
keeps its own list of fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Part = Literal["data", "split", "order", "evaluation", "init"]
"""A part of a run's controls: what an arm shares with its reference."""


class Traced(StrEnum):
    """How a field enters the program that is traced for training."""

    STRUCTURE = "structure"  # the program is traced for its value
    NUMBER = "number"  # the program takes its value as an input, and is traced for whether it is zero
    OUTSIDE = "outside"  # the program does not depend on it


class Purpose(StrEnum):
    """What a field is for. Reports choose what they show, and programs what they trace, by these."""

    READ = "read"  # decides the arrays that a dataset's files are read into
    SELECT = "select"  # decides which examples are trained and scored on
    CHOOSE_MODEL = "choose model"  # says which model is built; every other field of the model changes the model's layers
    REGULARISE = "regularise"  # acts on over-fitting
    SHRINK = "shrink"  # makes the model smaller, or its answers cheaper
    SPARSIFY = "sparsify"  # makes weights exactly zero
    SPEED = "speed"  # changes how long a training step or an example takes
    GEOMETRY = "geometric"  # moves pixels of training images
    DISTORT = "elastic"  # moves each pixel of training images by a displacement of its own
    COLOUR = "colour"  # changes the values of pixels by a linear map
    ERASE = "erasing"  # replaces a box of an image by noise
    CUT_OUT = "cutout"  # sets a square of an image to zero
    ADD_NOISE = "noise"  # adds noise to scaled inputs
    MIX = "mixing"  # mixes images with others, and their labels with them
    SHARES = "shares"  # changes how often classes are trained on, or answered after training
    VIEWS = "views"  # averages predictions over several views of an example
    REPLACE = "replace"  # takes the place of what dlbench does, so that two of its kind cannot go together
    COMPILED = "compiled"  # only the compiled loop has it


@dataclass(frozen=True)
class Range:
    """The values of a field that a study may try.

    Attributes:
        kind: ``int`` or ``float``.
        words: the accepted values, in the plural.
        low: the smallest value, itself accepted unless ``open_low``.
        below: every value is smaller than this.
    """

    kind: type
    words: str
    low: float
    open_low: bool = False
    below: float | None = None


COUNT = Range(int, "whole numbers from 1", 1)
POSITIVE = Range(float, "numbers above 0", 0, open_low=True)
STRENGTH = Range(float, "numbers from 0", 0)
SHARE = Range(float, "numbers in [0, 1)", 0, below=1)


@dataclass(frozen=True)
class Traits:
    """The metadata of a field.

    Attributes:
        traced: how the field enters the traced program.
        moves: the parts of the controls that an arm may move by changing the field.
        tunable: the values that ``nuisance`` may try; None where the field cannot be tuned.
        purpose: what the field is for.
        stated: whether a report names the field even at its default.
        words: how a value is written where an arm's changes are listed; None for numbers and words as they are.
    """

    traced: Traced = Traced.STRUCTURE
    moves: frozenset[Part] = frozenset()
    tunable: Range | None = None
    purpose: frozenset[Purpose] = frozenset()
    stated: bool = False
    words: Callable[[Any], str] | None = None


def declared(default: T, *, traced: Traced = Traced.STRUCTURE, moves: Iterable[Part] = (), tunable: Range | None = None,  # noqa: PLR0913
             purpose: Purpose | tuple[Purpose, ...] = (), stated: bool = False, words: Callable[[Any], str] | None = None) -> T:
    """Declare a field of a recipe's dataclass: its default and its :class:`Traits`.

    Args:
        default: leaves the field out of a run's identity; for most fields it means "off".
        traced, moves, tunable, purpose, stated, words: see :class:`Traits`.

    Example:
        >>> @dataclass(frozen=True)
        ... class Model:
        ...     dropout: float = declared(0.0, traced=Traced.NUMBER, purpose=Purpose.REGULARISE)
        >>> Model().dropout, traits(Model.__dataclass_fields__["dropout"]).traced.value
        (0.0, 'number')
    """
    purposes = frozenset({purpose} if isinstance(purpose, Purpose) else purpose)
    known = Traits(traced, frozenset(moves), tunable, purposes, stated, words)
    return field(default=default, metadata={Traits: known})


def traits(item: Field[Any]) -> Traits:
    """The traits of a dataclass' field.

    Raises:
        KeyError: the field was not :func:`declared`.
    """
    return item.metadata[Traits]


def fields_for(kind: Any, purpose: Purpose) -> tuple[str, ...]:
    """The names of a dataclass' own fields that serve a purpose.

    Example:
        >>> from dlbench.values.augmentation import Augmentation
        >>> fields_for(Augmentation, Purpose.MIX)
        ('mixup', 'cutmix')
    """
    return tuple(item.name for item in fields(kind) if purpose in traits(item).purpose)
