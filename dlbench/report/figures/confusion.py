"""Confusion differences: which classes an arm takes for which others more often, or less often, than its reference."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from dlbench.report.figures.axis import nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import BAND, GRID, PAPER, VERDICTS
from dlbench.report.wording import number


def confusion(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw a square for every pair of classes whose count changed: its area is the change; filled: more, hollow: fewer.

    Blue is for the better (more on the diagonal, fewer beside it), orange for the worse.

    Args:
        table: ``label, predicted, ours, theirs, difference`` in examples a run; attrs ``id, arm, reference, classes`` (those shown,
            in order), ``n`` (such as "8 seeds") and ``most`` (the change that fills a cell).
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no class is confused otherwise")
    attrs, classes = table.attrs, list(table.attrs["classes"])
    place = {label: position for position, label in enumerate(classes)}
    for position in place.values():
        ax.add_patch(Rectangle((position - 0.5, position - 0.5), 1, 1, facecolor=BAND, linewidth=0, zorder=0))
    for row in table.itertuples():
        _square(ax, row, (place[row.predicted], place[row.label]), attrs)
    ax.set_xticks(range(len(classes)), [str(label) for label in classes])
    ax.set_yticks(range(len(classes)), [str(label) for label in classes])
    ax.set_xlim(-0.5, len(classes) - 0.5)
    ax.set_ylim(len(classes) - 0.5, -0.5)
    ax.set_aspect("equal")
    ax.tick_params(length=0, labelsize=7.5)
    ax.set(xlabel=f"predicted class (n {attrs['n']})", ylabel="true class")
    for side in ax.spines.values():
        side.set_visible(True)
        side.set_color(GRID)
    return titled(ax, attrs["arm"])


def _square(ax: Axes, row, at: tuple[int, int], attrs: dict) -> None:
    side = 0.92 * min(1.0, abs(row.difference) / attrs["most"]) ** 0.5
    better = (row.difference > 0) == (row.label == row.predicted)
    colour = VERDICTS["helps" if better else "hurts"].colour
    square = Rectangle((at[0] - side / 2, at[1] - side / 2), side, side, edgecolor=colour, linewidth=0.9,
                       facecolor=colour if row.difference > 0 else PAPER)
    change = number(row.difference, 2, sign=True)
    told = f"{attrs['arm']}: true {row.label}, predicted {row.predicted}: {change} examples a run"
    mark(ax.add_patch(square), attrs["id"], f"{told} ({number(row.theirs, 2)} → {number(row.ours, 2)})")
