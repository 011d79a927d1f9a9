"""The gate as a whole: start the servers of both sides, match their cases, measure, and judge."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from dlbench.execution.environment import facts
from dlbench.gate.layout import shared
from dlbench.gate.memory import weigh
from dlbench.gate.rows import DECIDED, FAILING, OPEN, VERDICTS, Row
from dlbench.gate.rules import Rules
from dlbench.gate.schedule import Schedule, Settings, budget
from dlbench.gate.servers import Broken, Server
from dlbench.gate.sides import Side
from dlbench.gate.sources import Wanted
from dlbench.gate.survey import Listing, match
from dlbench.gate.why import explain
from dlbench.values.errors import InputError

SCHEMA = 1
UNRULED = Rules()
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
        remarks: what else was found, such as the commit that made a case slower; a sentence each.
        more: of that, what a program reads: keys of ``gate.json``.
    """

    base: str
    head: str
    rows: tuple[Row, ...]
    settings: Settings
    seconds: tuple[float, float]
    reason: str = ""
    remarks: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def machine(self) -> dict[str, Any]:
        """What it was measured on."""
        known = facts()
        return {name: known[name] for name in MACHINE}

    def _count(self, *verdicts: str) -> int:
        return sum(row.verdict in verdicts for row in self.rows)

    @property
    def unbuilt(self) -> tuple[Row, ...]:
        """Cases that the base could not import."""
        return tuple(row for row in self.rows if row.verdict == "not run" and row.reason.startswith("at the base"))

    @property
    def code(self) -> int:
        """The exit code: 0 no regression, 1 regression (or wrong, or crashed), 4 nothing measured, or the base cannot run a case."""
        if self._count(*FAILING) or (self.settings.undecided == "fail" and self._count(*OPEN)):
            return 1
        return 4 if self.reason or self.unbuilt or not any(row.pairs for row in self.rows) else 0

    @property
    def headline(self) -> str:
        """The answer in one line."""
        named = () if self.settings.undecided == "pass" else OPEN
        open_ = [f"{count} {verdict}" for verdict in named if (count := self._count(verdict))]
        faster = [f"{count} {verdict}" for verdict in ("accepted", "faster") if (count := self._count(verdict))]
        changed = sum(row.output.startswith("changed") for row in self.rows)
        more = [*faster, *open_, *([f"{changed} with another output"] if changed else [])]
        if self.code == 1:
            counts = [f"{count} {verdict}" for verdict in FAILING if (count := self._count(verdict))]
            return f"FAILED: {', '.join([*counts, *more])}, of {self._count(*FAILING, *DECIDED[1:], *OPEN)} cases"
        if self.code == 4:
            return f"nothing measured: {self.reason or self._why_nothing()}"
        decided = self._count(*DECIDED)
        return "; ".join([f"no regression in {decided} case{'s' * (decided != 1)}", *more])

    def _why_nothing(self) -> str:
        if self.unbuilt:
            return f"the base cannot run {len(self.unbuilt)} of the cases ({self.unbuilt[0].reason}); --build COMMAND prepares it"
        reasons = [row.reason for row in self.rows if row.reason]
        return f"no case was measured ({reasons[0]})" if reasons else "no case was measured"

    def as_json(self) -> dict[str, Any]:
        """The content of ``gate.json``."""
        return {
            "schema": SCHEMA, "result": self.headline, "exit_code": self.code, "base": self.base, "head": self.head,
            "settings": {**asdict(self.settings), "pairs": self.settings.pairs}, "machine": self.machine,
            "start_s": round(self.seconds[0], 1), "measure_s": round(self.seconds[1], 1),
            "cases": [row.as_json() for row in self.rows], **self.more,
        }


def gate(base: Side, head: Side, wanted: Wanted, settings: Settings, say: Callable[[str], None],  # noqa: PLR0913
         own_tests: Side | None = None, rules: Rules = UNRULED) -> Result:
    """Measure two versions side by side.

    Args:
        base: the version that is compared with.
        head: the version that is judged.
        wanted: the cases.
        settings: how sure to be, and for how long.
        say: receives lines of progress.
        own_tests: the base with tests of its own, for where those of the head, which ``base`` has then, cannot be imported.
        rules: what the project says of its cases.

    Raises:
        InputError: the judged tree has no such cases.
    """
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dlbench-gate-")))
        say(f"starting {settings.servers} servers on each side")
        heads, bases = (stack.enter_context(_started(side, wanted, settings.servers, folder / name))
                        for side, name in ((head, "head"), (base, "base")))
        listed = _head_cases(heads, head.root)
        if isinstance(listed, Row):
            return Result(base.label, head.label, (listed,), settings, (time.monotonic() - began, 0.0), "")
        if own_tests and _fails(bases, listed):
            say("the base cannot import this tree's tests, so it runs its own")
            bases = stack.enter_context(_started(own_tests, wanted, settings.servers, folder / "own"))
        rows, reason = _rows(bases, heads, listed)
        ready = time.monotonic()
        settings = replace(settings, budget_s=settings.budget_s or budget(sum(not row.verdict for row in rows)))
        rules.set_limits(rows)
        for text in rules.unused([row.name for row in rows]) if not wanted.words else ():
            say(f"warning: {text}")
        _judge(rows, Schedule((bases, heads), settings, folder, say), rules, timed=not reason)
        return Result(base.label, head.label, tuple(rows), settings, (ready - began, time.monotonic() - ready), reason)


def _judge(rows: list[Row], schedule: Schedule, rules: Rules, timed: bool) -> None:
    """Give each row its verdict: by its time where that is measured, by the project's rules, and by its memory; the worst comes first."""
    settings, say, left = schedule.settings, schedule.say, sum(not row.verdict for row in rows)
    if timed:
        say(f"at most {settings.budget_s:.0f} s for {left} case{'s' * (left != 1)}")
        schedule.run(rows)
    rules.settle(rows, date.today())
    weigh(rows, (schedule.base, schedule.head), settings.min_memory, settings.timer.limit_s, say)
    rules.quieten(rows)
    slower = [row for row in rows if row.verdict == "regression"]
    explain(slower, schedule.base[0], schedule.head[0], settings.timer.limit_s, say)
    rows.sort(key=lambda row: list(VERDICTS).index(row.verdict))


@contextmanager
def _started(side: Side, wanted: Wanted, number: int, folder: Path) -> Iterator[list[Server]]:
    """Start the servers of a side; they end with the context."""
    with ExitStack() as stack:
        servers = []
        for each in range(number):
            servers.append(Server(side, each, folder / str(each), asdict(wanted)))
            stack.callback(servers[-1].close)
        yield servers


def _head_cases(heads: list[Server], root: Path) -> Listing | Row:
    """This tree's cases; a row that says why there are none where they cannot be imported."""
    try:
        listed = _cases(heads)
    except Broken as error:
        if error.missing:
            raise InputError(f"this tree's cases: {error}") from None
        return Row("the cases themselves", "crashed", str(error))
    if not listed:
        raise InputError("this tree has no such cases; accepted: --cases MODULE, --pytest PATH, or [tool.dlbench.gate] in pyproject.toml")
    return listed


def _fails(bases: list[Server], head: Listing) -> bool:
    """Whether the base cannot import what the head can."""
    try:
        listed = _cases(bases)
    except Broken:
        return True
    return any(case["problem"] and not head.get(name, {}).get("problem") for name, case in listed.items())


def _rows(bases: list[Server], heads: list[Server], head: Listing) -> tuple[list[Row], str]:
    """A row for each case, and why none can be measured."""
    try:
        base = _cases(bases)
    except Broken as error:
        return match({}, head), f"the base has no cases: {error}"
    rows = match(base, head)
    for row in rows:
        if row.base_name:
            for server in bases:
                server.names[row.name] = row.base_name
    sides = bases[0].side, heads[0].side
    tests = {os.path.realpath(case["file"]) for case in head.values() if case["file"]}
    reason = shared(bases[0].modules, heads[0].modules, (sides[0].root, sides[1].root), tests)
    if not reason and _same_code(base, head) and sides[0].python == sides[1].python:
        reason = f"both sides load the same files, none of them below {sides[1].root.name}"
    if reason:
        for row in rows:
            row.verdict = row.verdict or "not run"
        return rows, reason
    if any(not row.verdict for row in rows):
        return rows, ""
    reasons = [row.reason for row in rows if row.reason]
    return rows, "no case can be run on both sides" + (f": {reasons[0]}" if reasons else "")


def _cases(servers: list[Server]) -> Listing:
    """The cases of a side, once all of its servers have imported them; a name that one of them lacks cannot be run."""
    first, *others = [server.cases() for server in servers]
    lacking = [name for name in first if not all(name in other for other in others)]
    unsteady = {name: {**first[name], "problem": "its name differs from server to server"} for name in lacking}
    return first | unsteady


def _same_code(base: Listing, head: Listing) -> bool:
    """Whether every case that both sides have is prepared by one and the same file."""
    files = {(os.path.realpath(base[name]["file"]), os.path.realpath(case["file"])) for name, case in head.items() if name in base}
    return bool(files) and all(old == new for old, new in files)
