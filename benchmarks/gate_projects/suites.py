"""Suites: one call of ``dlbench gate`` each, on two commits of a project, kept as a line as soon as it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from benchmarks.gate.suites import MACHINE, ROOT, Records, digest
from benchmarks.gate_projects.projects import Project, projects
from dlbench.execution.environment import facts

SLOWER = (100, 200, 300)
"""Rows of 1000 that the slower versions do twice: 10, 20 and 30 %."""
FASTER = 250
"""Rows of 1000 that the base of a speed-up does twice: without them it is 20 % faster."""
COUNTS = {"aa": 3, "slower": 3, "faster": 1, "changed": 1}
"""Kind of suite -> how many of each project."""
GIT = {f"GIT_{who}_{what}": "dlbench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
LIMIT_S = 1200.0
IN_LANE = "import os, sys; os.sched_setaffinity(0, map(int, sys.argv.pop(1).split(','))); from dlbench.__main__ import main; main()"
"""Starts dlbench on cores of its own."""


@dataclass(frozen=True)
class Suite:
    """One call of the gate.

    Attributes:
        project: that it is about.
        kind: of :data:`COUNTS`.
        number: within project and kind, from 0.
    """

    project: Project
    kind: str
    number: int

    @property
    def versions(self) -> tuple[tuple[int, str], tuple[int, str]]:
        """Rows of 1000 that are done twice, and the mark of the outputs, of base and head.

        Example:
            >>> Suite(projects()[0], "slower", 1).versions
            ((0, ','), (200, ','))
        """
        again = {"slower": (0, SLOWER[self.number % len(SLOWER)]), "faster": (FASTER, 0)}.get(self.kind, (0, 0))
        return (again[0], ","), (again[1], ";;" if self.kind == "changed" else ",")

    @property
    def share(self) -> float:
        """The true change of the target, a share."""
        (before, _), (after, _) = self.versions
        return (1000 + after) / (1000 + before) - 1

    @property
    def key(self) -> tuple[str, str, int]:
        """Names it in the records."""
        return self.project.name, self.kind, self.number


def origin() -> dict[str, Any]:
    """What all suites of a file have in common: the machine, the gate's code, and the projects'."""
    known = facts()
    return {**{name: known[name] for name in MACHINE}, "gate": digest("dlbench/gate", "dlbench/app/gate.py", "dlbench/stats/nested.py"),
            "projects": digest("benchmarks/gate_projects/projects.py")}


def missing(records: Records, counts: dict[str, int]) -> list[Suite]:
    """The suites that are not there yet; the kinds take turns, so that they share the machine's hours."""
    there = {(row["project"], row["kind"], row["number"]) for row in records.rows}
    planned = [(number / count, Suite(project, kind, number)) for kind, count in counts.items() for number in range(count)
               for project in projects()]
    return [suite for _, suite in sorted(planned, key=lambda pair: pair[0]) if suite.key not in there]


def lanes(number: int) -> list[list[int]]:
    """Groups of cores, one for each gate that runs at a time; neighbours, for they may be one core with two threads.

    Example:
        >>> len(lanes(1))
        1
    """
    cores = sorted(os.sched_getaffinity(0))
    size = max(1, len(cores) // number)
    return [cores[start : start + size] for start in range(0, size * min(number, len(cores)), size)]


def measure_all(suites: Sequence[Suite], records: Records, width: int, say: Callable[[str], None]) -> None:
    """Run suites, as many at a time as there are lanes, and keep each at once."""
    free: SimpleQueue[list[int]] = SimpleQueue()
    for cores in (found := lanes(width)):
        free.put(cores)
    common, lock, stop = origin(), threading.Lock(), threading.Event()

    def one(suite: Suite) -> None:
        if stop.is_set():
            return
        with _lane(free) as cores:
            row = measure(suite, cores)
        with lock:
            records.add({**row, "lanes": len(found), "origin": common})
            say(f"{len(records.rows)}: {' '.join(map(str, suite.key))}, {row['seconds']:.0f} s: {row['result']}")

    with ThreadPoolExecutor(len(found)) as pool:
        try:
            for future in [pool.submit(one, suite) for suite in suites]:
                future.result()
        except BaseException:
            stop.set()
            raise


@contextmanager
def _lane(free: SimpleQueue[list[int]]) -> Iterator[list[int]]:
    cores = free.get()
    try:
        yield cores
    finally:
        free.put(cores)


def measure(suite: Suite, cores: Sequence[int]) -> dict[str, Any]:
    """Write two commits of a project, call the gate on cores of its own, and return its row."""
    with tempfile.TemporaryDirectory(prefix="dlbench-project-") as name:
        root = Path(name)
        _git(root, "init", "-q", "-b", "main")
        for again, mark in suite.versions:
            suite.project.write(root, again, mark)
            _git(root, "add", ".")
            _git(root, "commit", "-q", "--allow-empty", "-m", "a version")
        began = time.monotonic()
        ended = _gate(root, suite.project.options, cores)
        path = root / "gate.json"
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"result": _last(ended.stderr), "cases": []}
    return {"project": suite.project.name, "kind": suite.kind, "number": suite.number, "share": round(suite.share, 4),
            "code": ended.returncode, "result": found["result"], "seconds": round(time.monotonic() - began, 1),
            "cases": [[case["name"], case["verdict"], len(case["confirmed"] or case["screened"]), case["ratio"], case["low"], case["high"],
                       case["output"].partition(":")[0], case["reason"][:120]] for case in found["cases"]]}


def _gate(root: Path, options: Sequence[str], cores: Sequence[int]) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    command = [sys.executable, "-c", IN_LANE, ",".join(map(str, cores)), "gate", "--base", "HEAD~1", "--base-exact", *options]
    return subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False, timeout=LIMIT_S)


def _last(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no message")[:300]


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, env={**os.environ, **GIT}, check=True, capture_output=True)
