"""A program of the user's own that a run carries out: its words, what an arm sets in them, and how its result is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dlbench.values.field import Traced, declared

PARAMETERS, ENVIRONMENT = "command.parameters", "command.env"


@dataclass(frozen=True)
class Command:
    """The words of a program with placeholders such as ``{seed}``, what fills them, and how its result is read.

    Attributes:
        run: the words; none where a recipe is trained by another engine.
        parameters: name and value of each, sorted.
        flags: words that are added, sorted; each entry may be several.
        env: variables that are set for it, sorted.
        score_pattern: a regular expression whose named groups are scores in a line of its output; empty where it writes them.
        reads: where else its scores are read from, such as ``csv:log.csv``; empty for nowhere.
        alone: whether a run has the machine to itself, so that its time can be compared.
        repeat: which repetition of the same run this is, for the test whether a run can be repeated.
    """

    run: tuple[str, ...] = declared((), traced=Traced.OUTSIDE)
    parameters: tuple[tuple[str, Any], ...] = declared((), traced=Traced.OUTSIDE)
    flags: tuple[str, ...] = declared((), traced=Traced.OUTSIDE)
    env: tuple[tuple[str, str], ...] = declared((), traced=Traced.OUTSIDE)
    score_pattern: str = declared("", traced=Traced.OUTSIDE)
    reads: str = declared("", traced=Traced.OUTSIDE)
    alone: bool = declared(False, traced=Traced.OUTSIDE)
    repeat: int = declared(0, traced=Traced.OUTSIDE)


def by_name(changes: Mapping[str, tuple[Any, Any]]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield changed fields of a recipe, with one entry for each parameter and variable of a command.

    Example:
        >>> dict(by_name({PARAMETERS: ((("lr", 0.1), ("rate", 0.0)), (("lr", 0.1), ("rate", 0.5)))}))
        {'command.parameters.rate': (0.0, 0.5)}
    """
    for path, (old, new) in changes.items():
        if path not in (PARAMETERS, ENVIRONMENT):
            yield path, (old, new)
            continue
        before, after = dict(old), dict(new)
        for name in before | after:
            if (pair := (before.get(name), after.get(name)))[0] != pair[1]:
                yield f"{path}.{name}", pair


def field_name(path: str) -> str:
    """Name a recipe field where it is shown; those of commands as the user knows them.

    Example:
        >>> field_name("command.parameters.rate"), field_name("model.dropout")
        ('rate', 'model.dropout')
    """
    for prefix in (f"{PARAMETERS}.", f"{ENVIRONMENT}.", "command."):
        if path.startswith(prefix):
            return path.removeprefix(prefix)
    return path
