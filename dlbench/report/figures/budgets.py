"""Small figures of an arm's effect after several lengths of training."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dlbench.report.figures.axis import nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, look
from dlbench.report.wording import number


def budgets(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw an arm's effect at each budget with its interval, in the colour and with the mark of the verdict there.

    Args:
        table: a row a budget, ascending: ``epochs, difference, low, high, n, verdict``, in the unit shown; attrs ``id, arm, reference,
            unit, margin`` and ``reach`` (the largest difference to show).
        ax: axes to draw on.
    """
    known = table.dropna(subset=["difference"])
    if not len(known):
        return nothing(ax, "no run has finished")
    attrs, reach = table.attrs, max(table.attrs["reach"], table.attrs["margin"])
    ax.axhspan(-attrs["margin"], attrs["margin"], color=MUTED, alpha=0.12, linewidth=0)
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.plot(known["epochs"], known["difference"], color=MUTED, linewidth=1.0)
    for row in known.itertuples():
        shown = look(row.verdict)
        ax.plot([row.epochs] * 2, [row.low, row.high], color=shown.colour, linewidth=1.5)
        [point] = ax.plot(row.epochs, row.difference, shown.marker, color=shown.colour, markersize=5)
        interval = f"{number(row.difference, 2, sign=True)} {attrs['unit']} ({number(row.low, 2)} to {number(row.high, 2)})"
        mark(point, attrs["id"], f"{attrs['arm']} at {row.epochs} epochs: {row.verdict}, {interval}, n {int(row.n)} seeds")
    ax.set_ylim(-1.1 * reach, 1.1 * reach)
    ax.set_xlim(0, 1.08 * table["epochs"].max())
    ax.set_xticks(list(table["epochs"]))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.set(xlabel="epochs of training", ylabel=f"difference, {attrs['unit']}")
    ax.grid(axis="y")
    return titled(ax, attrs["arm"])
