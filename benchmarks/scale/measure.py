"""Each size in a process of its own, so that memory and caches of one are not those of the next."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd


def measure(sizes: list[int]) -> pd.DataFrame:
    """Drive and report a study of each size; one row a size, seconds and bytes."""
    rows = []
    for runs in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "study"
            driven = json.loads(_python("-m", "benchmarks.scale.drive", str(runs), str(folder))[0])
            _, wall_s, usage = _python("-m", "dlbench", "report", str(folder))
            rows.append(driven | {"report_s": wall_s, "report_cpu_s": usage.ru_utime + usage.ru_stime,
                                  "report_peak_bytes": usage.ru_maxrss * 1024})
            print(f"{runs} runs: {rows[-1]}", file=sys.stderr)
    return pd.DataFrame(rows)


def _python(*arguments: str) -> tuple[str, float, resource.struct_rusage]:
    """What a Python process printed, its wall seconds, and what it used.

    Raises:
        RuntimeError: it failed.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([sys.executable, *arguments], stdout=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: exit code {process.returncode}")
        return said.read(), time.perf_counter() - started, usage
