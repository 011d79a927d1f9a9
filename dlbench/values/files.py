"""Files that are written wholly or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from dlbench.values.errors import InputError


def write(path: Path, text: str) -> Path:
    """Write a text file, in UTF-8 with the line ends of the text, as :func:`save` does."""
    return save(path, lambda stream: stream.write(text.encode("utf-8", errors="replace")))


def save(path: Path, fill: Callable[[IO[bytes]], Any]) -> Path:
    """Have a file written atomically, so that nobody reads half of it; its folder is made.

    Args:
        path: of the file.
        fill: writes its content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(handle)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return path


def inside(folder: Path, *names: str) -> Path:
    """Return a path in a folder that dlbench writes to.

    Raises:
        InputError: the path, or a folder on the way to it, is a link, through which something elsewhere would be written; or it is there
            and neither a file of this name alone nor a folder.
    """
    path = folder
    for name in names:
        path = path / name
        if path.is_symlink():
            raise InputError(f"{path} is a link to {os.readlink(path)}, and nothing is written through links out of a folder; remove it")
    status = path.lstat() if path.exists() else None
    if status is not None and stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
        raise InputError(f"{path} has another name too (a hard link), and what that one means is not overwritten; remove it")
    if status is not None and not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise InputError(f"{path} is neither a file nor a folder; remove it")
    return path


def remembered(path: Path, make: Callable[[], Any]) -> Any:
    """Return the JSON value that a file holds; where it is missing or damaged, make the value and keep it there if that is possible.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> remembered(folder / "sum.json", lambda: 1 + 1), remembered(folder / "sum.json", lambda: 0)
        (2, 2)
    """
    value = recalled(path)
    return keep(path, make()) if value is None else value


def recalled(path: Path) -> Any | None:
    """Return the JSON value that :func:`keep` wrote; None where there is none, or not the one that was written."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept["value"] if kept["sha256"] == _seal(kept["value"]) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def keep(path: Path, value: Any) -> Any:
    """Write a JSON value with its hash, and return it as :func:`recalled` would; where the disk takes nothing, it is not kept."""
    with suppress(OSError):
        write(path, sealed(value))
    return json.loads(json.dumps(value))


def sealed(value: Any) -> str:
    """Return the text of a JSON value with its hash, from which :func:`recalled` reads it."""
    return json.dumps({"value": value, "sha256": _seal(value)})


def _seal(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _umask() -> int:
    """The process' file mode mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
