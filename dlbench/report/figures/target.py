"""Time to target: which share of the seeds has reached it by when; a run that never does is censored, never dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from statsmodels.duration.survfunc import SurvfuncRight

from dlbench.report.figures.axis import nothing, titled
from dlbench.report.figures.canvas import mark
from dlbench.report.figures.palette import MUTED, look
from dlbench.report.wording import number
from dlbench.stats.events import median_time


def reached(times: np.ndarray, hit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of runs that have reached the target by each time (one minus Kaplan and Meier's survival).

    Args:
        times: when each run reached the target, or ended without.
        hit: whether it reached it.

    Returns:
        Times (from 0) and shares, a staircase.

    Example:
        >>> times, shares = reached(np.array([2.0, 3.0, 5.0]), np.array([True, True, False]))
        >>> times.tolist(), shares.round(2).tolist()
        ([0.0, 2.0, 3.0, 5.0], [0.0, 0.33, 0.67, 0.67])

    Source: E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", J. Am. Stat. Assoc. 53,
    1958, https://doi.org/10.1080/01621459.1958.10501452
    """
    if not hit.any():
        return np.array([0.0, times.max()]), np.zeros(2)
    fit = SurvfuncRight(times, hit.astype(int))
    steps = np.concatenate([[0.0], fit.surv_times, [times.max()]])
    shares = np.concatenate([[0.0], 1 - fit.surv_prob, [1 - fit.surv_prob[-1]]])
    return (steps[:-1], shares[:-1]) if steps[-1] == steps[-2] else (steps, shares)


def target(table: pd.DataFrame, ax: Axes) -> Axes:
    """Draw the share of seeds that reached the target, an arm over its reference; ticks mark censored runs.

    Args:
        table: one row an arm and seed: ``arm, time, hit``; attrs ``id, arm, reference, verdict, unit, target, last``.
        ax: axes to draw on.
    """
    attrs = table.attrs
    if not len(table):
        return nothing(ax, "no run has been scored against the target")
    drawn = {attrs["reference"]: (MUTED, (0, (3, 1.5))), attrs["arm"]: (look(attrs["verdict"]).colour, "-")}
    for name, (colour, dashes) in drawn.items():
        _stairs(table[table["arm"] == name], ax, colour, dashes)
    ax.set_ylim(-0.03, 1.05)
    ax.set_xlim(0, attrs["last"] * 1.03)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=attrs["unit"] == "epoch"))
    ax.set_yticks([0, 0.5, 1])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    ax.set(xlabel=attrs["unit"], ylabel="seeds at target")
    ax.grid(axis="y")
    return titled(ax, attrs["arm"])


def _stairs(rows: pd.DataFrame, ax: Axes, colour: str, dashes) -> None:
    if not len(rows):
        return
    times, hit = rows["time"].to_numpy(float), rows["hit"].to_numpy(bool)
    steps, shares = reached(times, hit)
    line = ax.step(steps, shares, where="post", color=colour, linewidth=1.5, linestyle=dashes)[0]
    at = [shares[np.searchsorted(steps, time, side="right") - 1] for time in times[~hit]]
    ax.plot(times[~hit], at, "|", color=colour, markersize=8)
    mark(line, rows.attrs["id"], f"{rows['arm'].iloc[0]}: {told(times, hit, rows.attrs['unit'])}")


def told(times: np.ndarray, hit: np.ndarray, unit: str) -> str:
    """Median time to target in words, censored runs counted.

    Example:
        >>> told(np.array([2.0, 3.0, 5.0]), np.array([True, True, False]), "epoch")
        'median epoch 3, 2 of 3 seeds reached the target'
        >>> told(np.array([5.0]), np.array([False]), "epoch")
        'median not reached, 0 of 1 seeds reached the target'
    """
    found = median_time(times, hit)
    middle = "not reached" if found.median is None else f"{unit} {number(found.median, 0 if unit == 'epoch' else 1)}"
    return f"median {middle}, {int(hit.sum())} of {len(hit)} seeds reached the target"
