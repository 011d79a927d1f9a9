"""Starts the process that measures, with its threads pinned before anything is imported, and reads what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dlbench.engines.protocol import engine_named
from dlbench.values.errors import InputError

NOTHING_RAN = 5
WRONG_USAGE = 4
ALWAYS = "copy or sgemm or fixed"
"""The rates of the machine, which shares are of, and the fixed work that stored files are compared by."""
INTERRUPTED = 2


def environment(threads: int) -> dict[str, str]:
    """The variables that hold every library of the measuring process to a number of threads."""
    count = str(threads)
    pinned = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "TF_NUM_INTRAOP_THREADS",
              "TF_NUM_INTEROP_THREADS", "OPENCV_FOR_THREADS_NUM")
    return {**os.environ, **engine_named().variables, **dict.fromkeys(pinned, count), "NO_ALBUMENTATIONS_UPDATE": "1", "PYTEST_ADDOPTS": ""}


def measure(expression: str | None, threads: int, rounds: int, cases: Sequence[str]) -> dict[str, Any]:
    """Check and time kernel cases in a process of their own.

    Args:
        expression: pytest's ``-k``; None for all.
        threads: each library may use.
        rounds: how often each case is timed.
        cases: references of modules with a tuple ``CASES``.

    Returns:
        pytest-benchmark's JSON; its key ``dlbench`` says what was not timed, and why.

    Raises:
        InputError: the expression is not one.
    """
    with tempfile.TemporaryDirectory(prefix="dlbench-bench-") as folder:
        file = Path(folder) / "found.json"
        arguments = [f"--benchmark-json={file}", f"--rounds={rounds}", *(f"--cases={reference}" for reference in cases)]
        arguments += ["-k", f"({expression}) or {ALWAYS}"] if expression is not None else []
        command = [sys.executable, "-m", "dlbench.bench", *arguments]
        ended = subprocess.run(command, env=environment(threads), check=False)
        if ended.returncode == WRONG_USAGE:
            raise InputError(f"-k {expression!r}: not an expression that pytest understands; example: -k 'augment and not 224'")
        if ended.returncode == INTERRUPTED:
            raise KeyboardInterrupt
        if not file.is_file():
            return {"benchmarks": [], "dlbench": {"untimed": []}}
        return json.loads(file.read_text(encoding="utf-8"))
