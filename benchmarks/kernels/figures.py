"""Figures of a kernel session: who augments how many images a second, and how single transforms compare with the fastest peer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.kernels.goals import LARGE, SINGLE, SMALL, fastest_peer
from dlbench.bench.rows import Row, ratio, rows
from dlbench.report.figures.canvas import canvas, drawing, svg
from dlbench.report.figures.palette import GRID, INK, MUTED, VERDICTS

OURS, THEIRS = VERDICTS["helps"].colour, MUTED


def write(data: Mapping[str, Any], folder: Path) -> list[str]:
    """Draw all figures.

    Returns:
        Names of the files.
    """
    drawn = {f"pipeline-{size.partition('x')[0]}": lambda ax, size=size: pipeline(data, size, ax) for size in (SMALL, LARGE)}
    drawn["single"] = lambda ax: single(data, ax)
    for name, draw in drawn.items():
        with drawing(name):
            figure, ax = canvas(6.4, 2.4 if name != "single" else 3.2)
            draw(ax)
            (folder / f"{name}.svg").write_text(svg(figure), encoding="utf-8")
    return [f"{name}.svg" for name in drawn]


def pipeline(data: Mapping[str, Any], size: str, ax: Axes) -> Axes:
    """Images per second of the whole pipeline, one bar a library; the line is the range over rounds."""
    found = [row for row in rows(data) if row.task == f"pipeline[{size}]" and row.seconds]
    found.sort(key=lambda row: row.images_per_s)
    rates = [row.images_per_s for row in found]
    ax.barh(range(len(found)), rates, height=0.6, color=[THEIRS if row.peer else OURS for row in found])
    for place, row in enumerate(found):
        ax.plot([rate_at(row, row.high), rate_at(row, row.low)], [place, place], color=INK, linewidth=1)
        ax.annotate(f"{row.images_per_s:,.0f}", (rate_at(row, row.low), place), (4, 0), textcoords="offset points", va="center")
    ax.set_yticks(range(len(found)), [row.peer or "dlbench" for row in found])
    ax.set_xlim(0, 1.18 * max((rate_at(row, row.low) for row in found), default=1))
    ax.set_xlabel(f"images/s, {size.partition('-')[0]}, flip + rotate + shift + brightness + contrast")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.tick_params(axis="y", length=0)
    return ax


def rate_at(row: Row, seconds: float) -> float:
    """Images per second, were a call to take so long."""
    return row.images_per_s * row.seconds / seconds


def single(data: Mapping[str, Any], ax: Axes) -> Axes:
    """How many times as fast as the fastest peer, a dot a transform and size, with the range over rounds."""
    for size, marker, lift in ((SMALL, "o", 0.14), (LARGE, "s", -0.14)):
        label = f"{size.partition('-')[0]}"
        for place, transform in enumerate(reversed(SINGLE)):
            peer = fastest_peer(data, f"{transform}[{size}]")
            found = ratio(data, f"{transform}[{size}]", peer.name) if peer else None
            if found:
                middle, low, high = found
                colour = OURS if middle >= 1 else VERDICTS["hurts"].colour
                ax.plot([low, high], [place + lift] * 2, color=colour, linewidth=1)
                ax.plot(middle, place + lift, marker, color=colour, markersize=5, label=label)
                ax.annotate(peer.peer, (high, place + lift), (5, 0), textcoords="offset points", va="center", fontsize=7, color=MUTED)
                label = None
    ax.axvline(1, color=INK, linewidth=0.8)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks(range(len(SINGLE)), reversed(SINGLE))
    ax.grid(axis="x", color=GRID)
    ax.set_xlabel("times as fast as the fastest peer (named)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return ax
