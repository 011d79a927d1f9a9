"""The gate: is this tree slower than another version of it, or does it train worse, since which commit, and how did it change over many?"""

from __future__ import annotations

import json
import pkgutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dlbench.app.gate_request import Measures, Versions
from dlbench.app.gate_training import NOTHING_TRAINED, Asked, train_gate
from dlbench.gate import builds, measure, sides
from dlbench.gate.answer import Found
from dlbench.gate.bisect import search
from dlbench.gate.history import add_entry, entry_of, read_history
from dlbench.gate.measure import Result
from dlbench.gate.quality import Quality
from dlbench.gate.repository import commits_between, date_of, described, main_line
from dlbench.gate.rows import FAILING
from dlbench.gate.rules import Rules, rules_of
from dlbench.gate.schedule import Settings
from dlbench.gate.sides import Side
from dlbench.gate.sources import Wanted
from dlbench.gate.trend import Trend, trends
from dlbench.values.errors import InputError
from dlbench.values.files import write

__all__ = ["Asked", "Measures", "Versions", "gate"]


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


def gate(out: Path, note: Callable[[str], None], versions: Versions, measures: Measures, asked: Asked = NOTHING_TRAINED,  # noqa: PLR0913
         history: Path | None = None) -> Found:
    """Measure both versions side by side, train them where that is asked for, and write ``gate.json`` and ``gate.md``.

    Args:
        out: where the two files go.
        note: receives progress, a line each.
        versions: which are compared, or the span in which the first commit that fails is searched.
        measures: which cases are measured, and how sure the answer has to be.
        asked: what is trained, if anything is; then speed is measured only where modules or suites are named.
        history: keeps what each gate found; with it, a page of the trends is written to ``gate/index.html``.

    Raises:
        InputError: there is no base, no case or no such version, or a file cannot be read or written.
    """
    versions.check(history)
    _check_training(asked, versions, history if not measures.named else None)
    timed = bool(measures.named) or not asked.wanted
    wanted, settings = measures.wanted() if timed else Wanted(()), measures.settings()
    entries = read_history(history) if history else []
    with tempfile.TemporaryDirectory(prefix="dlbench-base-") as folder:
        setup = Setup(wanted, settings, rules_of(Path.cwd()), Path(folder), measures.build, note)
        if versions.bisect is not None:
            return _written(Found(_bisected(setup, versions.bisect, versions.interpreter)), out, note)
        base, head = versions.sides(setup.folder)
        quality = _trained(setup, (base, head), asked, measures.undecided, versions.python) if asked.wanted else None
        result = _measured(setup, head, base, versions.base is not None) if timed else None
        if result and history:
            result = _remembered(result, (base, head), history, entries, out, note)
    return _written(Found(result, quality), out, note)


def _check_training(asked: Asked, versions: Versions, history: Path | None) -> None:
    """Refuse options of a training that are missing or do not go together, and a base that is no tree."""
    asked.check()
    if asked.wanted and (versions.base is None or versions.base_python is not None):
        raise InputError("a training compares two trees; accepted: --base REF, without --base-python and --bisect")
    if asked.wanted and history is not None:
        raise InputError("--history keeps the speed of cases; accepted: with --cases or --pytest")


def _written(found: Found, out: Path, note: Callable[[str], None]) -> Found:
    """Write what was found as ``gate.json`` and ``gate.md``."""
    try:
        written = [write(out / "gate.json", json.dumps(found.as_json(), indent=1) + "\n"), write(out / "gate.md", found.markdown())]
    except OSError as error:
        raise InputError(f"--out {out}: {error.strerror}") from None
    note(f"written: {', '.join(map(str, written))}")
    return found


def _trained(setup: Setup, pair: tuple[Side, Side], asked: Asked, undecided: str | None, python: str | None) -> Quality:
    base, head = pair
    built = setup.prepared(base), setup.prepared(head)
    return train_gate(asked, built, undecided or "fail", setup.folder / "runs", setup.note, python)


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
