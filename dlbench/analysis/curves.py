"""Learning curves: which one tells most about the metric, and its mean over seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dlbench.stats.method import METHOD
from dlbench.stats.paired import paired_t
from dlbench.store.results import Results
from dlbench.tasks import task
from dlbench.tasks.classification import CLASSIFICATION

POINTS = 60


def told_by(results: Results) -> str | None:
    """Name the curve that tells most about the metric: on the validation split if it was measured, else on the training split."""
    kinds, table = ("loss",) if "loss" in results.metric.name else ("accuracy", "loss"), results.curves
    names = [f"{split}_{kind}" for kind in kinds for split in ("validation", "train")]
    return next((name for name in names if name in table and pd.to_numeric(table[name], errors="coerce").notna().any()), None)


def loss_unit(results: Results) -> str:
    """Return the unit of the loss that the runs were trained with."""
    names = [recipe.get("data.task", CLASSIFICATION.name) for recipe in results.arms["recipe"]]
    return task(names[0] if names else CLASSIFICATION.name).loss_unit


def means(results: Results, name: str) -> pd.DataFrame:
    """Compute the mean and the standard deviation of a curve over seeds: the table of :func:`summary`."""
    return summary(results.curves[["arm", "seed", "epoch"]].assign(value=pd.to_numeric(results.curves[name], errors="coerce")))


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Compute mean and standard deviation over seeds at each epoch, thinned to at most :data:`POINTS` epochs an arm.

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
    return _thinned(found).fillna({"sd": 0.0}).reset_index(drop=True)


def _thinned(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of at most :data:`POINTS` epochs, evenly over all."""
    last = table["epoch"].max() if len(table) else 0
    return table[table["epoch"].isin(np.unique(np.linspace(1, max(last, 1), POINTS).round()))] if last > POINTS else table


def development(curve: pd.DataFrame, arm: str, reference: str) -> pd.DataFrame:
    """Compute how the difference to the reference on the same seeds develops over the epochs.

    Args:
        curve: one row an arm, seed and epoch: ``arm, seed, epoch, value``.
        arm, reference: those that are compared.

    Returns:
        One row an epoch that two seeds or more of both have, thinned to at most :data:`POINTS`: ``epoch, difference, low, high, n``, with
        the 95 % t interval over seeds.

    Example:
        >>> rows = [("a", 0, 1, 0.5), ("a", 1, 1, 0.7), ("b", 0, 1, 0.4), ("b", 1, 1, 0.4)]
        >>> found = development(pd.DataFrame(rows, columns=["arm", "seed", "epoch", "value"]), "a", "b")
        >>> found[["epoch", "difference", "n"]].round(3).to_numpy().tolist()
        [[1.0, 0.2, 2.0]]
    """
    wide = curve[curve["arm"].isin([arm, reference])].pivot_table(index=["epoch", "seed"], columns="arm", values="value")
    if not {arm, reference} <= set(wide.columns):
        return pd.DataFrame(columns=["epoch", "difference", "low", "high", "n"])
    pairs = (wide[arm] - wide[reference]).dropna()
    counts = pairs.groupby("epoch").size()
    epochs = _thinned(counts[counts > 1].rename("n").reset_index())
    found = {epoch: paired_t(pairs.loc[[epoch]].to_numpy(float), METHOD.alpha) for epoch in epochs["epoch"]}
    return epochs.assign(difference=[one.difference for one in found.values()], low=[one.low for one in found.values()],
                         high=[one.high for one in found.values()]).reset_index(drop=True)
