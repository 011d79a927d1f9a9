"""Performance profiles: on what share of all runs, over every dataset, does an arm do better than a given score?"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dlbench.report.figures.axis import nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, VERDICTS
from dlbench.report.wording import number


def profile(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw an arm's profile over its reference's, each with its 95 % band.

    Args:
        table: ``arm, threshold, share, low, high``, thresholds in the unit shown; attrs ``id, arm, reference, metric, unit,
            higher_is_better, n`` (arm -> runs a dataset) and ``datasets`` (their number).
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no run on every dataset")
    attrs = table.attrs
    for name, colour, dashes in ((attrs["reference"], MUTED, (0, (3, 1.5))), (attrs["arm"], VERDICTS["helps"].colour, "-")):
        rows = table[table["arm"] == name]
        ax.fill_between(rows["threshold"], rows["low"], rows["high"], color=colour, alpha=0.18, linewidth=0)
        line = ax.plot(rows["threshold"], rows["share"], color=colour, linestyle=dashes, linewidth=1.5)[0]
        half = rows.iloc[(rows["share"] - 0.5).abs().argmin()]
        shown = f"half of the runs are better than {number(half['threshold'], 2)} {attrs['unit']}"
        mark(line, attrs["id"], f"{name}: {shown} (n {attrs['n'][name]} runs on each of {attrs['datasets']} datasets)")
    ax.set_ylim(-0.03, 1.03)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    runs = attrs["n"][attrs["arm"]] * attrs["datasets"]
    ax.set(xlabel=f"{attrs['metric']}, {attrs['unit']} (n {runs})", ylabel="share of runs better")
    if not attrs["higher_is_better"]:
        ax.invert_xaxis()
    ax.grid(axis="y")
    return titled(ax, attrs["arm"])
