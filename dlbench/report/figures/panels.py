"""Small figures of an arm over its reference: learning curves, time to target, performance profiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dlbench.analysis.targets import share_reached
from dlbench.report.figures.axis import DASHES, nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, look
from dlbench.report.wording import number
from dlbench.stats.events import median_time


def curves(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw an arm's mean curve over its reference's, each with a band of one standard deviation over seeds.

    Args:
        table: from :func:`dlbench.analysis.curves.summary`, of one arm and its reference, in the unit shown; attrs ``id, arm,
            reference, verdict, unit, quantity, decimals, low, high`` (the range to show).
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no curve")
    attrs = table.attrs
    for rows, colour, dashes in _both(table):
        last, band = rows.iloc[-1], [(rows["mean"] + rows["sd"] * sign).clip(attrs["low"], attrs["high"]) for sign in (-1, 1)]
        ax.fill_between(rows["epoch"], *band, color=colour, alpha=0.18, linewidth=0)
        line = _line(ax, rows["epoch"], rows["mean"], color=colour, linestyle=dashes)
        shown = f"{number(last['mean'], 2)} ± {number(last['sd'], 2)} {attrs['unit']}"
        mark(line, attrs["id"], f"{last['arm']}: {shown} at epoch {int(last['epoch'])} (mean ± sd of n {int(rows['n'].max())} seeds)")
    ax.set_ylim(attrs["low"], attrs["high"])
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, attrs["decimals"])))
    ax.set(xlabel="epoch", ylabel=f"{attrs['quantity']}, {attrs['unit']}")
    ax.grid(axis="y")
    return titled(ax, attrs["arm"])


def development(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw an arm's mean difference to its reference over the epochs, with a band of the 95 % interval over seeds.

    Args:
        table: from :func:`dlbench.analysis.curves.development`, in the unit shown; attrs ``id, arm, reference, verdict, unit, reach``
            (the largest difference to show), ``margin`` (None where it is of another quantity) and ``scored_from`` (the first
            epoch that the score is a mean over).
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no curve")
    attrs, reach = table.attrs, max(table.attrs["reach"], table.attrs["margin"] or 0.0)
    if attrs["margin"] is not None:
        ax.axhspan(-attrs["margin"], attrs["margin"], color=MUTED, alpha=0.12, linewidth=0)
    ax.axvspan(attrs["scored_from"] - 0.5, table["epoch"].max() + 0.5, color=MUTED, alpha=0.12, linewidth=0)
    ax.axhline(0, color=MUTED, linewidth=0.8)
    reach = reach or 1.0
    colour, low, high = look(attrs["verdict"]).colour, *(table[end].clip(-reach, reach) for end in ("low", "high"))
    ax.fill_between(table["epoch"], low, high, color=colour, alpha=0.18, linewidth=0)
    line, last = _line(ax, table["epoch"], table["difference"].clip(-reach, reach), color=colour), table.iloc[-1]
    shown = f"{number(last['difference'], 2, sign=True)} {attrs['unit']} ({number(last['low'], 2)} to {number(last['high'], 2)})"
    mark(line, attrs["id"], f"{attrs['arm']}: {shown} at epoch {int(last['epoch'])} (n {int(last['n'])} seeds)")
    ax.set_ylim(-1.05 * reach, 1.05 * reach)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.set(xlabel="epoch", ylabel=f"difference, {attrs['unit']}")
    ax.grid(axis="y")
    return titled(ax, attrs["arm"])


def target(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the share of seeds that reached the target, an arm over its reference; ticks mark censored runs.

    Args:
        table: one row an arm and seed: ``arm, time, hit``; attrs ``id, arm, reference, verdict, unit, target, last``.
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no run has been scored against the target")
    attrs = table.attrs
    for rows, colour, dashes in _both(table):
        times, hit = rows["time"].to_numpy(float), rows["hit"].to_numpy(bool)
        steps, shares = share_reached(times, hit)
        line = _line(ax, steps, shares, color=colour, linestyle=dashes, drawstyle="steps-post")
        censored = [shares[np.searchsorted(steps, time, side="right") - 1] for time in times[~hit]]
        ax.plot(times[~hit], censored, "|", color=colour, markersize=8)
        mark(line, attrs["id"], f"{rows['arm'].iloc[0]}: {median_words(times, hit, attrs['unit'])}")
    ax.set_ylim(-0.03, 1.05)
    ax.set_xlim(0, attrs["last"] * 1.03)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=attrs["unit"] == "epoch"))
    ax.set_yticks([0, 0.5, 1])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    ax.set(xlabel=attrs["unit"], ylabel="seeds at target")
    ax.grid(axis="y")
    return titled(ax, attrs["arm"])


def median_words(times: np.ndarray, hit: np.ndarray, unit: str) -> str:
    """Median time to target in words, censored runs counted.

    Example:
        >>> median_words(np.array([2.0, 3.0, 5.0]), np.array([True, True, False]), "epoch")
        'median epoch 3, 2 of 3 seeds reached the target'
        >>> median_words(np.array([5.0]), np.array([False]), "epoch")
        'median not reached, 0 of 1 seeds reached the target'
    """
    median = median_time(times, hit).median
    middle = "not reached" if median is None else f"{unit} {number(median, 0 if unit == 'epoch' else 1)}"
    return f"median {middle}, {int(hit.sum())} of {len(hit)} seeds reached the target"


def profile(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw on what share of all runs, over every dataset, an arm does better than a score, over its reference, with 95 % bands.

    Args:
        table: ``arm, threshold, share, low, high``, thresholds in the unit shown; attrs ``id, arm, reference, metric, unit,
            higher_is_better, n`` (arm -> runs a dataset) and ``datasets`` (their number).
        ax: axes to draw on.
    """
    if not len(table):
        return nothing(ax, "no run on every dataset")
    attrs = table.attrs
    for rows, colour, dashes in _both(table, "helps"):
        ax.fill_between(rows["threshold"], rows["low"], rows["high"], color=colour, alpha=0.18, linewidth=0)
        line = _line(ax, rows["threshold"], rows["share"], color=colour, linestyle=dashes)
        name, half = rows["arm"].iloc[0], rows.iloc[(rows["share"] - 0.5).abs().argmin()]
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


def _both(table: pd.DataFrame, verdict: str = "") -> Iterator[tuple[pd.DataFrame, str, object]]:
    """Yield the rows of the reference, then those of the arm, where there are any, with colour and dashes of their lines."""
    attrs = table.attrs
    drawn = {attrs["reference"]: (MUTED, DASHES), attrs["arm"]: (look(verdict or attrs["verdict"]).colour, "-")}
    for name, style in drawn.items():
        rows = table[table["arm"] == name]
        if len(rows):
            yield rows, *style


def _line(ax: Axes, x: Any, y: Any, **style: Any) -> Line2D:
    """Draw one line through points in their order, and return it."""
    sns.lineplot(x=x, y=y, ax=ax, estimator=None, errorbar=None, sort=False, linewidth=1.5, **style)
    return ax.lines[-1]
