"""Starts the process that measures, with its number of threads set before anything is imported, and reads its results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dlbench.engines.protocol import engine_named
from dlbench.values.errors import InputError

ALWAYS = "copy or sgemm or fixed"
"""The cases of every session: the machine's rates, and the fixed work that makes stored files comparable."""
SUITE = Path(__file__).with_name("suite.py")
PYTEST = (sys.executable, "-m", "pytest", str(SUITE), "-q", "-s", "-W", "ignore", "-c", os.devnull, "--rootdir", str(SUITE.parent),
          "--import-mode=importlib", "-p", "no:cacheprovider", "-p", "dlbench.bench.plugin", "--benchmark-enable", "--benchmark-quiet")


def environment(threads: int) -> dict[str, str]:
    """Return the variables that limit every library of the measuring process to a number of threads."""
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "TF_NUM_INTRAOP_THREADS",
              "TF_NUM_INTEROP_THREADS", "OPENCV_FOR_THREADS_NUM")
    others = {"NO_ALBUMENTATIONS_UPDATE": "1", "PYTEST_ADDOPTS": ""}
    return {**os.environ, **engine_named().variables, **dict.fromkeys(limits, str(threads)), **others}


def measure(expression: str | None, threads: int, rounds: int, cases: Sequence[str]) -> dict[str, Any]:
    """Check and time kernel cases in a process of their own, which shows progress, and its output only where pytest itself cannot run.

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
        code = _run([*PYTEST, *arguments], environment(threads), Path(folder) / "log.txt")
        if code == pytest.ExitCode.USAGE_ERROR:
            raise InputError(f"-k {expression!r}: not an expression that pytest understands; example: -k 'augment and not 224'")
        if code == pytest.ExitCode.INTERRUPTED:
            raise KeyboardInterrupt
        if not file.is_file():
            return {"benchmarks": [], "dlbench": {"untimed": []}}
        return json.loads(file.read_text(encoding="utf-8"))


def _run(command: Sequence[str], variables: dict[str, str], log: Path) -> int:
    """Run pytest with its output in a file and our standard error for its progress; return its exit code."""
    with log.open("wb") as output, os.fdopen(os.dup(2), "wb") as progress:
        code = subprocess.run(command, env={**variables, "DLBENCH_PROGRESS": str(progress.fileno())}, pass_fds=[progress.fileno()],
                              stdout=output, stderr=output, check=False).returncode
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        sys.stderr.write(log.read_text(encoding="utf-8", errors="replace"))
    return code
