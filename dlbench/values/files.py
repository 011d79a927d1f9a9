"""Files that are written wholly or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write(path: Path, text: str) -> Path:
    """Write a text file, in UTF-8 with Unix line ends, atomically, so that nobody reads half of it; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as stream:
            stream.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return path


def remembered(path: Path, make: Callable[[], Any]) -> Any:
    """Return the JSON value that a file holds; where there is no file, make the value and write it first.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> remembered(folder / "sum.json", lambda: 1 + 1), remembered(folder / "sum.json", lambda: 0)
        (2, 2)
    """
    if not path.is_file():
        write(path, json.dumps(make()))
    return json.loads(path.read_text(encoding="utf-8"))


def _umask() -> int:
    """The process' file mode mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
