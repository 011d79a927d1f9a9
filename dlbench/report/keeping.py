"""What a study that confirms a choice ends in: what to keep, by how much, at what price, and which part adds nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dlbench.analysis import Analysis
from dlbench.report import wording
from dlbench.report.wording import Unit, unit_of
from dlbench.values.arms import WITHOUT
from dlbench.values.controls import BROKEN
from dlbench.values.text import listed, missing, one_line, plural
from dlbench.values.verdict import Verdict

NOTHING = {Verdict.EQUIVALENT: "adds nothing to the others", Verdict.HELPS: "does harm beside the others"}
"""Verdict on the arm that leaves a part out -> what this says of the part."""


def sentence(analysis: Analysis) -> str:
    """Return what a study that confirms says to keep; nothing for other designs, and before its runs have finished."""
    keep = [str(name) for name in analysis.results.study.get("keep", ())]
    rows = {str(row.arm): row for row in analysis.verdicts.itertuples()}
    whole = rows.get(" + ".join(keep))
    if not keep or whole is None or missing(whole.difference) or whole.control in BROKEN:
        return ""
    unit, names = unit_of(analysis.metric), listed([one_line(name, 60) for name in keep], most=16)
    said = _said(whole, names, unit)
    parts = list(_parts(keep, rows, unit)) if whole.verdict == Verdict.HELPS else []
    return "; ".join([said, *parts]) + "."


def _said(whole: Any, names: str, unit: Unit) -> str:
    found = f"{_size(whole.difference, whole.low, whole.high, unit)} on {plural(int(whole.n), 'new seed')}"
    if whole.verdict == Verdict.HELPS:
        return f"Keep {names}: {found}{_price(whole)}"
    if whole.verdict in (Verdict.HURTS, Verdict.EQUIVALENT):
        why = "hurts" if whole.verdict == Verdict.HURTS else "makes no meaningful difference"
        return f"Keep the baseline: {names} {'together ' if ' and ' in names else ''}{why} on new seeds ({found})"
    return f"Not confirmed: {names} {'remain' if ' and ' in names else 'remains'} open ({found})"


def _size(difference: Any, low: Any, high: Any, unit: Unit) -> str:
    return f"{wording.difference(difference, unit)} [{wording.interval(low, high, unit)}]"


def _price(whole: Any) -> str:
    return "" if missing(whole.step_ratio) else f", {wording.ratio(whole.step_ratio)} the training time"


def _parts(keep: Sequence[str], rows: dict[str, Any], unit: Unit) -> Iterator[str]:
    """Yield what is said of parts that need not be kept, and of those that may or may not."""
    open_: list[str] = []
    for name in keep if len(keep) > 1 else ():
        row, shown = rows.get(f"{WITHOUT}{name}"), one_line(name, 60)
        if row is None or row.verdict in (Verdict.HURTS, Verdict.NONE) or row.control in BROKEN:
            continue
        if row.verdict == Verdict.INCONCLUSIVE:
            open_.append(shown)
        else:
            yield f"{shown} {NOTHING[Verdict(row.verdict)]} ({_size(-row.difference, -row.high, -row.low, unit)})"
    if open_:
        yield f"whether {listed(open_, most=16)} {'adds' if len(open_) == 1 else 'each add'} to the others is open"
