"""Names beside points, only where they hide nothing: a name that would cover a point or another name is left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from dlbench.report.figures.palette import INK
from dlbench.report.wording import shortened

PLACES = (
    (8, -3, "left"),
    (-8, -3, "right"),
    (0, 9, "center"),
    (0, -15, "center"),
    (8, 9, "left"),
    (8, -15, "left"),
    (-8, 9, "right"),
)
SIGN_PT = 5.1
HEIGHT_PT = 9.0
POINT_PT = 5.0
LENGTH = 24


def label(ax: Axes, points: np.ndarray, names: Mapping[int, str]) -> Axes:
    """Write names beside points, at the first of several places that is free.

    Args:
        ax: axes whose limits are final.
        points: all points to keep clear of, shape (n, 2), in data coordinates.
        names: index of a point -> its name, the most important first.
    """
    ax.figure.draw_without_rendering()
    to_points = 72 / ax.figure.dpi
    where = ax.transData.transform(points) * to_points
    inside = np.array([*(ax.bbox.min * to_points), *(ax.bbox.max * to_points)])
    taken = [(x - POINT_PT, y - POINT_PT, x + POINT_PT, y + POINT_PT) for x, y in where]
    for index, name in names.items():
        text = shortened(name, LENGTH)
        for dx, dy, side in PLACES:
            box = _box(where[index], dx, dy, side, SIGN_PT * len(text))
            if _within(box, inside) and not any(_touch(box, other) for other in taken):
                taken.append(box)
                ax.annotate(
                    text, points[index], xytext=(dx, dy), textcoords="offset points", ha=side, fontsize=8, color=INK
                ).set_in_layout(False)
                break
    return ax


def _box(at: np.ndarray, dx: float, dy: float, side: str, width: float) -> tuple[float, float, float, float]:
    left = at[0] + dx - {"left": 0, "center": width / 2, "right": width}[side]
    return left, at[1] + dy, left + width, at[1] + dy + HEIGHT_PT


def _within(box: tuple[float, ...], outer: np.ndarray) -> bool:
    return box[0] >= outer[0] and box[1] >= outer[1] and box[2] <= outer[2] + 20 and box[3] <= outer[3] + 4


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
