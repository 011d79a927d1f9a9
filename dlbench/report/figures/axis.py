"""What the figures' axes share: a range that one outlier cannot squeeze, short labels, a note on what the reader sees."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import BAND, GRID, INK, MUTED
from dlbench.report.wording import MINUS, shortened

LABEL = 38
DASHES = (0, (3, 1.5))
"""Of a reference's line."""
ROOM = 1.06
"""An axis of differences ends a little beyond its limit; an interval that goes on runs to that end."""


def reach(table: pd.DataFrame, margin: float) -> float:
    """Half the width of a symmetric axis of differences: all intervals fit, unless a few are far wider than the rest.

    Args:
        table: columns ``difference, low, high``.
        margin: always shown with room to spare.

    Returns:
        The largest extent; at most four times the upper quartile of them, where the rest would become unreadable.

    Example:
        >>> reach(pd.DataFrame({"difference": [1.0], "low": [0.0], "high": [2.0]}), margin=0.5)
        2.0
    """
    extent = table[["difference", "low", "high"]].astype(float).abs().max(axis=1).dropna()
    if not len(extent) or not extent.max():
        return margin * 2
    limit = max(float(extent.quantile(0.75)) * 4, margin * 4)
    return float(max(min(extent.max(), limit), margin * 1.6))


def differences(ax: Axes, limit: float, attrs: dict) -> Axes:
    """Draw an axis of differences: zero, the margin's band, units, and which way is better."""
    better = "better →" if attrs["higher_is_better"] else "← better"
    ax.axvspan(-attrs["margin"], attrs["margin"], color=BAND, linewidth=0, zorder=0)
    ax.axvline(0, color=MUTED, linewidth=0.9, zorder=1)
    ax.set_xlim(-limit * ROOM, limit * ROOM)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))
    shown = attrs.get("axis") or f"difference in {attrs['metric']} to the reference"
    ax.set_xlabel(f"{shown}, {attrs['unit']}   ({better})")
    return ax


def signed(value: float) -> str:
    """Return a tick's label: no more digits than it needs.

    Example:
        >>> signed(2.0), signed(-0.25), signed(1e-17)
        ('+2', '−0.25', '0')
    """
    text = f"{abs(value):.6g}" if abs(value) > 1e-12 else "0"
    return text if text == "0" else (MINUS if value < 0 else "+") + text


def rows(ax: Axes, arms: pd.DataFrame) -> Axes:
    """Set out arms as rows, the first on top, their names at the left; a rule parts arms whose references differ.

    Args:
        ax: axes to draw on.
        arms: one row an arm: ``id, arm, reference``.
    """
    ax.set_yticks(range(len(arms)), [shortened(name, LABEL) for name in arms["arm"]])
    ax.set_ylim(len(arms) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    for label, arm, name in zip(ax.get_yticklabels(), arms["id"], arms["arm"]):
        mark(label, arm, str(name))
    for row, (one, other) in enumerate(itertools.pairwise(arms["reference"]), 1):
        if one != other:
            ax.axhline(row - 0.5, color=GRID, linewidth=0.9, zorder=0)
    return ax


def beyond(ax: Axes, value: float, row: float, limit: float, colour: str) -> None:
    """Draw an arrow at the edge where the row's value lies outside the axis."""
    if abs(value) > limit:
        ax.plot([np.sign(value) * limit], [row], marker=">" if value > 0 else "<", color=colour, markersize=6, clip_on=False)


def heading(ax: Axes, text: str) -> Axes:
    """Write a title flush left."""
    ax.set_title(text, loc="left", color=INK, fontweight="bold")
    return ax


def titled(ax: Axes, arm: object, most: int = 24) -> Axes:
    """Title a small figure with the name of its arm, in at most so many characters."""
    heading(ax, shortened(arm, most)).title.set_fontsize(8.5)
    return ax


def nothing(ax: Axes, text: str) -> Axes:
    """Say that there is nothing to draw, instead of empty axes."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", color=MUTED, transform=ax.transAxes)
    return ax
