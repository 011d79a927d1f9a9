"""Figures of mean scores with their spread: two factors off and on, and ways of training over the number of labels."""

from __future__ import annotations

import itertools

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from dlbench.report.figures.axis import DASHES, heading, nothing
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, VERDICTS
from dlbench.report.wording import number, shortened
from dlbench.values.text import missing

LOOKS = ((MUTED, "o", DASHES), *((look.colour, look.marker, "-") for look in VERDICTS.values() if look.colour != MUTED))
"""Colour, marker and dashes of the lines, in their order; the first one is the reference's as a rule."""


def interaction(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the mean score with the first factor off and on, one line for the second off and one for on.

    Parallel lines: no interaction. Bars: one standard deviation over runs.

    Args:
        table: ``first, second`` (bool), ``mean, sd, n, id``; attrs ``names`` (of the two factors), ``metric, unit``.
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no finished run")
    names, n = table.attrs["names"], int(table["n"].min())
    for on, (colour, sign, dashes) in ((False, LOOKS[0]), (True, (VERDICTS["helps"].colour, "o", "-"))):
        rows = table[table["second"] == on].sort_values("first")
        places = rows["first"].astype(int) + (0.02 if on else -0.02)  # apart, so that the bars of the two do not hide each other
        ax.plot(places, rows["mean"], color=colour, linestyle=dashes, linewidth=1.5)
        for place, row in zip(places, rows.itertuples()):
            states = ", ".join(f"{name} {'on' if state else 'off'}" for name, state in zip(names, (row.first, row.second)))
            _point(ax, place, row, (colour, sign), (states, table.attrs["unit"]))
        ax.text(1.06, rows["mean"].iloc[-1], "on" if on else "off", color=colour, va="center", fontsize=8)
    ax.set_xlim(-0.25, 1.3)
    ax.set_xticks([0, 1], ["off", "on"])
    ax.set(xlabel=f"{shortened(names[0], 22)}, n {n} a point", ylabel=f"{table.attrs['metric']}, {table.attrs['unit']}")
    ax.yaxis.set_major_locator(MaxNLocator(4))
    heading(ax, f"line: {shortened(names[1], 20)}").title.set_fontsize(8.5)
    return ax


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
            _point(ax, row.labels, row, (colour, sign), (f"{row.name}, {row.labels:g} labels a class", table.attrs["unit"]))
        for place in table.attrs["crossings"].get(name, ()):
            ax.axvline(place, color=colour, linewidth=0.9, linestyle=":", zorder=0)
        ends.append((rows["mean"].iloc[-1], name, colour))
    _name_lines(ax, ends, table["labels"].max())
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(sorted(table["labels"].unique())))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.set(xlabel=f"training examples of each class (n up to {int(table['n'].max())} a point)",
           ylabel=f"{table.attrs['metric']}, {table.attrs['unit']}")
    ax.grid(axis="y")
    return ax


def _point(ax: Axes, place: float, row, style: tuple[str, str], words: tuple[str, str]) -> None:
    """A mean and its standard deviation, both marked with what they are of, the unit, and the arms behind them."""
    spread, (colour, sign), (what, unit) = 0.0 if missing(row.sd) else row.sd, style, words
    text = f"{what}: {number(row.mean)} ± {number(spread)} {unit} (mean ± sd, n {int(row.n)})"
    mark(ax.plot([place] * 2, [row.mean - spread, row.mean + spread], color=colour, linewidth=1.2, marker="_")[0], row.id, text)
    mark(ax.plot([place], [row.mean], sign, color=colour, markersize=4.5)[0], row.id, text)


def _name_lines(ax: Axes, ends: list[tuple[float, str, str]], last: float) -> None:
    """The lines' names at their right ends, moved apart where they would cover each other."""
    low, high = ax.get_ylim()
    room, below = 0.055 * (high - low), -float("inf")
    for value, name, colour in sorted(ends):
        below = max(value, below + room)
        ax.annotate(shortened(name, 24), (last, below), xytext=(8, 0), textcoords="offset points", color=colour, va="center", fontsize=8.5)
