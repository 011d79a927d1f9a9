"""Interaction plots: does one factor do the same with the other off and on?"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dlbench.report.figures.axis import heading, nothing
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, VERDICTS
from dlbench.report.wording import number, shortened
from dlbench.values.text import missing


def interaction(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the mean score with the first factor off and on, one line for the second off and one for on.

    Parallel lines: no interaction. Bars: one standard deviation over runs.

    Args:
        table: ``first, second`` (bool), ``mean, sd, n, id``; attrs ``names`` (of the two factors), ``metric, unit``.
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no finished run")
    (first, second), n = table.attrs["names"], int(table["n"].min())
    for on, colour, dashes in ((False, MUTED, (0, (3, 1.5))), (True, VERDICTS["helps"].colour, "-")):
        rows = table[table["second"] == on].sort_values("first")
        ax.plot(_places(rows), rows["mean"], color=colour, linestyle=dashes, linewidth=1.5)
        for place, row in zip(_places(rows), rows.itertuples()):
            _point(ax, place, row, colour, table.attrs)
        ax.text(1.06, rows["mean"].iloc[-1], "on" if on else "off", color=colour, va="center", fontsize=8)
    ax.set_xlim(-0.25, 1.3)
    ax.set_xticks([0, 1], ["off", "on"])
    ax.set(xlabel=f"{shortened(first, 22)}, n {n} a point", ylabel=f"{table.attrs['metric']}, {table.attrs['unit']}")
    ax.yaxis.set_major_locator(MaxNLocator(4))
    heading(ax, f"line: {shortened(second, 20)}").title.set_fontsize(8.5)
    return ax


def _places(rows: pd.DataFrame) -> pd.Series:
    """Where points stand: off at 0, on at 1, the two lines a little apart so that their bars do not hide each other."""
    return rows["first"].astype(int) + rows["second"].map({False: -0.02, True: 0.02})


def _point(ax: Axes, place: float, row, colour: str, attrs: dict) -> None:
    """A cell's mean and its standard deviation, both marked with the arms behind them."""
    spread = 0.0 if missing(row.sd) else row.sd
    states = ", ".join(f"{name} {'on' if on else 'off'}" for name, on in zip(attrs["names"], (row.first, row.second)))
    told = f"{states}: {number(row.mean)} ± {number(spread)} {attrs['unit']} (mean ± sd, n {int(row.n)})"
    mark(ax.plot([place] * 2, [row.mean - spread, row.mean + spread], color=colour, linewidth=1.2, marker="_")[0], row.id, told)
    mark(ax.plot([place], [row.mean], "o", color=colour, markersize=4.5)[0], row.id, told)
