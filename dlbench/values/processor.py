"""What tells kinds of processor apart that have one name."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path


@cache
def processor() -> str:
    """Return 16 hexadecimal digits of the hash of the instructions that this machine's processor knows.

    Example:
        >>> len(processor())
        16
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    known = next((line.partition(":")[2] for line in lines if line.startswith(("flags", "Features"))), platform.machine())
    return hashlib.sha256(" ".join(sorted(known.split())).encode()).hexdigest()[:16]
