"""Labels: of studies with several labels an example, how often each occurs, what each arm does to it, and the examples that it turns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.label_effects import MEASURES, LabelEffects
from dlbench.report.document import Block, Cell, Column, Details, Row, Section, Table, Text
from dlbench.report.wording import NOTHING, number
from dlbench.stats.method import METHOD
from dlbench.values.text import listed, missing, one_line

MOST_UNFOLDED = 12
"""Labels of a study whose tables a page shows unfolded."""
HEADS = {"precision": "Precision", "recall": "Recall", "f1": "F1", "average_precision": "Average precision"}
PER_CENT = 100


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield how scores are computed, and the labels and the turned examples of each arm; nothing where no labels were kept."""
    every = analysis.label_effects
    if every:
        yield Text(_hint(every), "hint")
    for found in every:
        labels, (better, worse) = found.table["label"].nunique(), map(len, found.shown)
        tables = (_labels(found, analysis), *([_turns(found, analysis)] if len(found.turns) else []))
        yield Details(f"{labels} labels, {better} better and {worse} worse: {one_line(found.row.arm, 60)}", tables,
                      unfolded=labels <= MOST_UNFOLDED and found is every[0])


def _hint(every: list[LabelEffects]) -> str:
    tested = int(every[0].table["tested"].iloc[0])
    return (f"Scores of each label on the {tested:,} test examples, in per cent, the most frequent label first. They are those of the mean "
            "prediction over a run's evaluations, as scikit-learn defines them: a label is predicted where its probability is above one "
            "half. Below each score: the difference to the reference in percentage points, and half its "
            f"{METHOD.confidence} interval over seeds and test examples (linearised). Asterisk: p below {METHOD.alpha:g}, "
            f"{METHOD.adjusted} over the labels of the arm and score; not part of the verdicts' family.")


def _labels(found: LabelEffects, analysis: Analysis) -> Table:
    """Return one row a label, the most frequent first."""
    table = found.table.sort_values(["examples", "label"], ascending=[False, True], kind="stable")
    body = tuple(Row((Cell(one_line(part["name"].iloc[0], 40), sort=str(part["name"].iloc[0])), _share(part.iloc[0]), *_scores(part)))
                 for _, part in table.groupby("label", sort=False))
    heads = (Column("Label"), Column("Has it, %", "number", "Has it, %", descending=True),
             *(Column(HEADS[measure], "number", HEADS[measure]) for measure in MEASURES))
    caption = f"{one_line(found.row.arm, 60)} and its difference to {one_line(found.row.reference, 60)}, {found.counted}. {_told(found)}"
    title = f"Labels: {one_line(found.row.arm, 60)}"
    return Table(f"labels-{analysis.ids[found.row.arm]}", title, caption, heads, body, layout="cards")


def _told(found: LabelEffects) -> str:
    told = [f"{what} ({listed([one_line(name, 30) for name in names], most=8)})"
            for what, names in zip(("better", "worse"), found.shown) if names]
    return f"F1 or average precision is {' and '.join(told)}." if told else "No label's F1 or average precision is shown to differ."


def _share(row: Any) -> Cell:
    return Cell(number(PER_CENT * row.examples / row.tested, 1), sort=float(row.examples))


def _scores(part: pd.DataFrame) -> Iterator[Cell]:
    by_measure = {row.measure: row for row in part.itertuples()}
    for measure in MEASURES:
        row: Any = by_measure[measure]
        yield Cell(number(row.score * PER_CENT, 1), "" if missing(row.difference) else _difference(row), _sorted(row.score))


def _sorted(score: float) -> float | str:
    return "" if missing(score) else score


def _difference(row: Any) -> str:
    """Word a difference with half its interval.

    Example:
        >>> from types import SimpleNamespace
        >>> _difference(SimpleNamespace(difference=0.0123, low=-0.002, high=0.0266, p_adjusted=0.2))
        '+1.2 ± 1.4'
    """
    half = "" if missing(row.low) else f" ± {number((row.high - row.low) / 2 * PER_CENT, 1)}"
    sure = not missing(row.p_adjusted) and row.p_adjusted < METHOD.alpha
    return f"{number(row.difference * PER_CENT, 1, sign=True)}{half}{'*' if sure else ''}"


def _turns(found: LabelEffects, analysis: Analysis) -> Table:
    """Return the examples that the arm fixes and breaks."""
    body = tuple(Row((row.kind, f"{row.row:,}", *map(_names, (row.labels, row.theirs, row.ours)),
                      f"{number(row.right_theirs, 1)} → {number(row.right_ours, 1)}")) for row in found.turns.itertuples())
    heads = (Column("Turned"), Column("Test example", "number", "Test example"), *(Column(name, "wide", name) for name in (
        "Has", "Reference", "Arm")), Column("Labels right", "number", "Labels right"))
    caption = (f"Fixed: test examples of which {one_line(found.row.arm, 60)} has more labels right than "
               f"{one_line(found.row.reference, 60)}; broken: fewer; the surest first. Labels that most runs of each predict, and how many "
               f"are right, a mean over {found.counted}.")
    title = f"Fixed and broken: {one_line(found.row.arm, 60)}"
    return Table(f"label-turns-{analysis.ids[found.row.arm]}", title, caption, heads, body, layout="cards")


def _names(labels: tuple[str, ...]) -> str:
    return listed([one_line(name, 30) for name in labels], most=6) if labels else NOTHING


SECTION = Section("label-effects", "Labels", build)
