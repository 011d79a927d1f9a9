"""Measure and write ``reports/scale.md``.

``python -m benchmarks.scale --runs 100 1000 10000 100000 --out reports/scale.md``
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import psutil

from benchmarks.scale.document import document
from benchmarks.scale.measure import measure
from benchmarks.scale.study import SHAPES
from dlbench.execution.environment import facts

REPORT = Path("reports/scale.md")


def main(arguments: list[str] | None = None) -> None:
    """Measure every size and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Cost per run against the number of runs.")
    parser.add_argument("--runs", type=int, nargs="+", default=list(SHAPES), help=f"sizes (default {' '.join(map(str, SHAPES))})")
    parser.add_argument("--out", type=Path, default=REPORT, help=f"report to write (default {REPORT})")
    chosen = parser.parse_args(arguments)
    sizes = sorted(set(chosen.runs))
    known = _facts(sizes)
    table = measure(sizes)
    text = document(table, known, psutil.virtual_memory().total)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text, encoding="utf-8")
    print(f"{chosen.out} written", file=sys.stderr)


def _facts(sizes: list[int]) -> dict[str, str]:
    here = facts()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "Command": f"`python -m benchmarks.scale --runs {' '.join(map(str, sizes))}`",
        "Commit": commit or "unknown", "Date": f"{datetime.now(UTC):%Y-%m-%d}",
        "Machine": f"{here['cpu']}, {here['cores']} logical cores, {here['memory_gib']} GiB",
        "Load": f"{os.getloadavg()[0]:.1f} runnable processes of others at the start; wall times include waiting for them",
        "Versions": f"Python {here['python']}, " + ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "pandas", "scipy")),
        "n": f"one study of each size: {', '.join(f'{runs:,}' for runs in sizes)} runs",
    }


if __name__ == "__main__":
    main()
