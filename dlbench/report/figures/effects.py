"""What each arm does to the metric: differences with intervals, and every seed behind them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dlbench.report.figures.axis import ROOM, beyond, differences, heading, nothing, reach, rows
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import INK, MUTED, look
from dlbench.report.wording import number
from dlbench.stats.method import METHOD
from dlbench.values.text import missing


def forest(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw each arm's mean difference with its 95 % interval (thick) and the family's simultaneous one (thin).

    Args:
        table: columns ``id, arm, reference, difference, low, high, simultaneous_low, simultaneous_high, n, planned,
            verdict`` in the unit shown; attrs ``metric, unit, margin, higher_is_better, decimals``.
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no arm has been compared yet")
    limit = reach(table, table.attrs["margin"])
    rows(differences(ax, limit, table.attrs), table)
    for position, row in enumerate(table.itertuples()):
        _effect(ax, position, row, limit)
        text = _numbers(row, table.attrs["decimals"])
        told = ax.text(1.02, position, text, transform=ax.get_yaxis_transform(), va="center", fontsize=8.5, color=INK)
        mark(told, row.id, text)
    ax.text(1.02, 1.01, f"difference [{METHOD.confidence} interval], n", transform=ax.transAxes, va="bottom", fontsize=8, color=MUTED)
    return heading(ax, table.attrs.get("title", "Effect of each change"))


def _numbers(row, decimals: int) -> str:
    if missing(row.difference):
        return f"no verdict, n {int(row.n)}"
    value, low, high = (number(part, decimals, sign=True) for part in (row.difference, row.low, row.high))
    return f"{value} [{low}, {high}], n {int(row.n)}"


def _effect(ax: Axes, position: int, row, limit: float) -> None:
    style = look(row.verdict)
    if missing(row.difference):
        return
    told = f"{row.arm}: {row.verdict}, {_numbers(row, 2)} of {int(row.planned)}"
    for low, high, width in ((row.simultaneous_low, row.simultaneous_high, 0.9), (row.low, row.high, 2.6)):
        if not missing(low):
            ends = np.clip([low, high], -limit * ROOM, limit * ROOM)
            mark(ax.plot(ends, [position] * 2, color=style.colour, linewidth=width, solid_capstyle="butt")[0], row.id, told)
    mark(ax.plot([row.difference], [position], style.marker, color=style.colour, markersize=6)[0], row.id, told)
    beyond(ax, row.difference, position, limit, style.colour)


def seeds(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the paired difference of every seed as a dot, and their mean as a bar: nothing is hidden behind an interval.

    Args:
        table: one row an arm and seed: ``id, arm, seed, difference, verdict`` in the unit shown; attrs as for
            :func:`forest` and ``arms`` (the order of the rows) and ``groups`` (their references).
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no arm shares a finished seed with its reference yet")
    extents = table.rename(columns={"difference": "low"}).assign(difference=table["difference"], high=table["difference"])
    limit = reach(extents, table.attrs["margin"])
    ids = dict(zip(table["arm"], table["id"]))
    arms = pd.DataFrame({"arm": table.attrs["arms"], "reference": table.attrs["groups"]})
    rows(differences(ax, limit, table.attrs), arms.assign(id=[ids.get(arm, "") for arm in arms["arm"]]))
    for position, arm in enumerate(table.attrs["arms"]):
        _dots(ax, position, table[table["arm"] == arm], limit)
    return heading(ax, "Every seed: arm minus reference")


def _dots(ax: Axes, position: int, rows_: pd.DataFrame, limit: float) -> None:
    if not len(rows_):
        return
    values, style = rows_["difference"].to_numpy(float), look(rows_["verdict"].iloc[0])
    seen = np.clip(values, -limit, limit)
    dots = ax.scatter(seen, position + spread(seen, limit / 40), s=17, color=style.colour, alpha=0.75, linewidths=0, zorder=3)
    told = ", ".join(f"seed {seed} {number(value, 2, sign=True)}" for seed, value in zip(rows_["seed"], values))
    mark(dots, rows_["id"].iloc[0], f"{rows_['arm'].iloc[0]}: {told}")
    if abs(values.mean()) > limit:
        beyond(ax, values.mean(), position, limit, style.colour)
    else:
        bar = ax.plot([values.mean()] * 2, [position - 0.34, position + 0.34], color=INK, linewidth=1.6, zorder=4)[0]
        mark(bar, rows_["id"].iloc[0], f"{rows_['arm'].iloc[0]}: mean {number(values.mean(), 2, sign=True)}, n {len(values)}")


def spread(values: np.ndarray, width: float, step: float = 0.17, most: float = 0.36) -> np.ndarray:
    """Vertical offsets that keep dots of nearly equal value apart, symmetric about zero.

    Example:
        >>> spread(np.array([0.0, 0.0, 5.0]), width=1.0).tolist()
        [-0.085, 0.085, 0.0]
    """
    bins = np.round(values / width) if width > 0 else np.zeros(len(values))
    offsets = np.zeros(len(values))
    for value in np.unique(bins):
        same = np.flatnonzero(bins == value)
        room = min(step, 2 * most / max(len(same) - 1, 1))
        offsets[same] = (np.arange(len(same)) - (len(same) - 1) / 2) * room
    return offsets
