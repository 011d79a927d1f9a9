"""A figure's life: an empty canvas, an SVG file of it, and the same as part of a page. No state of pyplot's is touched."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import matplotlib
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from dlbench.report.figures.palette import GRID, INK, MUTED, THEME
from dlbench.values.text import one_line

STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.0,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": "#ffffff",
}
NAMES = re.compile(r' id="(?:figure|axes|patch|line2d|text|xtick|ytick|matplotlib\.axis|legend|\w*[Cc]ollection)_\d+"')
LONG = re.compile(r"(\d+\.\d{2})\d+")
MARK = re.compile(r'<g id="arm-([\w ]*)\|([^"]*)">')


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """Draw in the report's style; everything global is as it was afterwards.

    Args:
        name: the figure's own; it decides the identifiers in its SVG, so that figures can share a page.
    """
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


PANEL = (2.75, 1.95)
EDGES = {"left": 0.225, "right": 0.97, "bottom": 0.23, "top": 0.88}
"""Where a panel's axes stand: the same in every one, so that panels side by side can be compared."""


def canvas(width_in: float, height_in: float) -> tuple[Figure, Axes]:
    """An empty figure with one pair of axes."""
    panel = (width_in, height_in) == PANEL
    figure = Figure(figsize=(width_in, height_in), layout=None if panel else "constrained")
    FigureCanvasSVG(figure)
    if panel:
        figure.subplots_adjust(**EDGES)
    return figure, figure.add_subplot()


def mark(artist: Artist, arm: object, text: str) -> Artist:
    """Say which arm (or arms, with blanks between) an artist belongs to, and the numbers behind it, shown where a reader points."""
    artist.set_gid(f"arm-{arm}|{one_line(text)}")
    return artist


def svg(figure: Figure) -> str:
    """The figure as a stand-alone SVG file, the same to the byte each time."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _slim(stream.getvalue())


def _slim(text: str) -> str:
    """Without what no reader sees: names of groups, digits beyond a hundredth of a point, comments, document type."""
    text = re.sub(r"<!--.*?-->|<!DOCTYPE[^>]*>|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = MARK.sub(lambda found: f'<g data-arm="{found[1]}"><title>{html.escape(html.unescape(found[2]))}</title>', text)
    text = re.sub(r"<[^>]+>", lambda found: LONG.sub(r"\1", NAMES.sub("", found[0])), text)
    return re.sub(r"\n\s*\n+|\n +", "\n", text)


def draw(plot: Callable[[pd.DataFrame, Axes], Axes], tables: Sequence[pd.DataFrame], name: str, size_in: tuple[float, float],
         columns: int = 0) -> str:
    """Draw tables with a figure function as a stand-alone SVG: the first alone or, where ``columns`` is set, all side by side.

    Args:
        plot: draws one table on axes.
        tables: what is drawn.
        name: the figure's own.
        size_in: width and height of a pair of axes, in inches.
        columns: how many stand side by side at most; 0: there is one.
    """
    with drawing(name):
        if not columns:
            figure, ax = canvas(*size_in)
            plot(tables[0], ax)
            return svg(figure)
        columns = min(columns, len(tables))
        height = -(-len(tables) // columns)
        figure = Figure(figsize=(size_in[0] * columns, size_in[1] * height), layout="constrained")
        FigureCanvasSVG(figure)
        places = figure.subplots(height, columns, squeeze=False).ravel()
        for table, ax in zip(tables, places):
            plot(table, ax)
        for ax in places[len(tables) :]:
            ax.set_axis_off()
        return svg(figure)


def inline(text: str, label: str) -> str:
    """A stand-alone SVG as part of a page: themed by the page's variables, named for screen readers.

    Args:
        text: from :func:`svg`.
        label: what the figure shows, in words.
    """
    text = re.sub(r"<\?xml[^>]*\?>", "", text).strip()
    for colour, name in THEME.items():
        text = text.replace(colour, f"var(--{name})")
    text = re.sub(r"(?:'DejaVu Sans'|DejaVu Sans), sans-serif|'DejaVu Sans'", "var(--sans)", text)
    return text.replace("<svg ", f'<svg role="img" aria-label="{html.escape(one_line(label))}" ', 1)
