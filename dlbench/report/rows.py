"""The compared arms as ready text: one wording for every part of the report and every format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import pandas as pd

from dlbench.report import frames, wording
from dlbench.report.analysis import ORDER, Analysis
from dlbench.report.document import Answer, Axis, Group, Strip
from dlbench.report.figures.axis import reach
from dlbench.report.figures.palette import look
from dlbench.report.wording import count, level, missing, number, probability, ratio
from dlbench.stats.method import METHOD


@dataclass(frozen=True)
class Row:
    """A compared arm, as text.

    Attributes:
        id, arm, changed, reference, verdict, sign, answer: who it is and what is said of it.
        cells: what the verdict table shows: ``difference, interval, p, n, parameters, macs, step, inference, control``.
        sort: the same as numbers (None where there is none), by which the table is sorted.
        strip: its interval as a drawing, with the numbers behind it.
        statistics: every number behind the verdict, name -> text.
    """

    id: int
    arm: str
    changed: str
    reference: str
    verdict: str
    sign: str
    answer: str
    reason: str
    control_text: str
    cells: dict[str, str]
    sort: dict[str, float | None]
    strip: Strip
    statistics: dict[str, str]


def rows(analysis: Analysis) -> list[Row]:
    """The verdict table's rows, in its order."""
    shown = frames.verdicts(analysis)
    limit = reach(shown, shown.attrs["margin"])
    return [_row(analysis, row, scaled, limit) for row, scaled in zip(analysis.verdicts.itertuples(), shown.itertuples())]


def _row(analysis: Analysis, row: Any, scaled: Any, limit: float) -> Row:
    cells = _cells(analysis, row)
    tip = f"{row.arm}: {row.verdict}, {cells['difference']} {analysis.unit.short} [{cells['interval']}], {cells['n']} seeds"
    return Row(
        id=row.id,
        arm=row.arm,
        changed=row.changed,
        reference=row.reference,
        verdict=row.verdict,
        sign=look(row.verdict).sign,
        answer=analysis.answers[row.arm],
        reason=row.reason,
        control_text=row.control_text,
        cells=cells,
        sort=_sort(row),
        strip=strip(scaled, limit, tip),
        statistics=_statistics(analysis, row),
    )


def _cells(analysis: Analysis, row: Any) -> dict[str, str]:
    unit = analysis.unit
    n, planned = (int(0 if missing(value) else value) for value in (row.n, row.planned))
    lost = [f"{amount} {name}" for amount, name in ((row.diverged, "diverged"), (row.failed, "failed")) if amount]
    return {
        "difference": wording.bare(row.difference, unit),
        "interval": wording.interval(row.low, row.high, unit),
        "p": probability(row.p_adjusted),
        "n": f"{n} of {planned}",
        "lost": ", ".join(lost),
        "parameters": ratio(row.parameters_ratio),
        "macs": ratio(row.macs_ratio),
        "step": ratio(row.step_ratio),
        "step_interval": _limits(row.step_low, row.step_high),
        "inference": ratio(row.inference_ratio),
        "inference_interval": _limits(row.inference_low, row.inference_high),
        "control": row.control,
    }


def _limits(low: Any, high: Any) -> str:
    return "" if missing(low) or missing(high) else f"{low:.2f} to {high:.2f}"


def _sort(row: Any) -> dict[str, float | None]:
    values = {
        "difference": row.difference,
        "p": row.p_adjusted,
        "n": row.n,
        "parameters": row.parameters_ratio,
        "macs": row.macs_ratio,
        "step": row.step_ratio,
        "inference": row.inference_ratio,
    }
    return {name: None if missing(value) else float(value) for name, value in values.items()}


def _statistics(analysis: Analysis, row: Any) -> dict[str, str]:
    unit = analysis.unit
    return {
        "mean": level(row.mean, unit),
        "reference mean": level(row.reference_mean, unit),
        f"{METHOD.confidence} interval": wording.interval(row.low, row.high, unit),
        "simultaneous interval": wording.interval(row.simultaneous_low, row.simultaneous_high, unit),
        "unpaired (Welch) interval": wording.interval(row.welch_low, row.welch_high, unit),
        "Hodges-Lehmann": wording.difference(row.hodges_lehmann, unit),
        f"p, {METHOD.test.short}": probability(row.p),
        "p, adjusted": probability(row.p_adjusted),
        "p, max-T sign-flip": probability(row.p_signflip),
        "p, equivalence, adjusted": probability(row.p_tost_adjusted),
        "effect size d_z": number(row.effect_size),
        "P(better)": number(row.probability_better),
        "correlation": number(row.correlation),
        "seeds needed": count(row.seeds_needed),
    }


def strip(row: Any, limit: float, tip: str) -> Strip:
    """An arm's interval on an axis from -limit to +limit.

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
    """The axis that the intervals of a table share.

    Args:
        shown: ``difference, low, high`` in the unit shown; attrs ``margin, unit``.
    """
    margin = shown.attrs["margin"]
    limit = reach(shown, margin)
    return Axis(f"{float(f'{limit:.2g}'):g}", shown.attrs["unit"], _percent(-margin, limit), _percent(margin, limit))


class Told(Protocol):
    """An arm of which something is said."""

    arm: str
    verdict: str
    answer: str
    cells: dict[str, str]
    strip: Strip


def groups(told: Sequence[Told], titles: Mapping[str, str] = MappingProxyType({})) -> tuple[Group, ...]:
    """The arms by verdict, in the order in which verdicts are told; those that hurt most first among what hurts.

    Args:
        told: the arms, the most helpful first.
        titles: verdict -> what it is called, where that is something else.
    """
    found = []
    for verdict in ORDER:
        answers = [Answer(row.arm, row.answer, row.cells["difference"], row.strip) for row in told if row.verdict == verdict]
        if answers:
            found.append(Group(verdict, titles.get(verdict, verdict), tuple(answers[::-1] if verdict == "hurts" else answers)))
    return tuple(found)
