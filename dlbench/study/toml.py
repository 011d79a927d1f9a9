"""Study files as text, and dictionaries as the text of a study file."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from dlbench.values.errors import InputError


def toml(value: Any) -> str:
    """A value as TOML, on one line.

    Raises:
        InputError: TOML has no such value.

    Example:
        >>> toml({"technique": "dropout", "rate": [0.2, 0.5], "on": True})
        '{ technique = "dropout", rate = [0.2, 0.5], on = true }'
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {toml(item)}' for key, item in value.items() if item is not None)} }}"
    raise InputError(f"study: {value!r}: accepted: text, numbers, true or false, lists and tables")


def document(table: dict[str, Any]) -> str:
    """A table as a TOML document; keys whose value is None are left out.

    Example:
        >>> print(document({"margin": 0.01, "seeds": None, "arms": [{"technique": "flip"}]}), end="")
        margin = 0.01
        arms = [{ technique = "flip" }]
    """
    return "".join(f"{_key(key)} = {toml(value)}\n" for key, value in table.items() if value is not None)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise InputError(f"study: key {key!r}: accepted: text")
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else toml(key)


def read(path: Path) -> str:
    """The text of a study file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def parsed(name: str, text: str) -> dict[str, Any]:
    """The table that a TOML document is.

    Raises:
        InputError: it is not valid TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: not valid TOML: {error}") from None
