"""The gate as a whole: start the servers of both sides, look at their cases, measure, and say what came out."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dlbench.execution.environment import facts
from dlbench.gate.rows import FAILING, MEASURED, VERDICTS, Row
from dlbench.gate.schedule import Schedule, Settings
from dlbench.gate.servers import Broken, Server
from dlbench.gate.sides import Side
from dlbench.gate.survey import Listing, match
from dlbench.values.errors import InputError

SCHEMA = 1
Source = tuple[str, str]
"""``module`` (``package.module`` with ``CASES``), ``entry`` (a group of entry points) or ``pytest`` (the path of a pytest-benchmark
suite), and its name."""
MACHINE = ("python", "system", "cpu", "cores")


@dataclass(frozen=True)
class Wanted:
    """Which cases are measured.

    Attributes:
        sources: where cases come from.
        words: a case's name has to hold one of them; any name where there are none.
    """

    sources: tuple[Source, ...]
    words: tuple[str, ...] = ()

    def request(self) -> dict[str, Any]:
        """What a server is told."""
        return {"sources": [list(source) for source in self.sources], "words": list(self.words)}


@dataclass(frozen=True)
class Result:
    """What came out.

    Attributes:
        base, head: labels of the sides.
        rows: of every case of either side, the worst verdict first.
        settings: how it was measured.
        seconds: that starting the servers and measuring took.
        reason: why nothing could be measured; empty where something was.
    """

    base: str
    head: str
    rows: tuple[Row, ...]
    settings: Settings
    seconds: tuple[float, float]
    reason: str = ""

    def having(self, *verdicts: str) -> list[Row]:
        """The rows with one of these verdicts."""
        return [row for row in self.rows if row.verdict in verdicts]

    @property
    def code(self) -> int:
        """The exit code: 0 no regression, 1 regression (or wrong, or crashed), 4 nothing measured."""
        return 1 if self.having(*FAILING) else 0 if self.having(*MEASURED) else 4

    @property
    def headline(self) -> str:
        """The answer in one line."""
        failing, measured = self.having(*FAILING), self.having(*MEASURED, "undecided")
        if failing:
            counts = [f"{len(found)} {verdict}" for verdict in FAILING if (found := self.having(verdict))]
            return f"FAILED: {', '.join(counts)}, of {len(measured) + len(failing) - len(self.having('regression'))} cases"
        if self.code == 4:
            return f"nothing measured: {self.reason or 'no case was decided; a larger --budget may help'}"
        undecided = len(self.having("undecided"))
        decided = len(measured) - undecided
        return f"no regression in {decided} case{'s' * (decided != 1)}" + (f"; {undecided} undecided" if undecided else "")

    def as_json(self) -> dict[str, Any]:
        """Everything, for ``gate.json``."""
        known = facts()
        return {
            "schema": SCHEMA, "result": self.headline, "exit_code": self.code, "base": self.base, "head": self.head,
            "settings": {**asdict(self.settings), "pairs": self.settings.pairs}, "machine": {name: known[name] for name in MACHINE},
            "start_s": round(self.seconds[0], 1), "measure_s": round(self.seconds[1], 1),
            "cases": [row.as_json() for row in self.rows],
        }


def gate(base: Side, head: Side, wanted: Wanted, settings: Settings, say: Callable[[str], None]) -> Result:
    """Measure two versions side by side.

    Args:
        base: what it is compared with.
        head: what is judged.
        wanted: the cases.
        settings: how sure to be, and for how long.
        say: told of progress, line by line.

    Raises:
        InputError: this tree has no such cases.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dlbench-gate-") as folder, _started((base, head), wanted, settings, Path(folder)) as sides:
        say(f"starting {settings.servers} servers on each side")
        rows, reason = _rows(sides, head.root)
        ready = time.monotonic()
        if not reason:
            Schedule(sides, settings, Path(folder), say).run(rows)
        rows.sort(key=lambda row: list(VERDICTS).index(row.verdict))
        return Result(base.label, head.label, tuple(rows), settings, (ready - began, time.monotonic() - ready), reason)


@contextmanager
def _started(sides: Sequence[Side], wanted: Wanted, settings: Settings, folder: Path) -> Iterator[tuple[list[Server], list[Server]]]:
    """All servers, starting side by side; they are ended with the context."""
    with ExitStack() as stack:
        started: tuple[list[Server], list[Server]] = ([], [])
        for number in range(settings.servers):
            for side, servers, name in zip(sides, started, ("base", "head")):
                servers.append(Server(side, number, folder / f"{name}-{number}", wanted.request()))
                stack.callback(servers[-1].close)
        yield started


def _rows(sides: tuple[list[Server], list[Server]], root: Path) -> tuple[list[Row], str]:
    """A row for each case, and why none can be measured."""
    try:
        head = _listing(sides[1])
    except Broken as error:
        if error.missing:
            raise InputError(f"this tree's cases: {error}") from None
        return [Row("the cases themselves", "crashed", str(error))], "this tree's cases cannot be imported"
    if not head:
        raise InputError("this tree has no such cases; accepted: --cases MODULE, --pytest PATH, or [tool.dlbench.gate] in pyproject.toml")
    try:
        base = _listing(sides[0])
    except Broken as error:
        return match({}, head), f"the base has no cases: {error}"
    rows = match(base, head)
    if _same_code(base, head) and sides[0][0].side.python == sides[1][0].side.python:
        return rows_without_verdict(rows), f"both sides load the same files, none of them below {root.name}"
    return rows, "" if any(not row.verdict for row in rows) else "no case can be run on both sides"


def _listing(servers: list[Server]) -> Listing:
    """The cases of a side, once all of its servers have them."""
    first, *_ = [server.cases() for server in servers]
    return first


def rows_without_verdict(rows: list[Row]) -> list[Row]:
    """Rows of a gate that compares a version with itself."""
    for row in rows:
        row.verdict = row.verdict or "not run"
    return rows


def _same_code(base: Listing, head: Listing) -> bool:
    """Whether every case that both have is prepared by one and the same file."""
    files = {(os.path.realpath(base[name]["file"]), os.path.realpath(case["file"])) for name, case in head.items() if name in base}
    return bool(files) and all(old == new for old, new in files)
