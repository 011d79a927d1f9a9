"""What tells kinds of processor apart that have one name."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

BFLOAT16 = {"amx_bf16": "AMX", "avx512_bf16": "AVX512-BF16", "bf16": "BF16", "svebf16": "SVE-BF16"}
"""Flag of the processor -> name of the instructions."""


@cache
def processor() -> str:
    """Return 16 hexadecimal digits of the hash of the instructions that this machine's processor knows.

    Example:
        >>> len(processor())
        16
    """
    return hashlib.sha256(" ".join(sorted(_instructions())).encode()).hexdigest()[:16]


def bfloat16_instructions() -> tuple[str, ...]:
    """Return the names of the instructions for bfloat16 that this machine's processor says it has."""
    known = _instructions()
    return tuple(name for flag, name in BFLOAT16.items() if flag in known)


@cache
def _instructions() -> tuple[str, ...]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    known = next((line.partition(":")[2] for line in lines if line.startswith(("flags", "Features"))), platform.machine())
    return tuple(known.split())
