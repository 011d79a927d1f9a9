"""What a technique declares about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dlbench.values.recipe import Recipe

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
        return word[self.kind] + self._range() + (f" ({self.unit})" if self.unit else "")

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
        touches: dotted paths of the recipe fields it may change; a contract test holds it to them.
        apply: ``apply(recipe, **parameters) -> recipe``; pure.
        parameters: in the order in which they are shown.
        requires: what it needs of model or data: any of ``conv``, ``images``, ``colour``, ``flatten``,
            ``residual``, ``text``, ``validation``.
        formula: what it computes, in plain signs; empty where words say it better.
    """

    name: str
    family: str
    summary: str
    paper: Paper
    touches: tuple[str, ...]
    apply: Callable[..., Recipe]
    parameters: tuple[Parameter, ...] = ()
    requires: tuple[str, ...] = ()
    formula: str = ""

    def defaults(self) -> dict[str, Any]:
        """The parameters that have a default, and their defaults."""
        return {item.name: item.default for item in self.parameters if not item.required}
