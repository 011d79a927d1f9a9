"""The kernel micro-benchmarks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlbench.app.outcome import Outcome
from dlbench.bench.plugin import ROUNDS
from dlbench.bench.rows import LEGEND, Row, rows, tables
from dlbench.bench.run import measure
from dlbench.bench.steadiness import Steadiness, steadiness
from dlbench.cases import load
from dlbench.values.errors import InputError

SHIPPED = "dlbench.cases"
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Benched:
    """The kernels' times.

    Attributes:
        rows: one a case.
        steadiness: whether the machine kept its speed; None where no fixed work was timed.
    """

    rows: tuple[Row, ...]
    steadiness: Steadiness | None = None

    @property
    def matched(self) -> bool:
        """Whether any case but the machine's own rates was asked for."""
        return any(row.family != "machine" for row in self.rows)

    @property
    def wrong(self) -> tuple[Row, ...]:
        """The kernels of dlbench whose output is wrong, or that fail."""
        return tuple(row for row in self.rows if row.verdict in ("INCORRECT", "FAILED") and not row.peer)

    @property
    def outcome(self) -> Outcome:
        """Return the outcome that decides the exit code."""
        return Outcome(failed=self.matched and bool(self.wrong), nothing=not self.matched or not any(row.seconds for row in self.rows))

    @property
    def text(self) -> str:
        """A table a family, with a legend, and whether the machine kept its speed."""
        return "\n\n".join([tables(self.rows), LEGEND, *([self.steadiness.text] if self.steadiness else [])])


def bench(expression: str | None = None, file: Path | None = None, threads: int = CORES, rounds: int = ROUNDS,
          cases: Sequence[str] = (SHIPPED,)) -> Benched:
    """Check kernel cases against plain numpy and time them side by side.

    Args:
        expression: pytest's ``-k``; all cases where unset.
        file: where pytest-benchmark's JSON is written as well.
        threads: each library may use so many.
        rounds: how often each case is timed.
        cases: modules with a tuple ``CASES``, also below the working folder; the machine's rates are timed beside them.

    Raises:
        InputError: the expression, a module or the file's folder cannot be used.
    """
    if file is not None and not file.absolute().parent.is_dir():
        raise InputError(f"--json {file}: no such folder: {file.absolute().parent}")
    _require(cases)
    data = measure(expression, threads, rounds, cases)
    if file is not None:
        file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return Benched(tuple(rows(data)), steadiness(data))


def _require(cases: Sequence[str]) -> None:
    """Refuse modules that the measuring process cannot load. It finds modules in the working folder too."""
    if (folder := os.getcwd()) not in sys.path:
        sys.path.append(folder)
    for reference in cases:
        load(reference)
