"""Suites: one run of the gate each, on two copies of this tree, kept as a line as soon as it ended."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.gate.cases import CASES, SLOWED
from dlbench.execution.environment import facts
from dlbench.gate.measure import Result, gate
from dlbench.gate.schedule import Settings
from dlbench.gate.sides import tree
from dlbench.gate.sources import Wanted
from dlbench.values.errors import InputError

ROOT = Path(__file__).parents[2]
SHARES = {"aa": 0.0, "injected": 0.10, "small": 0.03}
"""Kind of suite -> true slowdown of one case."""
BUSY_EVERY = 4
"""Every fourth A/A suite has a busy loop on one core."""
WANTED = Wanted((("module", "benchmarks.gate.cases"),))
MACHINE = ("cpu", "cores", "system", "python")


@dataclass(frozen=True)
class Suite:
    """One run of the gate.

    Attributes:
        kind: of :data:`SHARES`.
        number: within its kind, from 0.
    """

    kind: str
    number: int

    @property
    def slowed(self) -> str:
        """The case that is slower in this tree; they take turns. Empty for none."""
        return CASES[self.number % len(CASES)].name if SHARES[self.kind] else ""

    @property
    def busy(self) -> bool:
        """Whether one core has something else to do, always."""
        return self.kind == "aa" and self.number % BUSY_EVERY == BUSY_EVERY - 1


class Records:
    """The file of suites, one line of JSON each.

    Args:
        path: it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = []
        if path.is_file():
            self.rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def check(self, origin: Mapping[str, Any]) -> None:
        """Refuse to mix suites of other code or of another machine.

        Raises:
            InputError: the file has such suites.
        """
        for row in self.rows:
            if row["origin"] != origin:
                changed = ", ".join(key for key in origin if row["origin"].get(key) != origin[key])
                raise InputError(f"{self.path}: its suites were measured elsewhere ({changed}); give another --out, or remove that file")

    def missing(self, wanted: Mapping[str, int]) -> list[Suite]:
        """The suites that are not there yet, the kinds in turns so that they share the machine's hours.

        Example:
            >>> [(suite.kind, suite.number) for suite in Records(Path("none")).missing({"aa": 2, "small": 1})]
            [('aa', 0), ('small', 0), ('aa', 1)]
        """
        there = {(row["kind"], row["number"]) for row in self.rows}
        planned = [(number / count, kind, number) for kind, count in wanted.items() for number in range(count)]
        return [Suite(kind, number) for _, kind, number in sorted(planned) if (kind, number) not in there]

    def add(self, row: dict[str, Any]) -> None:
        """Keep a suite at once."""
        self.rows.append(row)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def origin() -> dict[str, Any]:
    """What all suites of a file have in common: the machine, the gate's code and the cases'. Both sides of a suite have the same
    kernels, whatever they are."""
    known = facts()
    return {**{name: known[name] for name in MACHINE}, "gate": digest("dlbench/gate", "dlbench/stats/nested.py"),
            "cases": digest("benchmarks/gate/cases.py", "benchmarks/gate/kernels.py")}


def digest(*parts: str) -> str:
    """8 hexadecimal digits of the SHA-256 of Python files."""
    state = hashlib.sha256()
    for part in parts:
        for path in sorted([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py")):
            state.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return state.hexdigest()[:8]


def copies(folder: Path) -> tuple[Path, Path]:
    """This tree's code, twice."""
    found = folder / "base", folder / "head"
    for copy in found:
        for part in ("dlbench", "benchmarks"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    return found


def measure(suite: Suite, trees: tuple[Path, Path], settings: Settings, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the gate once; its row."""
    variables = {SLOWED: f"{suite.slowed}={SHARES[suite.kind]}"} if suite.slowed else {}
    base, head = trees
    cores = sorted(os.sched_getaffinity(0))
    core = cores[suite.number // BUSY_EVERY % len(cores)] if suite.busy else None
    before = _processor_s()
    with _busy(core):
        result = gate(tree("base", base), tree("head", head, variables=variables), WANTED, settings, say)
    busy, ours, all_cores = (now - then for now, then in zip(_processor_s(), before))
    return row(suite, result, core, max(0.0, busy - ours) / all_cores)


def _processor_s() -> tuple[float, float, float]:
    """Seconds of all cores since the machine started: used by anybody, used by this process and those it waited for, and altogether."""
    seen, ours = psutil.cpu_times(), os.times()
    return sum(seen[:8]) - seen.idle - getattr(seen, "iowait", 0.0), sum(ours[:4]), sum(seen[:8])


def row(suite: Suite, result: Result, core: int | None, others: float) -> dict[str, Any]:
    """A suite as a line: each case's verdict, pairs, and log-ratio with its interval.

    Args:
        others: share of all cores' time that other programs of the machine used meanwhile; the busy loop is none of them.
    """
    return {
        "kind": suite.kind, "number": suite.number, "slowed": suite.slowed, "busy_core": core, "others": round(others, 3),
        "result": result.headline,
        "seconds": [round(part, 1) for part in result.seconds],
        "cases": [[case.name, case.verdict, len(case.pairs), *map(_number, (case.mean, case.low, case.high))] for case in result.rows],
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


@contextmanager
def _busy(core: int | None) -> Iterator[None]:
    """A loop that never rests, kept on one core."""
    if core is None:
        yield
        return
    code = f"import os\nif hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, {{{core}}})\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code]) as loop:
        try:
            yield
        finally:
            loop.kill()
