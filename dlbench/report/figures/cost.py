"""What a gain is paid with: effect against cost, both relative to the reference."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import Bbox

from dlbench.report.figures.axis import heading, nothing, reach, signed
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import BAND, INK, MUTED, PAPER, look
from dlbench.report.wording import number, ratio, shortened
from dlbench.values.text import missing

PLACES = (
    (8, -3, "left"), (-8, -3, "right"), (0, 9, "center"), (0, -15, "center"), (8, 9, "left"), (8, -15, "left"), (-8, 9, "right"))
"""Where a name may stand beside its point, best first: to the right and up in points of print, and the side that is fixed."""
SIGN_PT, HEIGHT_PT, POINT_PT, LENGTH = 5.1, 9.0, 5.0, 24
"""Width of a sign, height of a name, and what a point takes to each side; a name has at most so many signs."""


def pareto(cost: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Which points no other point beats: none is at most as dear and at least as good, and better in one of the two.

    Args:
        cost: lower is better.
        gain: higher is better.

    Returns:
        Booleans, one a point.

    Example:
        >>> pareto(np.array([1.0, 2.0, 2.0]), np.array([0.0, 1.0, -1.0])).tolist()
        [True, True, False]
    """
    cost, gain = np.asarray(cost, float), np.asarray(gain, float)
    no_worse = (cost[:, None] <= cost) & (gain[:, None] >= gain)
    better = (cost[:, None] < cost) | (gain[:, None] > gain)
    return ~(no_worse & better).any(axis=0)


def cost(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw each arm's effect against its cost ratio; the Pareto front is a line, and the arms are named where there is room.

    Args:
        table: columns ``id, arm, cost, cost_low, cost_high, difference, low, high, n, verdict, front``, the reference
            itself as the row at (1, 0); attrs ``metric, unit, margin, higher_is_better, quantity``.
        ax: axes to draw on.
    """
    table = table[np.isfinite(table["cost"].astype(float)) & np.isfinite(table["difference"].astype(float))]
    if len(table) < 2:
        return nothing(ax, f"{table.attrs['quantity']}: not measured")
    attrs = table.attrs
    ax.axhspan(-attrs["margin"], attrs["margin"], color=BAND, linewidth=0, zorder=0)
    ax.axvline(1, color=MUTED, linewidth=0.8, zorder=1)
    limit = reach(table, attrs["margin"])
    for row in table.itertuples():
        _point(ax, row, limit)
    _scale(ax, table)
    ax.set_ylim(*_heights(table, limit))
    arrow = "↑ better" if attrs["higher_is_better"] else "↓ better"
    ax.set(
        xlabel=f"{attrs['quantity']}, times the reference's   (← cheaper)",
        ylabel=f"{attrs['metric']}, {attrs['unit']}   ({arrow})",
    )
    heading(ax, f"Effect against {attrs['quantity']}")
    _front(ax, table, limit)
    return ax


def _heights(table: pd.DataFrame, limit: float) -> tuple[float, float]:
    """The range of effects shown: all of them, unless a few are far larger than the rest."""
    ends = table[["difference", "low", "high"]].astype(float).clip(-limit, limit)
    low, high = ends.min().min(), ends.max().max()
    room = 0.08 * max(high - low, 1e-9)
    return float(low - room), float(high + room)


def _point(ax: Axes, row, limit: float) -> None:
    if row.verdict == "reference":
        ax.plot([row.cost], [row.difference], "o", color=INK, markerfacecolor=PAPER, markersize=6, zorder=3)
        return
    style = look(row.verdict)
    if not missing(row.low):
        ax.plot([row.cost] * 2, [row.low, row.high], color=style.colour, linewidth=1, alpha=0.6)
    if not missing(row.cost_low):
        ax.plot([row.cost_low, row.cost_high], [row.difference] * 2, color=style.colour, linewidth=1, alpha=0.6)
    at, marker = (
        (row.difference, style.marker)
        if abs(row.difference) <= limit
        else (np.sign(row.difference) * limit, "^" if row.difference > 0 else "v")
    )
    dot = ax.plot([row.cost], [at], marker, color=style.colour, markersize=6.5)[0]
    value = number(row.difference, 2, sign=True)
    front = ", on the Pareto front" if row.front else ""
    mark(dot, row.id, f"{row.arm}: {value} at {ratio(row.cost, row.cost_low, row.cost_high)}, n {int(row.n)}{front}")


def _front(ax: Axes, table: pd.DataFrame, limit: float) -> None:
    front = table[table["front"]].sort_values("cost")
    ax.plot(front["cost"], front["difference"], color=INK, linewidth=1, linestyle=(0, (4, 2)), zorder=2)
    ax.plot(front["cost"], front["difference"].clip(-limit, limit), "o", color=INK, markerfacecolor="none", markersize=11, zorder=2)
    named = table.reset_index(drop=True)
    order = named.assign(size=named["difference"].abs()).sort_values(["front", "size"], ascending=False)
    label(ax, named[["cost", "difference"]].to_numpy(float).clip([0, -limit], [np.inf, limit]), order["arm"].to_dict())


def _ends(table: pd.DataFrame) -> tuple[float, float]:
    """The range of costs, with their intervals as far as these do not go on for long."""
    low, high = float(table["cost"].min()), float(table["cost"].max())
    room = max(high - low, 0.1)
    return max(table[["cost", "cost_low"]].min().min(), low - room, 0.5 * low), min(table[["cost", "cost_high"]].max().max(), high + room)


def _scale(ax: Axes, table: pd.DataFrame) -> None:
    """A logarithmic axis of plain numbers, where costs differ by more than a factor of three; else a linear one."""
    low, high = _ends(table)
    if low > 0 and high / low > 3:
        ax.set_xscale("log")
        ax.set_xlim(low / 1.25, high * (high / low) ** 0.3)
        steps = np.outer(10.0 ** np.arange(-6, 7), (1, 2, 3, 5)).ravel()
        ax.set_xticks([step for step in steps if low / 1.5 <= step <= high * 1.5])
        ax.xaxis.set_minor_locator(NullLocator())
    else:
        room = max(high - low, 0.1)
        ax.set_xlim(low - 0.12 * room, high + 0.35 * room)
        ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}×"))
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))


def label(ax: Axes, points: np.ndarray, names: Mapping[int, str]) -> Axes:
    """Write names beside points, at the first of several places that is free.

    Args:
        ax: axes whose limits are final.
        points: all points to keep clear of, shape (n, 2), in data coordinates.
        names: index of a point -> its name, the most important first.
    """
    ax.figure.draw_without_rendering()
    to_points = 72 / ax.figure.dpi
    where, (x0, y0, x1, y1) = ax.transData.transform(points) * to_points, ax.bbox.extents * to_points
    taken = [Bbox(((x - POINT_PT, y - POINT_PT), (x + POINT_PT, y + POINT_PT))) for x, y in where]
    for index, name in names.items():
        text = shortened(name, LENGTH)
        for dx, dy, side in PLACES:
            width = SIGN_PT * len(text)
            left = where[index][0] + dx - {"left": 0, "center": width / 2, "right": width}[side]
            box = Bbox.from_bounds(left, where[index][1] + dy, width, HEIGHT_PT)
            inside = box.x0 >= x0 and box.y0 >= y0 and box.x1 <= x1 + 20 and box.y1 <= y1 + 4
            if inside and not box.count_overlaps(taken):
                taken.append(box)
                ax.annotate(
                    text, points[index], xytext=(dx, dy), textcoords="offset points", ha=side, fontsize=8, color=INK
                ).set_in_layout(False)
                break
    return ax
