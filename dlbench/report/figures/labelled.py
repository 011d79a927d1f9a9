"""Scores over the number of labels: one line a way of training, and where a way stops paying."""

from __future__ import annotations

import itertools

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from dlbench.report.figures.axis import nothing
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, VERDICTS
from dlbench.report.wording import number, shortened
from dlbench.values.text import missing

LOOKS = ((MUTED, "o", (0, (3, 1.5))), *((look.colour, look.marker, "-") for look in VERDICTS.values() if look.colour != MUTED))
"""Colour, marker and dashes of the lines, in their order; the first one is the reference's as a rule."""


def labelled(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the mean score of each way of training over the labels of each class, with one standard deviation over seeds.

    Args:
        table: one row a way and number of labels: ``name, labels, mean, sd, n, id`` in the unit shown; attrs ``unit, metric`` and
            ``crossings`` (name -> numbers of labels where its lead over its reference changes sign).
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no finished run")
    ends = []
    ways = table.sort_values("labels", kind="stable").groupby("name", sort=False)
    for (name, rows), (colour, sign, dashes) in zip(ways, itertools.cycle(LOOKS)):
        ax.plot(rows["labels"], rows["mean"], color=colour, linestyle=dashes, linewidth=1.5)
        for row in rows.itertuples():
            _point(ax, row, colour, sign, table.attrs["unit"])
        for place in table.attrs["crossings"].get(name, ()):
            ax.axvline(place, color=colour, linewidth=0.9, linestyle=":", zorder=0)
        ends.append((rows["mean"].iloc[-1], name, colour))
    _named(ax, ends, table["labels"].max())
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(sorted(table["labels"].unique())))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.set(xlabel=f"training examples of each class (n up to {int(table['n'].max())} a point)",
           ylabel=f"{table.attrs['metric']}, {table.attrs['unit']}")
    ax.grid(axis="y")
    return ax


def _point(ax: Axes, row, colour: str, sign: str, unit: str) -> None:
    """A mean and its standard deviation, both marked with the arm behind them."""
    spread = 0.0 if missing(row.sd) else row.sd
    told = f"{row.name}, {row.labels:g} labels a class: {number(row.mean)} ± {number(spread)} {unit} (mean ± sd, n {int(row.n)})"
    mark(ax.plot([row.labels] * 2, [row.mean - spread, row.mean + spread], color=colour, linewidth=1.1, marker="_")[0], row.id, told)
    mark(ax.plot([row.labels], [row.mean], sign, color=colour, markersize=4.5)[0], row.id, told)


def _named(ax: Axes, ends: list[tuple[float, str, str]], last: float) -> None:
    """The lines' names at their right ends, moved apart where they would cover each other."""
    low, high = ax.get_ylim()
    room, below = 0.055 * (high - low), -float("inf")
    for value, name, colour in sorted(ends):
        below = max(value, below + room)
        ax.annotate(shortened(name, 24), (last, below), xytext=(8, 0), textcoords="offset points", color=colour, va="center", fontsize=8.5)
