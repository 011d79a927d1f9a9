"""The compared arms as ready text: one wording for every part of the report and every format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.report import answers, frames, wording
from dlbench.report.document import Answer, Axis, Cell, Group, Strip
from dlbench.report.figures.axis import reach
from dlbench.report.wording import NOTHING, Unit, probability, ratio, unit_of
from dlbench.values.text import missing
from dlbench.values.verdict import Verdict


@dataclass(frozen=True)
class ComparedArm:
    """What is shown of a compared arm.

    Attributes:
        id, arm, changed, reference: its position in the study, its name, what it changes, and what it is compared with.
        verdict, reason: what was found, and why.
        answer: its sentence, with its interval as a drawing.
        difference, p, seeds, parameters, macs, step, inference, control: the cells of its row; of ``difference, step`` and
            ``inference`` the second line is the interval, of ``seeds`` it is how many were lost.
    """

    id: int
    arm: str
    changed: str
    reference: str
    verdict: str
    reason: str
    answer: Answer
    difference: Cell
    p: Cell
    seeds: Cell
    parameters: Cell
    macs: Cell
    step: Cell
    inference: Cell
    control: Cell


def compared_arms(analysis: Analysis) -> list[ComparedArm]:
    """Return what is shown of each arm of the verdict table, in its order."""
    shown, sentences = frames.verdicts(analysis), answers.sentences(analysis)
    limit = reach(shown, shown.attrs["margin"])
    return [_arm(row, scaled, limit, unit_of(analysis.metric), sentences[row.arm])
            for row, scaled in zip(analysis.verdicts.itertuples(), shown.itertuples())]


def _arm(row: Any, scaled: Any, limit: float, unit: Unit, sentence: str) -> ComparedArm:
    difference, n, planned = difference_cell(row, unit), *(int(0 if missing(value) else value) for value in (row.n, row.planned))
    lost = ", ".join(f"{amount} {name}" for amount, name in ((row.diverged, "diverged"), (row.failed, "failed")) if amount)
    tip = f"{row.arm}: {row.verdict}, {difference.text} {unit.short} {difference.small or f'[{NOTHING}]'}, {n} of {planned} seeds"
    return ComparedArm(
        row.id, row.arm, row.changed, row.reference, row.verdict, row.reason,
        Answer(row.arm, sentence, difference.text, strip(scaled, limit, tip)), difference,
        number_cell(probability(row.p_adjusted), row.p_adjusted), number_cell(f"{n} of {planned}", row.n, lost),
        number_cell(ratio(row.parameters_ratio), row.parameters_ratio), number_cell(ratio(row.macs_ratio), row.macs_ratio),
        number_cell(ratio(row.step_ratio), row.step_ratio, _limits(row.step_low, row.step_high)),
        number_cell(ratio(row.inference_ratio), row.inference_ratio, _limits(row.inference_low, row.inference_high)),
        Cell(row.control, state=row.control))


def difference_cell(row: Any, unit: Unit) -> Cell:
    """Return a difference with its interval, without the unit.

    Args:
        row: ``difference, low, high`` in the stored unit.
        unit: how they are shown.
    """
    interval = wording.interval(row.low, row.high, unit)
    return number_cell(wording.bare(row.difference, unit), row.difference, "" if interval == NOTHING else f"[{interval}]")


def number_cell(text: str, value: Any, small: str = "") -> Cell:
    """Return a number as text, sorted by its value; a missing one comes last."""
    return Cell(text, small, "" if missing(value) else float(value))


def verdict_cell(verdict: str, title: str = "", sort: int | None = None) -> Cell:
    """Return a verdict with its sign and colour, under its own name or another title."""
    return Cell(title or verdict, sort=sort, verdict=verdict)


def _limits(low: Any, high: Any) -> str:
    return "" if missing(low) or missing(high) else f"{low:.2f} to {high:.2f}"


def strip(row: Any, limit: float, tip: str) -> Strip:
    """Return an arm's interval on an axis from -limit to +limit.

    Args:
        row: ``id, difference, low, high`` in the unit shown.
        limit: half the axis.
        tip: the numbers behind it.
    """
    if missing(row.difference):
        return Strip(row.id, tip)
    mean, beyond = _percent(row.difference, limit), int(row.difference > limit) - int(row.difference < -limit)
    if missing(row.low):
        return Strip(row.id, tip, mean, beyond=beyond)
    return Strip(row.id, tip, mean, _percent(row.low, limit), _percent(row.high, limit), beyond)


def _percent(value: float, limit: float) -> float:
    return round(50 + 48 * max(-1.0, min(1.0, value / limit)), 2)


def axis(shown: pd.DataFrame) -> Axis:
    """Return the axis that the intervals of a table share.

    Args:
        shown: ``difference, low, high`` in the unit shown; attrs ``margin, unit``.
    """
    margin = shown.attrs["margin"]
    limit = reach(shown, margin)
    return Axis(f"{float(f'{limit:.2g}'):g}", shown.attrs["unit"], _percent(-margin, limit), _percent(margin, limit))


def groups(told: Iterable[tuple[str, Answer]], titles: Mapping[str, str] = MappingProxyType({})) -> tuple[Group, ...]:
    """Answers by verdict, in the order of the verdicts; those that hurt most first among what hurts.

    Args:
        told: verdict and answer of each arm, the most helpful first.
        titles: verdict -> what it is called, where that is something else.
    """
    told = list(told)
    by_verdict = {verdict: [answer for other, answer in told if other == verdict] for verdict in Verdict}
    return tuple(Group(verdict, titles.get(verdict, verdict), tuple(answers[::-1] if verdict == Verdict.HURTS else answers))
                 for verdict, answers in by_verdict.items() if answers)
