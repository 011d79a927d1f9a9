"""A store's file and where it lies: how it is opened, copied and set aside, whether it can be written, and whether SQLite's write-ahead
log works there.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import psutil

from dlbench.values.errors import InputError
from dlbench.values.files import inside

NETWORK = frozenset(
    "9p afpfs afs beegfs ceph cifs davfs glusterfs gpfs lustre ncpfs nfs nfs4 smb2 smb3 smbfs webdav".split())
"""File systems that other machines write to: what SQLite's write-ahead log keeps in shared memory is not seen by those."""


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    folder = Path(folder).absolute()
    return next(path for path in (folder, *folder.parents) if os.path.exists(path))


def file_system(folder: Path) -> str:
    """The type of the file system that a folder lies on; empty where it cannot be told.

    Example:
        >>> file_system(Path("/proc"))
        'proc'
    """
    path = os.path.realpath(existing(folder))
    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    holding = [mount for mount in mounts if os.path.commonpath([mount, path]) == mount]
    return mounts[max(holding, key=len)] if holding else ""


def is_network(kind: str) -> bool:
    """Whether a type of file system is shared between machines, also where it is mounted by a program (``fuse.sshfs``)."""
    return kind in NETWORK or (kind.startswith("fuse.") and kind not in ("fuse.fuse-overlayfs", "fuse.portal"))


def check_writable(folder: Path) -> None:
    """Make sure that results can be written to a folder, before anything is paid for.

    Raises:
        InputError: they cannot.
    """
    path = existing(folder)
    if not path.is_dir():
        raise InputError(f"{folder}: cannot be written: {path} is a file; choose another --out")
    if not os.access(path, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        why = "its file system is read-only" if os.statvfs(path).f_flag & os.ST_RDONLY else "no permission to write there"
        raise InputError(f"{folder}: cannot be written: {why}; choose another --out")


def connect(path: Path, write: bool) -> sqlite3.Connection:
    """Open a store's file: for writing with a write-ahead log where the file system can hold one; else for reading alone."""
    for name in (*(part.name for part in parts(path)[0 if write else 1:]), f"{path.name}-journal"):
        inside(path.parent, name)
    address = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
    if not write and not os.access(path.parent, os.W_OK):
        log = parts(path)[1]
        if log.exists() and log.stat().st_size > 0:
            raise InputError(f"{path.parent}: cannot be read in a folder that cannot be written, for a run is under way or was killed; "
                             "copy the folder to where it can be written, and read the copy")
        address += "&immutable=1"  # nobody can write there, so SQLite need not look for one who does
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    try:
        if write:
            connection.execute(f"PRAGMA journal_mode={'DELETE' if is_network(file_system(path.parent)) else 'WAL'}")
            connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def remove_empty_log(path: Path) -> None:
    """Have SQLite remove the empty log, and its index, that a reader leaves beside a store which nobody else has open."""
    log = parts(path)[1]
    if log.is_file() and not log.stat().st_size and os.access(path, os.W_OK):
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=0)) as last:
            last.execute("PRAGMA schema_version")


def copy_to(connection: sqlite3.Connection, path: Path) -> None:
    """Copy a store's file atomically."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        connection.backup(copy)
    part.rename(path)


def set_aside(path: Path, word: str) -> Path | None:
    """Rename a store, so that another can take its place and nothing is lost.

    Args:
        path: of the store.
        word: what the new name says of it; see :func:`free_name`.

    Returns:
        Where it is now; None where there was nothing.
    """
    if not path.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:  # a damaged file is set aside as it is, with its log
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    target = free_name(path, word)
    for part, new in reversed(list(zip(parts(path), parts(target)))):  # the store itself last: it is there or aside, whenever killed
        if part.exists():
            part.rename(new)
    return target


def free_name(path: Path, word: str) -> Path:
    """The first of results.WORD1.sqlite, results.WORD2.sqlite and so on that is not taken."""
    names = (path.with_name(f"{path.stem}.{word}{number}{path.suffix}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())


def parts(path: Path) -> tuple[Path, Path, Path]:
    """A store's file, its write-ahead log and that log's index."""
    return path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
