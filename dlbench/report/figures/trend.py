"""How slow a case was over the commits, against the first of them."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dlbench.report.figures.axis import nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, look
from dlbench.report.wording import number

LOOKS = {"regression": "hurts", "accepted": "hurts", "faster": "helps"}
"""Verdict of a gate -> the verdict whose look it has."""


def trend(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw a case's change over the commits, with a band of two standard errors, and the commits at which a gate told a change.

    Args:
        table: a row a commit: ``commit, change, low, high`` (per cent against the first one) and ``verdict``; attrs ``id, arm, verdict,
            margin`` (per cent).
        ax: axes to draw on.
    """
    if len(table) < 2:
        return nothing(ax, "one commit only")
    attrs, place = table.attrs, range(len(table))
    colour = look(attrs["verdict"]).colour
    ax.axhspan(-attrs["margin"], attrs["margin"], color=MUTED, alpha=0.12, linewidth=0)
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.fill_between(place, table["low"], table["high"], color=colour, alpha=0.18, linewidth=0)
    [line] = ax.plot(place, table["change"], color=colour, linewidth=1.4)
    last = table.iloc[-1]
    mark(line, attrs["id"], f"{attrs['arm']}: {number(last['change'], 1, sign=True)} % at {last['commit']}")
    for number_of, row in enumerate(table.itertuples()):
        if row.verdict in LOOKS:
            shown = look(LOOKS[row.verdict])
            [point] = ax.plot(number_of, row.change, shown.marker, color=shown.colour, markersize=5)
            mark(point, attrs["id"], f"{row.commit}: {row.verdict}, {number(row.change, 1, sign=True)} % against the first commit")
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 0, sign=True)))
    ax.set(xlabel="commit", ylabel="change, %")
    ax.grid(axis="y")
    return titled(ax, attrs["arm"])
