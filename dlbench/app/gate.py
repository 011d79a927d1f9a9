"""The gate: is this tree slower than another version of it, or does it train worse, since which commit, and how did it change over many?"""

from __future__ import annotations

import json
import pkgutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from dlbench.app.gate_training import NOTHING_TRAINED, Asked, train_gate
from dlbench.gate import builds, measure, sides
from dlbench.gate.answer import Found
from dlbench.gate.bisect import search
from dlbench.gate.history import add_entry, entry_of, read_history
from dlbench.gate.measure import Result
from dlbench.gate.pairs import Timer
from dlbench.gate.repository import commits_between, date_of, described, main_line
from dlbench.gate.rows import FAILING
from dlbench.gate.rules import Rules, rules_of
from dlbench.gate.schedule import FEWEST_PAIRS, Settings
from dlbench.gate.sides import Side
from dlbench.gate.sources import Wanted, declared
from dlbench.gate.trend import Trend, trends
from dlbench.values.errors import InputError
from dlbench.values.files import write

__all__ = ["Asked", "gate"]


@dataclass
class Setup:
    """What all measurements of one call have in common.

    Attributes:
        wanted: the cases.
        settings: how sure to be.
        rules: what the project says of its cases.
        folder: for trees.
        build: a command that prepares a tree; None for none.
        note: receives progress.
    """

    wanted: Wanted
    settings: Settings
    rules: Rules
    folder: Path
    build: str | None
    note: Callable[[str], None]
    built: dict[str, Side] = field(default_factory=dict)

    def prepared(self, side: Side) -> Side:
        """Build a version, once."""
        if self.build is not None and side.label not in self.built:
            self.built[side.label] = builds.built(side, self.build, self.folder, self.note)
        return self.built.get(side.label, side)

    def with_tests_of(self, tests: Side, side: Side) -> Side | None:
        """A version with the tests of another one; None where that changes nothing."""
        paths = [name for kind, name in self.wanted.sources if kind == "pytest"]
        place = Path(tempfile.mkdtemp(dir=self.folder))
        return sides.with_tests_of(tests, side, paths, place) if paths else None

    def run(self, base: Side, head: Side, own_tests: Side | None = None, names: Sequence[str] = ()) -> Result:
        """Measure two versions; cases of these names alone, where there are any."""
        wanted = replace(self.wanted, words=tuple(names)) if names else self.wanted
        return measure.gate(base, head, wanted, self.settings, self.note, own_tests, self.rules)


def gate(out: Path, note: Callable[[str], None], base: str | None = None, base_python: str | None = None,  # noqa: PLR0913
         modules: Sequence[str] = (), suites: Sequence[str] = (), words: Sequence[str] = (), min_effect: float = 0.05,
         budget_s: float | None = None, servers: int = 3, clock: str = "auto", base_exact: bool = False, build: str | None = None,
         undecided: str | None = None, python: str | None = None, min_memory: float = 0.10, bisect: str | None = None,
         history: Path | None = None, head: str | None = None, asked: Asked = NOTHING_TRAINED) -> Found:
    """Measure both versions side by side, train them where that is asked for, and write ``gate.json`` and ``gate.md``.

    Args:
        out: where the two files go.
        note: receives progress, a line each.
        base: the version to compare with: a git commit, branch or tag; what ``base_python`` has installed where unset.
        base_python: the base's interpreter; that of this tree where unset.
        modules: with ``CASES``; those that the project declares where neither these nor suites are named.
        suites: of pytest-benchmark.
        words: only cases whose name holds one of them.
        min_effect: the smallest change that matters, a share.
        budget_s: for measuring, once the servers have started; in proportion to the number of cases where unset.
        servers: on each side.
        clock: ``cpu``, ``wall``, or ``auto``: wall time of cases that mostly wait.
        base_exact: compare with ``base`` itself, not with the commit at which this branch left it.
        build: a command that prepares a version's tree, in the folder of that version.
        undecided: whether what stays open fails (``fail``), is warned of (``warn``), or passes (``pass``); unset, cases are warned of, and
            a training fails.
        min_memory: the smallest growth of memory or allocations that matters, a share.
        python: the interpreter of this tree, and of a ``base`` for which ``base_python`` names no other; this one where unset.
        bisect: ``BASE..HEAD`` in place of ``base``: find the first commit that fails.
        history: keeps what each gate found; with it, a page of the trends is written to ``gate/index.html``.
        head: the commit, branch or tag that is judged; this working tree where unset.
        asked: what is trained, if anything is; then speed is measured only where modules or suites are named.

    Raises:
        InputError: there is no base, no case or no such version, or a file cannot be read or written.
    """
    _check(base, base_python, base_exact, bisect, history, head)
    _check_training(asked, base, base_python, history if not (modules or suites) else None)
    sources = [*(("module", name) for name in modules), *(("pytest", path) for path in suites)]
    timed = bool(sources) or not asked.wanted
    wanted = Wanted(tuple(sources) or (declared(Path.cwd()) if timed else ()), tuple(words))
    settings = Settings(min_effect, servers=servers, rounds=-(-FEWEST_PAIRS // servers**2), budget_s=budget_s, timer=Timer(clock),
                        undecided=undecided or "warn", min_memory=min_memory)
    own, entries = sides.interpreter("--python", python) if python is not None else sys.executable, read_history(history) if history else []
    quality, result = None, None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dlbench-base-")))
        setup = Setup(wanted, settings, rules_of(Path.cwd()), folder, build, note)
        if bisect is not None:
            result = _bisected(setup, bisect, own)
        else:
            judged, other = _head(folder, head, own), _base(folder, base, base_python, base_exact, own, head or "HEAD")
            if asked.wanted:
                both = setup.prepared(other), setup.prepared(judged)
                quality = train_gate(asked, both, undecided or "fail", folder / "runs", note, python)
            if timed:
                result = _measured(setup, judged, other, base is not None)
                result = _remembered(result, (other, judged), history, entries, out, note) if history else result
    found = Found(result, quality)
    try:
        written = [write(out / "gate.json", json.dumps(found.as_json(), indent=1) + "\n"), write(out / "gate.md", found.markdown())]
    except OSError as error:
        raise InputError(f"--out {out}: {error.strerror}") from None
    note(f"written: {', '.join(map(str, written))}")
    return found


def _check_training(asked: Asked, base: str | None, base_python: str | None, history: Path | None) -> None:
    """Refuse options of a training that are missing or do not go together, and a base that is no tree."""
    asked.check()
    if asked.wanted and (base is None or base_python is not None):
        raise InputError("a training compares two trees; accepted: --base REF, without --base-python and --bisect")
    if asked.wanted and history is not None:
        raise InputError("--history keeps the speed of cases; accepted: with --cases or --pytest")


def _check(base: str | None, base_python: str | None, exact: bool, bisect: str | None, history: Path | None,  # noqa: PLR0913
           head: str | None) -> None:
    """Refuse options that do not go together."""
    if bisect is not None:
        named = {"--base": base, "--base-python": base_python, "--base-exact": exact or None, "--history": history,
                 "--head": head}
        if clash := [name for name, value in named.items() if value is not None]:
            raise InputError(f"--bisect and {clash[0]} do not go together; accepted: --bisect BASE..HEAD alone")
    elif base is None and base_python is None:
        raise InputError("gate: nothing to compare with; accepted: --base REF, --base-python PATH, both, or --bisect BASE..HEAD")
    elif history is not None and base is None:
        raise InputError("--history keeps changes between commits; accepted: with --base REF")


def _head(folder: Path, head: str | None, own: str) -> Side:
    return sides.working_tree(own) if head is None else sides.checked_out(head, Path(tempfile.mkdtemp(dir=folder)), own, option="--head")


def _base(folder: Path, base: str | None, base_python: str | None, exact: bool, own: str, branch: str) -> Side:  # noqa: PLR0913
    other = sides.installed(base_python) if base_python is not None else None
    if base is None:
        return other or sides.installed("")
    return sides.checked_out(base, folder, other.python if other else own, exact, branch=branch)


def _measured(setup: Setup, head: Side, other: Side, of_commit: bool) -> Result:
    setup.note(f"{head.label} against {other.label}")
    head, other = setup.prepared(head), setup.prepared(other) if of_commit else other
    laid = setup.with_tests_of(head, other) if of_commit else None
    return setup.run(laid or other, head, other if laid else None)


def _bisected(setup: Setup, span: str, own: str) -> Result:
    """Gate the last commit against the base, then find the first that fails, with the tests of the last one."""
    base, dots, head = span.partition("..")
    if not dots or not base or head.startswith("."):
        raise InputError(f"--bisect {span}: accepted: BASE..HEAD, such as v1.0..main (BASE.. for the current commit)")
    commits = commits_between(base, head or "HEAD")
    if not commits:
        raise InputError(f"--bisect {span}: no commit lies between the two; accepted: a BASE before HEAD")

    def version(name: str) -> Side:
        return setup.prepared(sides.checked_out(name, Path(tempfile.mkdtemp(dir=setup.folder)), own))

    old, last = version(base), version(commits[-1])
    setup.note(f"{last.label} against {old.label}, {len(commits)} commits")
    laid = setup.with_tests_of(last, old)
    result = setup.run(laid or old, last, old if laid else None)
    failing = [row.name for row in result.rows if row.verdict in FAILING]

    def judge(place: int, names: Sequence[str]) -> dict[str, str]:
        commit = version(commits[place])
        setup.note(f"{described(commits[place])}: {len(names)} case{'s' * (len(names) != 1)} of {len(failing)}")
        found = setup.run(laid or old, setup.with_tests_of(last, commit) or commit, None, names)
        return {row.name: row.verdict for row in found.rows}

    told = [one.told(commits, described) for one in search(len(commits), failing, judge)] if failing else []
    return replace(result, remarks=tuple(map(_culprit, told)), more={"bisect": told})


def _culprit(found: dict) -> str:
    open_ = f", or one of the {len(found['undecided'])} before it that could not be decided" if found["undecided"] else ""
    return f"{found['case']}: fails since {found['described']}{open_}"


def _remembered(result: Result, commits: tuple[Side, Side], history: Path, entries: list, out: Path,  # noqa: PLR0913
                note: Callable[[str], None]) -> Result:
    """Add the gate to the history, and say what the history shows; the page of the trends is written."""
    base, head = commits
    if not head.commit:
        note("warning: --history gets no line, for this tree has changes that are not committed")
    elif not result.reason:
        entry = entry_of(result, (base.commit, head.commit), date_of(head.commit))
        add_entry(history, entry)
        entries = [*entries, entry]
    found = trends(entries, main_line(), result.settings.min_effect)
    render = pkgutil.resolve_name("dlbench.report.trend:render")  # drawing takes a second to import
    page = write(out / "gate" / "index.html", render(found, result.settings.min_effect, str(history)))
    note(f"written: {page}")
    remarks = [f"over the history, {text}" for trend in found for text in trend.notable]
    return replace(result, remarks=(*result.remarks, *remarks), more={**result.more, "history": list(map(_as_json, found))})


def _as_json(trend: Trend) -> dict:
    total = trend.total
    return {"case": trend.name, "commits": len(trend.levels), "beyond": trend.beyond,
            "total": total and {"since": total.since, "until": total.until, "log_ratio": round(total.change, 6),
                                "low": round(total.low, 6), "high": round(total.high, 6)},
            "drifts": [drift.text for drift in trend.drifts]}
