"""The gate as a whole: start the servers of both sides, match their cases, measure, and judge."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dlbench.execution.environment import facts
from dlbench.gate.rows import FAILING, MEASURED, VERDICTS, Row
from dlbench.gate.schedule import Schedule, Settings
from dlbench.gate.servers import Broken, Server
from dlbench.gate.sides import Side
from dlbench.gate.sources import Wanted
from dlbench.gate.survey import Listing, match
from dlbench.values.errors import InputError

SCHEMA = 1
MACHINE = ("python", "system", "cpu", "cores")


@dataclass(frozen=True)
class Result:
    """The verdicts of a gate.

    Attributes:
        base, head: labels of the sides.
        rows: one of every case of either side, the worst verdict first.
        settings: how it was measured.
        seconds: that starting the servers took, and measuring.
        reason: why nothing could be measured; empty where something was.
    """

    base: str
    head: str
    rows: tuple[Row, ...]
    settings: Settings
    seconds: tuple[float, float]
    reason: str = ""

    def _count(self, *verdicts: str) -> int:
        return sum(row.verdict in verdicts for row in self.rows)

    @property
    def code(self) -> int:
        """The exit code: 0 no regression, 1 regression (or wrong, or crashed), 4 nothing measured."""
        return 1 if self._count(*FAILING) else 0 if self._count(*MEASURED) else 4

    @property
    def headline(self) -> str:
        """The answer in one line."""
        decided, undecided = self._count(*MEASURED), self._count("undecided")
        if self.code == 1:
            counts = ", ".join(f"{count} {verdict}" for verdict in FAILING if (count := self._count(verdict)))
            return f"FAILED: {counts}, of {self._count(*FAILING, *MEASURED) + undecided} cases"
        if self.code == 4:
            return f"nothing measured: {self.reason or 'no case was decided; a larger --budget may help'}"
        return f"no regression in {decided} case{'s' * (decided != 1)}" + (f"; {undecided} undecided" if undecided else "")

    def as_json(self) -> dict[str, Any]:
        """The content of ``gate.json``."""
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
        base: the version that is compared with.
        head: the version that is judged.
        wanted: the cases.
        settings: how sure to be, and for how long.
        say: receives lines of progress.

    Raises:
        InputError: the judged tree has no such cases.
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
def _started(sides: tuple[Side, Side], wanted: Wanted, settings: Settings, folder: Path) -> Iterator[tuple[list[Server], list[Server]]]:
    """Start all servers side by side; they end with the context."""
    with ExitStack() as stack:
        started: tuple[list[Server], list[Server]] = ([], [])
        for number in range(settings.servers):
            for side, servers, name in zip(sides, started, ("base", "head")):
                servers.append(Server(side, number, folder / f"{name}-{number}", asdict(wanted)))
                stack.callback(servers[-1].close)
        yield started


def _rows(sides: tuple[list[Server], list[Server]], root: Path) -> tuple[list[Row], str]:
    """A row for each case, and why none can be measured."""
    try:
        head = _cases(sides[1])
    except Broken as error:
        if error.missing:
            raise InputError(f"this tree's cases: {error}") from None
        return [Row("the cases themselves", "crashed", str(error))], "this tree's cases cannot be imported"
    if not head:
        raise InputError("this tree has no such cases; accepted: --cases MODULE, --pytest PATH, or [tool.dlbench.gate] in pyproject.toml")
    try:
        base = _cases(sides[0])
    except Broken as error:
        return match({}, head), f"the base has no cases: {error}"
    rows = match(base, head)
    if _same_code(base, head) and sides[0][0].side.python == sides[1][0].side.python:
        for row in rows:
            row.verdict = row.verdict or "not run"
        return rows, f"both sides load the same files, none of them below {root.name}"
    return rows, "" if any(not row.verdict for row in rows) else "no case can be run on both sides"


def _cases(servers: list[Server]) -> Listing:
    """The cases of a side, once all of its servers have imported them."""
    cases, *_ = [server.cases() for server in servers]
    return cases


def _same_code(base: Listing, head: Listing) -> bool:
    """Whether every case that both sides have is prepared by one and the same file."""
    files = {(os.path.realpath(base[name]["file"]), os.path.realpath(case["file"])) for name, case in head.items() if name in base}
    return bool(files) and all(old == new for old, new in files)
