"""Which cases are measured, and where a project says that they are."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from dlbench.values.errors import InputError, unknown

GROUP = "dlbench.cases"
"""Entry points of this group name a case, or a list of cases."""
KINDS = {"cases": "module", "pytest": "pytest"}
"""Key of the table ``[tool.dlbench.gate]`` -> kind of source."""
Source = tuple[str, str]
"""``module`` (``package.module`` with ``CASES``), ``entry`` (a group of entry points) or ``pytest`` (the path of a pytest-benchmark
suite), and its name."""


@dataclass(frozen=True)
class Wanted:
    """Which cases are measured.

    Attributes:
        sources: where cases come from.
        words: texts of which a case's name contains at least one; without any, every case is measured.
    """

    sources: tuple[Source, ...]
    words: tuple[str, ...] = ()


def declared(root: Path) -> tuple[Source, ...]:
    """Return the sources that ``[tool.dlbench.gate]`` of a project's pyproject.toml names; its entry points where it names none.

    Raises:
        InputError: the file or the table is wrong.
    """
    named = tuple((KINDS[key], name) for key, names in _table(root / "pyproject.toml").items() for name in names)
    return named or (("entry", GROUP),)


def _table(path: Path) -> dict[str, list[str]]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("dlbench", {}).get("gate", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise InputError(f"{path.name}: {error}") from None
    for key, names in table.items():
        if key not in KINDS:
            raise InputError(f"{path.name}: [tool.dlbench.gate]: {unknown('key', key, KINDS)}")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            accepted = "modules, such as [\"mine.cases\"]" if key == "cases" else "paths, such as [\"benchmarks\"]"
            raise InputError(f"{path.name}: [tool.dlbench.gate]: {key} = {names!r}; accepted: a list of {accepted}")
    return table
