"""One writer a results folder: a lock that goes with its process, however that ends, and that says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from dlbench.store.files import check_writable, file_system, is_network
from dlbench.values.errors import InputError
from dlbench.values.files import inside

FILE = ".lock"
POLL_S = 0.2


@contextmanager
def hold(folder: Path, waiting: Callable[[str], None] | None = None) -> Iterator[tuple[str, ...]]:
    """Hold a results folder for writing.

    Args:
        folder: created where it is not there, and then removed again where nothing was written to it.
        waiting: told once who holds the folder, which is then waited for; None: not waited for.

    Yields:
        What is worth a line: that the last holder died without letting go, or that the folder lies on a network file system.

    Raises:
        InputError: another process holds it, its lock is somebody else's file, or locks or writing are not possible there.
    """
    check_writable(folder)
    created = [path for path in (folder, *folder.parents) if not path.exists()]
    lock = _acquire(folder, waiting)
    previous = _holder(lock)
    if previous and not _is_ours(lock):
        os.close(lock)
        raise InputError(f"{folder / FILE} is no lock of dlbench's, and is left alone ({previous[:40]!r}); choose another --out, or "
                         "remove it")
    try:
        _write(lock)
        yield tuple(_notes(folder, previous))
    finally:
        _release(folder, lock, created)


def held(folder: Path) -> bool:
    """Whether a living process has its name in a folder's lock, as far as can be seen from here; it is not touched."""
    try:
        facts = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if facts["host"] == platform.node():
            os.kill(facts["pid"], 0)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return isinstance(error, PermissionError)
    return True


def _acquire(folder: Path, waiting: Callable[[str], None] | None) -> int:
    said = False
    while True:
        lock = _opened(folder)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_current(lock, folder):
                return lock
        except BlockingIOError:
            holder = _holder(lock) or "another process"
            if waiting is None:
                raise InputError(f"{folder}: {holder} is writing to this folder; wait for it (--wait), or choose another --out") from None
            if not said:
                waiting(holder)
            said = True
            time.sleep(POLL_S)
        except OSError as error:
            os.close(lock)
            raise InputError(f"{folder}: no file can be locked on its file system ({file_system(folder) or 'of unknown type'}: "
                             f"{error.strerror}), so two runs could write at once; choose an --out on a local disk") from None
        os.close(lock)


def _opened(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(inside(folder, FILE), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}; choose another --out") from None


def _is_current(lock: int, folder: Path) -> bool:
    """Whether the file that was locked is the one that others find: its last holder may have removed it meanwhile."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(lock), os.stat(folder / FILE))
    return False


def _write(lock: int) -> None:
    facts = {"pid": os.getpid(), "host": platform.node(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps(facts).encode(), 0)


def _holder(lock: int) -> str:
    """Who wrote its name into the lock; empty where nobody did."""
    text = os.pread(lock, 1000, 0).decode(errors="replace").strip()
    try:
        facts = json.loads(text)
        return f"dlbench, process {facts['pid']} on {facts['host']}, since {facts['since']},"
    except (ValueError, KeyError, TypeError):
        return " ".join(text.split())[:100]


def _is_ours(lock: int) -> bool:
    """Whether the text in a lock was written by dlbench, or is what a crash left of it."""
    return os.pread(lock, 7, 0).startswith((b'{"pid"', b"\0"))


def _notes(folder: Path, previous: str) -> Iterator[str]:
    if previous:
        yield f"{folder}: taken over from {previous} which ended without letting go; what it had finished is kept"
    if is_network(kind := file_system(folder)):
        yield (f"{folder} lies on a network file system ({kind}): results are written with SQLite's slower rollback journal; "
               "a local disk is safer")


def _release(folder: Path, lock: int, created: list[Path]) -> None:
    with suppress(OSError):
        (folder / FILE).unlink()
        for path in created:
            path.rmdir()
    os.close(lock)
