"""Study files as text, and dictionaries as the text of a study file."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, cast

from dlbench.values.errors import InputError

MOST_CHARACTERS = 2**22
"""Characters of the largest study file that is read; a study of 10,000 arms has a fifth of them."""
MOST_KEY = 1000
LONG_KEY = re.compile(rf"^[ \t]*\[*[ \t]*[\w.\- \t]{{{MOST_KEY + 1},}}", re.MULTILINE)
"""A bare or dotted key longer than that, for which the parser would need time that grows with the square of its length."""


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
        return f"[{', '.join(map(toml, cast(list[Any], value)))}]"
    if isinstance(value, dict):
        table = cast(dict[str, Any], value)
        return f"{{ {', '.join(f'{_key(key)} = {toml(item)}' for key, item in table.items() if item is not None)} }}"
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
    """Read the text of a study file; a byte order mark, which some editors write first, is left out.

    Raises:
        InputError: it cannot be read, or is larger than a study file ever is.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(MOST_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"{path}: is no study file: it has over {MOST_CHARACTERS:,} characters")
    return text


def parsed(name: str, text: str) -> dict[str, Any]:
    """Parse a TOML document.

    Raises:
        InputError: it is not valid TOML, or nests, numbers or names things beyond what any study does.

    Example:
        >>> parsed("x.toml", "seeds = 3")
        {'seeds': 3}
    """
    if LONG_KEY.search(text):
        raise InputError(f"{name}: a key has over {MOST_KEY:,} characters; accepted: the keys that docs/study.md lists")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{name}: lists or tables are nested too deeply; accepted: the keys that docs/study.md lists") from None
    except ValueError as error:  # TOML's own errors, and numbers with more digits than Python takes
        raise InputError(f"{name}: not valid TOML: {str(error).partition('; use sys.')[0]}") from None
