"""Several budgets: the effect of each arm after each length of training, and where its verdict turns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.budgets import budget_changes, budget_effects, turning_points
from dlbench.analysis.judge import foremost
from dlbench.report import answers, frames
from dlbench.report.budgets import budget_words
from dlbench.report.document import Block, Panels, Row, Section, Table, Text, columns
from dlbench.report.figures.budgets import budgets
from dlbench.report.sections.curves import against
from dlbench.report.wording import bare, interval, number, probability, unit_of
from dlbench.stats.method import METHOD

FAMILY = (
    "All arms at all budgets are one family, so that the chance of any false verdict among them is held; the longest budget decides. A run "
    "whose learning rate and all else do not depend on the length of training is trained once, to the longest budget, and scored at each: "
    "the same bits as shorter runs would give. Any other is trained for each budget."
)
TURNS = (
    "Where a verdict turns to inconclusive, no change of the effect is shown: the change from the shortest budget to the longest, on the "
    f"same seeds, stands beside it with its {METHOD.confidence} t interval over seeds, not adjusted for the number of arms."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the effect of each arm against the budget, as figures and a table, and where verdicts turn; nothing for one budget."""
    if not analysis.lengths or not len(analysis.verdicts):
        return
    yield Text(f"{budget_words(analysis.results.study).capitalize()}. {FAMILY}")
    yield _panels(analysis)
    yield _turns(analysis)
    yield _effects(analysis)


def _panels(analysis: Analysis) -> Panels:
    caption = (
        f"Mark: mean difference to the reference after so many epochs, in the colour of its verdict there; upright: {METHOD.interval}. "
        "Across: the margin. The panels share one range.")
    return Panels("budgets", "Effect against the budget", caption, budgets,
                  lambda most: _frames(analysis, foremost(frames.compared(analysis), most)), against, len(analysis.verdicts))


def _frames(analysis: Analysis, arms: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the effects of each arm, in the unit shown, with the range that all panels share."""
    table, shared = budget_effects(analysis), frames.attrs(analysis)
    shown = ["difference", "low", "high"]
    table[shown] = table[shown].astype(float) * unit_of(analysis.metric).scale
    ends = np.abs(table[shown].to_numpy(float))
    reach = float(np.nanmax(ends)) if np.isfinite(ends).any() else 0.0
    for row in arms.itertuples():
        rows = table[table["arm"] == row.arm].copy()
        rows.attrs = {name: shared[name] for name in ("unit", "margin")} | {
            "id": row.id, "arm": row.arm, "reference": row.reference, "verdict": row.verdict, "reach": reach}
        yield rows


def _turns(analysis: Analysis) -> Table:
    unit, turns = unit_of(analysis.metric), turning_points(analysis)
    body = tuple(Row((row.arm, turns[row.arm], bare(row.change, unit), interval(row.low, row.high, unit), number(row.n, 0),
                      "once" if row.trainings == 1 else f"{row.trainings} times"), analysis.ids[row.arm])
                 for row in budget_changes(analysis).itertuples())
    heads = columns("Arm", "Verdict", f"Change of the effect, {unit.short}".rstrip(", "), f"{METHOD.confidence} interval", "Seeds",
                    "Trained", numbers=(2, 3, 4), wide=[1])
    return Table("turns", "Where verdicts turn", TURNS, heads, body)


def _effects(analysis: Analysis) -> Table:
    unit = unit_of(analysis.metric)
    body = tuple(Row((row.arm, f"{row.epochs}", row.verdict, bare(row.difference, unit), interval(row.low, row.high, unit),
                      probability(row.p_adjusted), number(row.n, 0)), analysis.ids[row.arm])
                 for row in budget_effects(analysis).itertuples())
    heads = columns("Arm", "Epochs", "Verdict", f"Effect, {unit.short}".rstrip(", "), f"{METHOD.confidence} interval", "p", "Seeds",
                    numbers=(1, 3, 4, 5, 6))
    caption = f"Difference to the reference with its {METHOD.interval}; p: {METHOD.test.short}, {answers.adjustment(analysis)}."
    return Table("budget-effects", "Effects at each budget", caption, heads, body)


SECTION = Section("budgets", "Over the budgets", build)
