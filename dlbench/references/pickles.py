"""Functions in files, pickled: each file carries a seal of the user who wrote it on this machine, and none of anybody else is read."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlbench.references.cache import cache_dir
from dlbench.references.functions import packed, unpacked
from dlbench.values.errors import InputError

SEAL_BYTES = 32


def sealed(function: Callable[..., Any]) -> bytes:
    """Pickle a function, and what it closes over, with this user's seal: what a file for :func:`kept` holds."""
    content = packed(function)
    return _seal(content) + content


def kept(file: str | Path) -> Callable[..., Any]:
    """Read a function that was written as :func:`sealed` returns it, for the same user with the same cache folder.

    Raises:
        InputError: the file is missing, or was written by anybody else; nothing of it was run.

    Example:
        >>> kept("nowhere.pickle")
        Traceback (most recent call last):
        dlbench.values.errors.InputError: nowhere.pickle: No such file or directory; accepted: running the program that wrote it again
    """
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{os.path.basename(file)}: {error.strerror}; accepted: running the program that wrote it again") from None
    seal, content = content[:SEAL_BYTES], content[SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(content)):
        raise InputError(f"{os.path.basename(file)} was not written by you on this machine, and reading it would run what is in it; "
                         "accepted: running the program that wrote it again")
    return unpacked(content)


def _seal(content: bytes) -> bytes:
    return hmac.digest(_key(), content, "sha256")


def _key() -> bytes:
    """The user's own secret, made when it is first needed; nobody else can read it."""
    path = Path(cache_dir()) / f"seal-{os.getuid()}"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(SEAL_BYTES))
    except FileExistsError:
        pass
    return path.read_bytes()
