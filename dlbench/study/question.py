"""What every study file asks alike, whatever its engine: designs, and names of arms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from dlbench.study.schema import CONFIRM, DESIGNS, MOST_SCREENED, SCREENING, SIDE_BY_SIDE, DesignKeys
from dlbench.study.study import Entry
from dlbench.values.errors import InputError, unknown


def designs(where: str, design: str | list[str]) -> tuple[str, ...]:
    """The designs of a study, screening being a fractional one; an unknown one, or two that do not go together, is an InputError."""
    names = [design] if isinstance(design, str) else design
    for name in names:
        if name not in DESIGNS:
            raise InputError(f"{where}: {unknown('design', name, DESIGNS)}")
    if len(names) != 1 and sorted(names) != sorted(SIDE_BY_SIDE):
        raise InputError(f"{where}: design = {names}: accepted: one of {', '.join(DESIGNS)}, or {list(SIDE_BY_SIDE)} side by side")
    return ("fractional",) if names == [SCREENING] else tuple(names) if len(names) == 1 else SIDE_BY_SIDE


def screening(where: str, keys: DesignKeys, entries: Sequence[Entry]) -> bool:
    """Whether a study confirms what a fractional design finds; of too many arms, an InputError."""
    if keys.design not in (SCREENING, [SCREENING]):
        return False
    if len(entries) > MOST_SCREENED:
        raise InputError(f"{where}: design = '{SCREENING}': accepted: up to {MOST_SCREENED} arms, got {len(entries)}")
    return True


def resolution(where: str, keys: DesignKeys) -> int | None:
    """The resolution of a fractional design; None for the others. A study that confirms may keep the key from the one that chose."""
    screens = keys.design in (SCREENING, [SCREENING])
    fractional = screens or keys.design in ("fractional", ["fractional"])
    confirms = keys.design in (CONFIRM, [CONFIRM])
    if keys.resolution is not None and not fractional and not confirms:
        raise InputError(f"{where}: resolution = {keys.resolution}: accepted with design = 'fractional' only")
    return (keys.resolution or (4 if screens else 3)) if fractional else None


def kept(where: str, keys: DesignKeys, entries: Sequence[Entry]) -> tuple[str, ...]:
    """The arms whose changes a study confirms together; none for other designs.

    Raises:
        InputError: they are not named, or not as the study names them; or the design is another.
    """
    names, known = tuple(keys.keep or ()), [entry.name for entry in entries]
    if keys.design not in (CONFIRM, [CONFIRM]):
        if names:
            raise InputError(f"{where}: keep = {list(names)}: accepted with design = '{CONFIRM}' only")
        return ()
    if not names:
        raise InputError(f"{where}: design = '{CONFIRM}': keep is missing; accepted: a list of names of arms, such as {known[:2]}")
    for name in names:
        if name not in known:
            raise InputError(f"{where}: keep: {unknown('arm', name, known)}")
    return names


def with_parameters(head: str, parameters: dict[str, Any]) -> str:
    """A name followed by parameters.

    Example:
        >>> with_parameters("dropout", {"rate": 0.5, "on": True})
        'dropout rate=0.5 on=true'
    """
    return " ".join([head, *(f"{key}={_value_text(value)}" for key, value in parameters.items())])


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(_value_text, cast(list[Any], value)))
    return f"{value:g}" if isinstance(value, float) else str(value)
