"""Where a project says its cases are."""

from __future__ import annotations

import tomllib
from pathlib import Path

from dlbench.gate.measure import Source
from dlbench.values.errors import InputError, unknown

GROUP = "dlbench.cases"
"""Entry points of this group name a case, or a list of cases."""
KINDS = {"cases": "module", "pytest": "pytest"}
"""Key of the table ``[tool.dlbench.gate]`` -> kind of source."""


def declared(root: Path) -> tuple[Source, ...]:
    """What ``[tool.dlbench.gate]`` of a project's pyproject.toml names; its entry points where it names nothing.

    Raises:
        InputError: the file or the table is wrong.
    """
    found = [(KINDS[key], name) for key, names in _table(root / "pyproject.toml").items() for name in names]
    return tuple(found) or (("entry", GROUP),)


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
            wanted = "modules, such as [\"mine.cases\"]" if key == "cases" else "paths, such as [\"benchmarks\"]"
            raise InputError(f"{path.name}: [tool.dlbench.gate]: {key} = {names!r}; accepted: a list of {wanted}")
    return table
