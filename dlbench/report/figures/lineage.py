"""The scores of a lineage's proposals, with intervals of those that were kept, and what fresh seeds say of these."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dlbench.report.figures.axis import nothing
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, look

LOOKS = {"keep": "helps", "discard": "hurts", "undecided": "inconclusive"}
"""Verdict of a proposal -> the verdict whose look it has."""


def lineage(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the score of each proposal against its number.

    Args:
        table: a row a proposal: ``number, score, low, high`` (an interval), ``verdict``, and ``fresh``, the
            score of a kept one on fresh seeds; attrs ``score``, ``first`` (the first incumbent's score).
        ax: axes to draw on.
    """
    if table["score"].isna().all():
        return nothing(ax, "no proposal has a score")
    first = table.attrs["first"]
    fresh = table.dropna(subset=["fresh"])
    steps = [(0, first), *zip(fresh["number"], fresh["fresh"])]
    steps.append((table["number"].max() + 0.5, steps[-1][1]))
    ax.step(*zip(*steps), where="post", color=MUTED, linewidth=1.2)
    for row in table.dropna(subset=["score"]).itertuples():
        shown = look(LOOKS[row.verdict])
        if row.verdict == "keep" and row.low == row.low:
            ax.plot([row.number, row.number], [row.low, row.high], color=shown.colour, linewidth=1.6)
        [point] = ax.plot(row.number, row.score, shown.marker, color=shown.colour, markersize=6 if row.verdict == "keep" else 4,
                          alpha=1 if row.verdict == "keep" else 0.55)
        mark(point, row.number, f"proposal {row.number}: {row.verdict}, {row.score:.5g}")
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.set(xlabel="proposal", ylabel=table.attrs["score"])
    ax.grid(axis="y")
    return ax
