"""Interaction plots: does one factor do the same with the other off and on?"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dlbench.report.figures.axis import heading, nothing
from dlbench.report.figures.palette import MUTED, VERDICTS
from dlbench.report.wording import shortened


def interaction(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the mean score with the first factor off and on, one line for the second off and one for on.

    Parallel lines: no interaction. Bars: one standard deviation over runs.

    Args:
        table: ``first, second`` (bool), ``mean, sd, n``; attrs ``names`` (of the two factors), ``metric, unit``.
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no finished run")
    (first, second), n = table.attrs["names"], int(table["n"].min())
    for on, colour, dashes in ((False, MUTED, (0, (3, 1.5))), (True, VERDICTS["helps"].colour, "-")):
        rows = table[table["second"] == on].sort_values("first")
        x = rows["first"].astype(int) + (0.02 if on else -0.02)
        ax.errorbar(
            x, rows["mean"], rows["sd"].fillna(0.0), color=colour, linestyle=dashes, marker="o", markersize=4, capsize=2
        )
        last = rows.iloc[-1]
        ax.text(1.06, last["mean"], "on" if on else "off", color=colour, va="center", fontsize=8)
    ax.set_xlim(-0.25, 1.3)
    ax.set_xticks([0, 1], ["off", "on"])
    ax.set(xlabel=f"{shortened(first, 22)}, n {n} a point", ylabel=f"{table.attrs['metric']}, {table.attrs['unit']}")
    ax.yaxis.set_major_locator(MaxNLocator(4))
    heading(ax, f"line: {shortened(second, 20)}").title.set_fontsize(8.5)
    return ax
