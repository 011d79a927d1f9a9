"""Techniques as functions, for Python: each has the signature and the documentation of its declaration, and returns a study's table."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dlbench.techniques.declaration import Parameter, Technique
from dlbench.values.catalogue import Catalogue

Constructor = Callable[..., dict[str, Any]]


class Constructors(Mapping[str, Constructor]):
    """Name of a technique -> its constructor.

    Args:
        catalogue: of the techniques.

    Example:
        >>> from dlbench.techniques import CATALOGUE
        >>> dropout = Constructors(CATALOGUE)["dropout"]
        >>> dropout(rate=0.2), inspect.signature(dropout).parameters["place"].default
        ({'technique': 'dropout', 'rate': 0.2}, 'head')
    """

    def __init__(self, catalogue: Catalogue[Technique]) -> None:
        self.catalogue = catalogue

    def __getitem__(self, name: str) -> Constructor:
        for technique in self.catalogue:
            if technique.name == name:
                return constructor(technique)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (technique.name for technique in self.catalogue)

    def __len__(self) -> int:
        return sum(1 for _ in self.catalogue)


def constructor(technique: Technique) -> Constructor:
    """Return a function that takes a technique's parameters by name and returns the table of a study file.

    Values are checked when the study is planned; a list is a sweep.
    """
    signature = inspect.Signature([_parameter(item) for item in technique.parameters], return_annotation=dict)

    def construct(**parameters: Any) -> dict[str, Any]:
        try:
            return {"technique": technique.name, **signature.bind(**parameters).arguments}
        except TypeError as error:
            raise TypeError(f"{technique.name}(): {error}; it takes: {', '.join(signature.parameters) or 'nothing'}") from None

    names = {"__name__": technique.name, "__qualname__": technique.name}
    for name, value in (names | {"__doc__": _documentation(technique), "__signature__": signature}).items():
        setattr(construct, name, value)
    return construct


def _parameter(item: Parameter) -> inspect.Parameter:
    default = inspect.Parameter.empty if item.required else item.default
    return inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=item.kind)


def _documentation(technique: Technique) -> str:
    arguments = [f"    {item.name}: {item.doc}; {item.accepted()}." for item in technique.parameters]
    parts = [f"{technique.summary}.", technique.formula, "\n".join(["Args:", *arguments]) if arguments else "",
             f"Source: {technique.paper}."]
    return "\n\n".join(part for part in parts if part)
