"""What a technique declares about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from dlbench.values.recipe import Recipe, edit

REQUIRED = object()
"""The default of a parameter that a study must state."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a technique, as a study file writes it.

    Attributes:
        name: the key in the study file.
        kind: ``float``, ``int``, ``bool``, ``str`` or ``list`` (of int).
        doc: what it is, one line.
        default: the value where a study names none; :data:`REQUIRED` where it must.
        low, high: the accepted range, both ends included unless ``open_low`` or ``open_high``.
        unit: of the value; empty where it has none.
        choices: the accepted words of a ``str``, or numbers of an ``int``.
        example: a value for the contract and the documentation; what a study must state needs one, unless its first choice will do.
        sets: dotted path of the recipe field that takes the value; empty where the technique's own function uses it.
        classes: whether it is a list of classes, which may be stated by their names.
    """

    name: str
    kind: type
    doc: str
    default: Any = REQUIRED
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    unit: str = ""
    choices: tuple[str | int, ...] = ()
    example: Any = None
    sets: str = ""
    classes: bool = False

    @property
    def required(self) -> bool:
        """Whether a study must state it."""
        return self.default is REQUIRED

    def accepted(self) -> str:
        """The accepted values, in words.

        Example:
            >>> Parameter("rate", float, "share of units dropped", low=0, high=1, open_low=True, open_high=True).accepted()
            'a number in (0, 1)'
        """
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        word = {float: "a number", int: "a whole number", bool: "true or false", str: "text", list: "a list of whole numbers"}
        names = ", or of names of classes" if self.classes else ""
        return word[self.kind] + self._range() + names + (f" ({self.unit})" if self.unit else "")

    def _range(self) -> str:
        if self.low is None and self.high is None:
            return ""
        left = "(" if self.open_low or self.low is None else "["
        right = ")" if self.open_high or self.high is None else "]"
        low, high = ("-∞" if self.low is None else f"{self.low:g}"), ("∞" if self.high is None else f"{self.high:g}")
        return f" in {left}{low}, {high}{right}"


@dataclass(frozen=True)
class Paper:
    """Where a technique comes from."""

    authors: str
    title: str
    year: int
    link: str

    def __str__(self) -> str:
        return f"{self.authors}, “{self.title}”, {self.year}, {self.link}"


@dataclass(frozen=True)
class Technique:
    """A declaration and the pure function that applies it.

    Attributes:
        name: as a study file writes it.
        family: the chapter it belongs to.
        summary: what it does, one line.
        paper: its source.
        touches: dotted paths of the recipe fields it may change; a contract test holds it to them. By default those that its
            parameters set.
        apply: ``apply(recipe, **parameters) -> recipe``; pure. By default each parameter goes into the field that it sets.
        parameters: in the order in which they are shown.
        requires: what it needs of model or data: any of ``classes``, ``labels`` (classes or labels),
            ``several`` (labels an example), ``categories`` (words of a table that are embedded), ``conv``, ``images``, ``sequences``,
            ``signals`` (images or sequences), ``colour``, ``flatten``, ``residual``, ``spectrogram``, ``text``, ``validation``,
            ``one_input``.
        formula: what it computes, empty where words say it better. All share one notation: x an image or input, y a target,
            w weights, g their gradient, η the learning rate, t the share of the steps done, h an activation, z logits, p a
            prediction, U uniform random numbers, ⊙ the product by element.

    Example:
        >>> paper = Paper("A. Krogh, J. A. Hertz", "A simple weight decay can improve generalization", 1991, "https://…")
        >>> strength = Parameter("strength", float, "the factor", 1e-3, sets="regularization.l2")
        >>> penalty = Technique("l2", "regularisation", "Penalise λ·Σw²", paper, parameters=(strength,))
        >>> penalty.touches, penalty.apply(Recipe(), strength=0.1).regularization.l2
        (('regularization.l2',), 0.1)
    """

    name: str
    family: str
    summary: str
    paper: Paper
    touches: tuple[str, ...] = ()
    apply: Callable[..., Recipe] = field(default=cast(Any, None))
    parameters: tuple[Parameter, ...] = ()
    requires: tuple[str, ...] = ()
    formula: str = ""

    def __post_init__(self) -> None:
        """Derive what the parameters already say."""
        sets = {item.name: item.sets for item in self.parameters if item.sets}
        object.__setattr__(self, "touches", self.touches or tuple(sets.values()))
        object.__setattr__(self, "apply", self.apply or partial(_set, sets))

    def defaults(self) -> dict[str, Any]:
        """The parameters that have a default, and their defaults."""
        return {item.name: item.default for item in self.parameters if not item.required}


def _set(sets: Mapping[str, str], recipe: Recipe, **parameters: Any) -> Recipe:
    return edit(recipe, **{sets[name]: value for name, value in parameters.items()})
