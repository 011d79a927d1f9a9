"""A comparison of two results folders as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dlbench.analysis import analyse
from dlbench.analysis.comparison import Comparison, Side
from dlbench.analysis.controls import DOUBTFUL
from dlbench.report import answers, captions, figures, frames, html, plates, rows, wording
from dlbench.report.figures.axis import reach
from dlbench.report.figures.palette import look
from dlbench.report.wording import Unit, bare, level, milliseconds, number, probability, ratio, unit_of
from dlbench.values.text import listed, missing, plural

PHRASES = {
    "helps": ("is better in B", "are better in B"),
    "hurts": ("is worse in B", "are worse in B"),
    "no meaningful effect": ("is the same within the margin", "are the same within the margin"),
    "inconclusive": ("remains open", "remain open"),
    "no verdict": ("has no verdict", "have no verdict"),
}
WORDS = {"helps": "better", "hurts": "worse", "no meaningful effect": "the same", "inconclusive": "open"}
"""Verdict -> what it says of B."""
SECTIONS = (("answer", "Answer"), ("arms", "Arms"), ("effects", "Effects in both"),
            ("differs", "What else differs"), ("times", "Times"), ("reproduce", "Reproduce"))


@dataclass(frozen=True)
class Row:
    """An arm of both, as text: what :class:`dlbench.report.rows.Row` has of an arm, and ``own``, the verdict (``verdict`` and
    ``sign``) that it has in A and in B against its own reference, None where it is a reference there."""

    id: int
    arm: str
    verdict: str
    sign: str
    answer: str
    control_text: str
    cells: dict[str, str]
    sort: dict[str, float | None]
    marks: dict[str, Any]
    tip: str
    own: tuple[dict[str, str] | None, dict[str, str] | None]


def render(found: Comparison, a: Side, b: Side, command: str) -> str:
    """The page.

    Args:
        found: from :func:`dlbench.analysis.comparison.compare_results`.
        a, b: what it was made of.
        command: what makes this page again.

    Returns:
        A whole HTML document.
    """
    unit, shown = unit_of(found.metric), table(found)
    own = [_own(side) for side in (a, b)]
    told, both = list(_rows(found, shown, own)), [(arm, own[0][arm], own[1][arm]) for arm in own[0] if arm in own[1]]
    groups = rows.groups(told)
    return html.page(
        "comparison.html", a=found.a, b=found.b, facts=_facts(found, unit), answer=answer(found), rows=told, groups=groups,
        choices=html.choices(groups, WORDS), words=WORDS, axis=rows.axis_of(shown), metric=shown.attrs["metric"],
        unit=unit.difference, short=unit.short, higher=found.metric.higher_is_better,
        plates=[html.inlined(plate) for plate in _plates(shown)], differs=found.differs, times=list(_times(found)),
        times_note=found.times_note, command=command, effects=both,
        sections=[part for part in SECTIONS if {"arms": told, "effects": both}.get(part[0], True)])


def table(found: Comparison) -> pd.DataFrame:
    """The verdict table in the unit shown, the largest gain first, with ``id``; attrs for figures."""
    unit, name = unit_of(found.metric), found.metric.name.replace("_", " ")
    sign = 1 if found.metric.higher_is_better else -1
    order = (-sign * found.verdicts["difference"].astype(float)).argsort(kind="stable")
    attrs = {"metric": name, "unit": unit.short, "margin": found.margin * unit.scale, "decimals": unit.decimals,
             "higher_is_better": found.metric.higher_is_better, "title": "B against A", "axis": f"B minus A in {name}"}
    numbered = found.verdicts.assign(id=range(len(found.verdicts)), reference="A").iloc[order].reset_index(drop=True)
    return frames.scaled(numbered, unit.scale, attrs)


def answer(found: Comparison) -> str:
    """The comparison in a sentence or two."""
    if found.empty:
        return "There is nothing to compare: no arm has the same name, the same recipe and a seed that both completed."
    told = answers.study(found.verdicts, unit_of(found.metric), PHRASES, ("arm that both have", "arms that both have"))
    ends = found.verdicts[["difference", "low", "high"]].astype(float).dropna()
    same = len(ends) and not ends.abs().to_numpy().any()
    return told + (" Every score that both have is the same to the bit." if same else "")


def _facts(found: Comparison, unit: Unit) -> dict[str, str]:
    better = "higher" if found.metric.higher_is_better else "lower"
    margin = f"±{number(found.margin * unit.scale, unit.decimals)} {unit.difference}"
    return {"metric": f"{found.metric.name.replace('_', ' ')} ({better} is better)", "margin": margin,
            "compared on": plural(len(found.seeds), "seed")}


def _rows(found: Comparison, shown: pd.DataFrame, own: list[dict[str, dict[str, str]]]) -> Iterator[Row]:
    unit = unit_of(found.metric)
    limit = reach(shown, shown.attrs["margin"])
    stored = found.verdicts.set_index("arm", drop=False)
    for scaled in shown.itertuples():
        row = stored.loc[scaled.arm]
        cells = {"difference": bare(row.difference, unit), "interval": wording.interval(row.low, row.high, unit), "n": f"{int(row.n)}",
                 "p": probability(row.p_adjusted), "a": level(row.reference_mean, unit), "b": level(row["mean"], unit),
                 "control": row.control}
        told = answers.sentence(row.reason[:1].upper() + row.reason[1:])
        yield Row(
            scaled.id, row.arm, row.verdict, look(row.verdict).sign, told, _doubt(row), cells, _sort(row),
            rows.marks(scaled, limit), f"{row.arm}: {cells['difference']} {unit.short} [{cells['interval']}], n {cells['n']}",
            (own[0].get(row.arm), own[1].get(row.arm)))


def _own(side: Side) -> dict[str, dict[str, str]]:
    """Arm -> what its own study says of it: ``verdict, sign, size`` (the difference to its reference, with its interval)."""
    told = rows.rows(analyse(side.results))
    return {row.arm: {"verdict": row.verdict, "sign": row.sign, "size": f"{row.cells['difference']} [{row.cells['interval']}]"}
            for row in told}


def _doubt(row: pd.Series) -> str:
    return row.control_text if row.control in DOUBTFUL else ""


def _sort(row: pd.Series) -> dict[str, float | None]:
    values = {"difference": row.difference, "p": row.p_adjusted, "n": row.n, "a": row.reference_mean, "b": row["mean"]}
    return {name: None if missing(value) else float(value) for name, value in values.items()}


def _plates(shown: pd.DataFrame) -> Iterator[plates.Plate]:
    known = frames.foremost(shown, frames.MOST_ROWS)
    if not known["difference"].notna().any():
        return
    told = [f"{row.arm} {number(row.difference, 2, sign=True)}, {row.verdict}" for row in known.itertuples()]
    caption = ("Mean of the paired differences, B minus A on the same seed. Thick line: 95 % t interval; thin line: the interval that "
               f"holds for all {len(shown)} arms at once (Bonferroni); shaded: the margin.") + captions.left_out(len(known), len(shown))
    drawn = plates.draw(figures.forest, known, "comparison", (plates.WIDTH, 1.05 + plates.ROW * len(known)))
    alt = f"Forest plot of B minus A in {shown.attrs['metric']}. {listed(told, most=12)}."
    yield plates.Plate("comparison", "arms", "B against A", caption, alt, drawn)


def _times(found: Comparison) -> Iterator[tuple[str, ...]]:
    for row in found.times.itertuples():
        yield (row.arm, milliseconds(row.step_ms_a), milliseconds(row.step_ms_b), ratio(row.step_ms_ratio),
               milliseconds(row.inference_ms_a), milliseconds(row.inference_ms_b), ratio(row.inference_ms_ratio))
