"""Figures of pictures: training images before and after augmentation, and test images that a change fixes or breaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from dlbench.report.figures.axis import nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import INK, MUTED, VERDICTS

GAP = 0.07
CAPTION = 0.34
"""Room below an image for what was said of it, in widths of an image."""


def augmentation(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the same training images before augmentation (top row) and after each draw (one row an epoch).

    Args:
        table: one row an image: ``example`` (0 to n - 1), ``draw`` (0: before; k: in epoch k) and ``image`` (uint8 [h, w, c]);
            attrs ``id, arm, changed`` (what the arm changes, text).
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no image has been kept")
    attrs, count, draws = table.attrs, int(table["example"].max()) + 1, int(table["draw"].max())
    for row in table.itertuples():
        below = row.draw + (GAP * 3 if row.draw else 0)
        when = f"epoch {row.draw}: {attrs['changed']}" if row.draw else "before augmentation"
        _picture(ax, row.image, (row.example, below), (attrs["id"], f"{attrs['arm']}, training image {row.example + 1}, {when}"))
    _frame(ax, count, draws + 1 + GAP * 3)
    places = [0.5, *(draw + 0.5 + GAP * 3 for draw in range(1, draws + 1))]
    ax.set_yticks(places, ["before", *(f"epoch {draw}" for draw in range(1, draws + 1))])
    height, width = table["image"].iloc[0].shape[:2]
    ax.set_xlabel(f"n {count} training images, shown at {width}×{height} px", fontsize=8)
    return titled(ax, attrs["arm"], 34)


def examples(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the test images that an arm fixes (top row) and breaks (bottom row), those turned on the most seeds first.

    Args:
        table: one row an image: ``kind`` (``fixed`` or ``broken``), ``place`` (0, 1, ...), ``image`` (uint8 [h, w, c]), ``label``
            (true class), ``theirs, ours`` (the class that reference and arm say most often) and ``told`` (all of it in words);
            attrs ``id, arm, n`` (such as "8 seeds").
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no test example is turned")
    kinds = [kind for kind in ("fixed", "broken") if (table["kind"] == kind).any()]
    tall = 1 + CAPTION
    for row in table.itertuples():
        corner = row.place, kinds.index(row.kind) * tall
        _picture(ax, row.image, corner, (table.attrs["id"], row.told))
        colour = VERDICTS["helps" if row.kind == "fixed" else "hurts"].colour
        middle = corner[0] + 0.5
        ax.text(middle, corner[1] + 1.02, f"{row.label}: {row.theirs}→{row.ours}", ha="center", va="top", fontsize=7, color=colour)
    _frame(ax, int(table["place"].max()) + 1, len(kinds) * tall)
    ax.set_yticks([0.5 + position * tall for position in range(len(kinds))], kinds)
    ax.set_xlabel(f"true class: reference → arm, most often of n {table.attrs['n']}", fontsize=8)
    return titled(ax, table.attrs["arm"], 34)


def _picture(ax: Axes, image: np.ndarray, corner: tuple[float, float], told: tuple[object, str]) -> None:
    """Draw one image in the unit square at a corner; its text appears where a reader points at it."""
    (left, top), (height, width) = corner, image.shape[:2]
    side = 1 - GAP
    wide, high = (side * size / max(height, width) for size in (width, height))
    x, y = left + (1 - wide) / 2, top + (1 - high) / 2
    shown = np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image
    ax.imshow(shown, extent=(x, x + wide, y + high, y), interpolation="none", zorder=1)
    frame = Rectangle((x, y), wide, high, facecolor=(*to_rgb(INK), 0.004), edgecolor=MUTED, linewidth=0.5, zorder=2)
    mark(ax.add_patch(frame), *told)


def _frame(ax: Axes, wide: float, high: float) -> None:
    """Axes without lines, as large as what they show."""
    ax.set_xlim(-GAP, wide + GAP)
    ax.set_ylim(high + GAP, -GAP)
    ax.set_aspect("equal", anchor="NW")
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0, labelsize=8, labelcolor=INK)
    for side in ax.spines.values():
        side.set_visible(False)
