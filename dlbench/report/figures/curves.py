"""Learning curves: an arm beside its reference, with the spread over seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dlbench.report.figures.axis import nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, look
from dlbench.report.wording import number

POINTS = 60


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over seeds at each epoch, thinned to at most :data:`POINTS` epochs an arm.

    Args:
        table: one row an arm, seed and epoch: ``arm, seed, epoch, value``.

    Returns:
        One row an arm and epoch: ``arm, epoch, mean, sd`` (0 for one seed), ``n``.

    Example:
        >>> rows = pd.DataFrame({"arm": ["a", "a"], "seed": [0, 1], "epoch": [1, 1], "value": [0.25, 0.75]})
        >>> summary(rows)[["mean", "n"]].to_numpy().tolist()
        [[0.5, 2.0]]
    """
    table = table[np.isfinite(table["value"].astype(float))]
    found = table.groupby(["arm", "epoch"])["value"].agg(mean="mean", sd="std", n="count").reset_index()
    last = found["epoch"].max() if len(found) else 0
    kept = np.unique(np.linspace(1, max(last, 1), POINTS).round()) if last > POINTS else found["epoch"].unique()
    return found[found["epoch"].isin(kept)].fillna({"sd": 0.0}).reset_index(drop=True)


def curves(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw an arm's mean curve over its reference's, each with a band of one standard deviation over seeds.

    Args:
        table: from :func:`summary`, of one arm and its reference, in the unit shown; attrs ``id, arm, reference, verdict,
            unit, quantity, decimals, low, high`` (the range to show).
        ax: axes to draw on.
    """
    attrs = table.attrs
    if not len(table):
        return nothing(ax, "no curve")
    drawn = {attrs["reference"]: (MUTED, (3, 1.5)), attrs["arm"]: (look(attrs["verdict"]).colour, "")}
    for name, (colour, dashes) in drawn.items():
        _curve(table[table["arm"] == name], ax, colour, dashes)
    ax.set_ylim(attrs["low"], attrs["high"])
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, attrs["decimals"])))
    ax.set(xlabel="epoch", ylabel=f"{attrs['quantity']}, {attrs['unit']}")
    ax.grid(axis="y")
    return titled(ax, attrs["arm"])


def _curve(rows: pd.DataFrame, ax: Axes, colour: str, dashes) -> None:
    if not len(rows):
        return
    attrs, n = rows.attrs, int(rows["n"].max())
    band = (rows["mean"] - rows["sd"], rows["mean"] + rows["sd"])
    ax.fill_between(
        rows["epoch"], *(part.clip(attrs["low"], attrs["high"]) for part in band), color=colour, alpha=0.18, linewidth=0
    )
    before = len(ax.lines)
    sns.lineplot(
        x=rows["epoch"],
        y=rows["mean"],
        ax=ax,
        color=colour,
        linewidth=1.5,
        errorbar=None,
        estimator=None,
        dashes=False,
        legend=False,
    )
    line = ax.lines[before]
    if dashes:
        line.set_dashes(dashes)
    last = rows.iloc[-1]
    shown = f"{number(last['mean'], 2)} ± {number(last['sd'], 2)} {attrs['unit']}"
    mark(line, attrs["id"], f"{last['arm']}: {shown} at epoch {int(last['epoch'])} (mean ± sd of n {n} seeds)")
