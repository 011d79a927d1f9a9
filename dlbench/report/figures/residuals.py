"""Predicted numbers against true ones, and residuals against predictions: an arm over its reference, a dot a test example."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dlbench.report.figures.axis import nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, look
from dlbench.report.wording import number


def predicted(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the mean prediction of each test example against its true number; the line is where both are equal.

    Args:
        table: from :func:`dlbench.analysis.residuals.residuals`, of one arm and its reference; attrs ``id, arm, reference, verdict, n``.
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no prediction was kept")
    ends = table[["target", "predicted"]].to_numpy().min(), table[["target", "predicted"]].to_numpy().max()
    ax.plot(ends, ends, color=MUTED, linewidth=0.8, zorder=1)
    _dots(table, ax, "target", "predicted")
    ax.set(xlabel="true", ylabel=f"predicted (n {table.attrs['n']})")
    return titled(ax, table.attrs["arm"])


def residuals(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw what each mean prediction is too high against the prediction; the line is where it is right. Arguments of :func:`predicted`."""
    if not len(table):
        return nothing(ax, "no prediction was kept")
    ax.axhline(0, color=MUTED, linewidth=0.8, zorder=1)
    _dots(table, ax, "predicted", "residual")
    ax.set(xlabel="predicted", ylabel=f"predicted − true (n {table.attrs['n']})")
    return titled(ax, table.attrs["arm"])


def _dots(table: pd.DataFrame, ax: Axes, x: str, y: str) -> None:
    """Draw the dots of the reference, grey and hollow, then those of the arm, in the colour of its verdict."""
    attrs = table.attrs
    for name in dict.fromkeys((attrs["reference"], attrs["arm"])):
        rows, ours = table[table["arm"] == name], name == attrs["arm"]
        colour = look(attrs["verdict"]).colour if ours else MUTED
        dots = ax.scatter(rows[x], rows[y], s=7, facecolors=colour if ours else "none", edgecolors=colour, linewidths=0.5,
                          alpha=0.65, zorder=3 if ours else 2)
        wrong = rows["residual"]
        told = f"{len(rows)} test examples, mean residual {number(wrong.mean(), 3, sign=True)}, sd {number(wrong.std(), 3)}"
        mark(dots, attrs["id"], f"{name}: {told} (mean of n {attrs['n']})")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(4))
    ax.grid(axis="both")
