"""Every study of a folder in one picture: the effects of its arms, in margins, so that studies of other metrics can stand beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from dlbench.report.figures.axis import ROOM, beyond, signed
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import BAND, GRID, INK, MUTED, VERDICTS, look
from dlbench.report.wording import number, shortened
from dlbench.stats.method import METHOD

REACH_MARGINS = 5.0
LABEL = 34
HEIGHT = 0.7
"""The share of a row that its arms fill."""


def studies(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw a row a study: the difference of each arm to its reference with its interval, in margins of the study.

    Args:
        table: a row an arm, those of a study together: ``study, arm, difference, low, high`` (in margins, above 0 is better)
            and ``verdict``.
        ax: axes to draw on.
    """
    names = list(dict.fromkeys(table["study"]))
    _rows(ax, names)
    for row, name in enumerate(names):
        arms = table[table["study"] == name].sort_values("difference", ascending=False)
        for place, arm in zip(_places(len(arms)), arms.itertuples()):
            _effect(ax, row + place, arm)
        ax.text(1.02, row, _counts(arms["verdict"]), transform=ax.get_yaxis_transform(), va="center", fontsize=8.5, color=INK)
    return ax


def _rows(ax: Axes, names: list[str]) -> None:
    """Set out the studies as rows, the first on top, and the axis that they share."""
    ax.axvspan(-1, 1, color=BAND, linewidth=0, zorder=0)
    ax.axvline(0, color=MUTED, linewidth=0.9, zorder=1)
    for row in range(1, len(names)):
        ax.axhline(row - 0.5, color=GRID, linewidth=0.6, zorder=0)
    ax.set_yticks(range(len(names)), [shortened(name, LABEL) for name in names])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set(xlim=(-REACH_MARGINS * ROOM, REACH_MARGINS * ROOM), ylim=(len(names) - 0.5, -0.5),
           xlabel=f"difference to the reference in margins of the study [{METHOD.confidence}]   (better →)")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))


def _places(count: int) -> np.ndarray:
    """Where the arms of a study stand in its row, the first on top.

    Example:
        >>> _places(1).tolist(), _places(2).tolist()
        ([0.0], [-0.175, 0.175])
    """
    return HEIGHT * ((np.arange(count) + 0.5) / count - 0.5)


def _effect(ax: Axes, place: float, arm) -> None:
    style = look(arm.verdict)
    told = f"{arm.study}, {arm.arm}: {arm.verdict}, {number(arm.difference, 1, sign=True)} margins"
    if not np.isnan(arm.low):
        ends = np.clip([arm.low, arm.high], -REACH_MARGINS * ROOM, REACH_MARGINS * ROOM)
        mark(ax.plot(ends, [place] * 2, color=style.colour, linewidth=1.4, solid_capstyle="butt")[0], "", told)
    if abs(arm.difference) <= REACH_MARGINS:
        mark(ax.plot([arm.difference], [place], style.marker, color=style.colour, markersize=3.6)[0], "", told)
    beyond(ax, arm.difference, place, REACH_MARGINS, style.colour)


def _counts(verdicts: pd.Series) -> str:
    """How many arms have each verdict.

    Example:
        >>> _counts(pd.Series(["hurts", "helps", "hurts"]))
        '▲ 1   ▼ 2'
    """
    counts = verdicts.value_counts()
    return "   ".join(f"{shown.sign} {counts[name]}" for name, shown in VERDICTS.items() if name in counts)
