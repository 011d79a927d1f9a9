"""Where a results folder lies: whether it can be written, and whether SQLite's write-ahead log works there."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from dlbench.values.errors import InputError

NETWORK = frozenset(
    "9p afpfs afs beegfs ceph cifs davfs glusterfs gpfs lustre ncpfs nfs nfs4 smb2 smb3 smbfs webdav".split())
"""File systems that other machines write to: what SQLite's write-ahead log keeps in shared memory is not seen by those."""


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    folder = Path(folder).absolute()
    return next(place for place in (folder, *folder.parents) if os.path.exists(place))


def file_system(folder: Path) -> str:
    """The type of the file system that a folder lies on; empty where it cannot be told.

    Example:
        >>> file_system(Path("/proc"))
        'proc'
    """
    place = os.path.realpath(existing(folder))
    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    holding = [mount for mount in mounts if os.path.commonpath([mount, place]) == mount]
    return mounts[max(holding, key=len)] if holding else ""


def is_network(kind: str) -> bool:
    """Whether a type of file system is shared between machines, also where it is mounted by a program (``fuse.sshfs``)."""
    return kind in NETWORK or (kind.startswith("fuse.") and kind not in ("fuse.fuse-overlayfs", "fuse.portal"))


def check_writable(folder: Path) -> None:
    """Make sure that results can be written to a folder, before anything is paid for.

    Raises:
        InputError: they cannot.
    """
    place = existing(folder)
    if not place.is_dir():
        raise InputError(f"{folder}: cannot be written: {place} is a file; choose another --out")
    if not os.access(place, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        why = "its file system is read-only" if os.statvfs(place).f_flag & os.ST_RDONLY else "no permission to write there"
        raise InputError(f"{folder}: cannot be written: {why}; choose another --out")
