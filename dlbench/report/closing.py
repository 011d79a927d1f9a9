"""How a command ends on a terminal: the verdicts as a table of 80 columns, what would decide each open arm, and the next command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dlbench.analysis import Analysis
from dlbench.analysis.budgets import turning_points
from dlbench.analysis.diagnosis import diagnose, rising_arms
from dlbench.report.plain import WIDTH, aligned
from dlbench.report.wording import NOTHING, bare, interval, ratio, shortened, unit_of
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, missing, one_line
from dlbench.values.verdict import Verdict


def closing(analysis: Analysis, folder: Path) -> str:
    """Return the verdicts, where they turn with the budget, labels that differ, the advice and the next command.

    It is empty where nothing is compared.

    Args:
        analysis: of a study; of several datasets, each has a table.
        folder: of its results.
    """
    judged = [part.tuned or part for part in analysis.parts if len((part.tuned or part).verdicts)]
    if not judged:
        return ""
    tables = [(f"{part.results.study['dataset']}:\n" if analysis.others else "") + _table(part) for part in judged]
    advice = [line for part in judged for line in _advice(part)]
    turns = [f"{one_line(arm)}: {words}" for arm, words in turning_points(analysis).items()]
    labels = [line for part in judged for line in _labels(part)]
    blocks = ["\n".join(lines) for lines in (turns, labels, advice) if lines]
    return "\n\n".join([*tables, *blocks, f"next: {_next(analysis, judged, folder)}"])


def _table(part: Analysis) -> str:
    unit, verdicts = unit_of(part.metric), part.verdicts
    name, cost = ("Time", "step_ratio") if verdicts["step_ratio"].notna().any() else ("MACs", "macs_ratio")
    rows = [(one_line(row.arm), row.verdict, bare(row.difference, unit) if not missing(row.difference) else NOTHING,
             f"[{interval(row.low, row.high, unit)}]" if not missing(row.low) else NOTHING,
             ratio(getattr(row, cost)) if not missing(getattr(row, cost)) else NOTHING) for row in verdicts.itertuples()]
    headers = ("Arm", "Verdict", f"Effect, {unit.short}".rstrip(", "), f"{METHOD.confidence} interval", name)
    return aligned(headers, rows, left=2)


def _labels(part: Analysis) -> Iterator[str]:
    """One line an arm of a study with several labels an example: which of them are shown to be better, and worse."""
    for found in part.label_effects:
        told = [f"{what} on {listed([one_line(name, 20) for name in names], most=3)}"
                for what, names in zip(("better", "worse"), found.shown) if names]
        yield shortened(f"{one_line(found.row.arm, 30)}: {', '.join(told) or 'no label is shown to differ'}", WIDTH)


def _advice(part: Analysis) -> Iterator[str]:
    """One line an open arm: what would decide it."""
    rising = rising_arms(part)
    for row in part.verdicts.itertuples():
        if row.verdict == Verdict.INCONCLUSIVE:
            longer = "; a longer budget may too, for its curve is still rising" if row.arm in rising else ""
            yield f"{one_line(row.arm)}: {_lacking(row)} would decide{longer}"


def _lacking(row: Any) -> str:
    if not missing(row.examples_needed):
        return f"more than {int(row.examples_needed):,} test examples"
    return "more than a million seeds" if missing(row.seeds_needed) else f"about {int(row.seeds_needed)} seeds"


def _next(analysis: Analysis, judged: list[Analysis], folder: Path) -> str:
    study, place = analysis.results.study, shlex.quote(str(folder))
    verdicts = [row for part in judged for row in part.verdicts.itertuples()]
    if study.get("design") == "confirm":
        if study.get("engine", "keras") == "keras" and verdicts[0].verdict == Verdict.HELPS:
            return f"dlbench export {place} --format keras    (its recipe)"
    elif any(row.verdict == Verdict.HELPS for row in verdicts):
        return f"dlbench confirm {place}    (what to keep, on new seeds)"
    words = shlex.split(study.get("command") or "")
    seeds = [int(row.seeds_needed) for row in verdicts
             if row.verdict == Verdict.INCONCLUSIVE and missing(row.examples_needed) and not missing(row.seeds_needed)]
    if seeds and words[1:2] == ["run"] and len(words) > 2:
        return f"dlbench run {shlex.quote(words[2])} --seeds {max(seeds)}    (what was judged is the pilot)"
    doubts = diagnose(analysis)
    return f"dlbench doctor {place}    ({one_line(doubts[0].subject)})" if doubts else f"the page {folder / 'index.html'}"
