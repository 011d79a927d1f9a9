"""What arms save, and how their gradients flow: sizes, zero weights, steps left unused, speed, gradient norms by layer."""

from __future__ import annotations

import pandas as pd

from dlbench.analysis.analysis import Analysis
from dlbench.analysis.scores import finished_runs, references
from dlbench.store.results import Results
from dlbench.values.field import Purpose
from dlbench.values.recipe import DEFAULTS, fields_with

BATCH = "training.batch_size"
STOPPING = "training.early_stopping.patience_epochs"
GRADIENT = "gradient_norm/"


def arms_with(results: Results, purpose: Purpose) -> list[str]:
    """Return the arms that change a recipe field of this purpose."""
    return [row.arm for row in results.arms.itertuples() if not fields_with(purpose).isdisjoint(row.changes)]


def with_references(results: Results, chosen: list[str]) -> list[str]:
    """Return arms and the arms that they are compared with, in the study's order."""
    compared_with = {reference for arm, reference in references(results).items() if arm in chosen}
    return [arm for arm in results.arms["arm"] if arm in chosen or arm in compared_with]


def sizes(analysis: Analysis) -> pd.DataFrame:
    """Measure the arms that are to shrink the model, and their references.

    Returns:
        One row an arm: ``score`` (mean, stored unit), ``bytes`` (of the model as it is shipped), ``bytes_ratio`` and ``inference_ratio``
        (to the reference; NaN of an arm that only serves as one), ``nonzero`` (share of the weights), ``inference_ms``. Empty where no
        arm shrinks the model or no size was recorded.
    """
    results = analysis.results
    runs, chosen = finished_runs(results), arms_with(results, Purpose.SHRINK)
    if "model_bytes" not in runs or not chosen:
        return pd.DataFrame()
    means = runs.groupby("arm")[["model_bytes", "parameters", "nonzero_parameters", results.study["metric"]]].mean()
    arms = [arm for arm in with_references(results, chosen) if arm in means.index]
    against = pd.Series({arm: reference for arm, reference in references(results).items() if arm in chosen}, dtype=object).reindex(arms)
    timed, found = analysis.costs.set_index("arm").reindex(arms), means.loc[arms]
    return pd.DataFrame({
        "score": found[results.study["metric"]], "bytes": found["model_bytes"],
        "bytes_ratio": found["model_bytes"] / against.map(means["model_bytes"]).astype(float),
        "nonzero": found["nonzero_parameters"] / found["parameters"], "inference_ms": timed["inference_ms"],
        "inference_ratio": timed["inference_ratio"].where(against.notna())})


def zero_weights(results: Results) -> pd.Series:
    """Return the mean share of weights that are exactly zero at the end, of arms that are to have some and of their references."""
    runs, chosen = finished_runs(results), arms_with(results, Purpose.SPARSIFY)
    if not chosen or "nonzero_parameters" not in runs:
        return pd.Series(dtype=float)
    share = 1 - (runs["nonzero_parameters"] / runs["parameters"]).groupby(runs["arm"]).mean()
    return share.loc[[arm for arm in with_references(results, chosen) if arm in share.index]]


def stopped_early(results: Results) -> pd.DataFrame:
    """Return one row an arm with early stopping: ``stopped`` and ``n`` (runs), means of ``epochs, steps, planned_steps``, ``saved`` (share
    of the steps)."""
    runs = finished_runs(results)
    stopping = [row.arm for row in results.arms.itertuples() if row.recipe.get(STOPPING)]
    if not stopping or "planned_steps" not in runs:
        return pd.DataFrame()
    grouped = runs.assign(stopped=runs["steps"] < runs["planned_steps"], n=1).groupby("arm")
    table = grouped[["epochs", "steps", "planned_steps"]].mean().join(grouped[["stopped", "n"]].sum())
    table["saved"] = 1 - table["steps"] / table["planned_steps"]
    return table.loc[[arm for arm in stopping if arm in table.index]]


def trained_together(results: Results) -> tuple[int, int, float] | None:
    """Count the runs that ended and those that anything was trained for, and return the share of all steps that was; None where no run has
    steps that were trained for another one."""
    runs = results.runs.drop_duplicates("run_id")
    if "shared_steps" not in runs or not (runs["shared_steps"] > 0).any():
        return None
    steps = runs["steps"].dropna()
    own = steps - runs["shared_steps"].reindex(steps.index).fillna(0)
    return len(steps), int((own > 0).sum()), float(own.sum() / steps.sum())


def speeds(analysis: Analysis) -> pd.DataFrame:
    """Return the measured costs of arms that are to be faster, and of their references, in the study's order.

    Returns:
        The columns of :func:`dlbench.analysis.costs.costs`, ``batch`` (examples) and ``compared`` (whether the arm has a reference); only
        arms whose training step was timed.
    """
    results, table = analysis.results, analysis.costs.copy()
    batches = {row.arm: row.recipe.get(BATCH, DEFAULTS[BATCH]) for row in results.arms.itertuples()}
    table["batch"] = table["arm"].map(batches).astype(float)
    table["compared"] = table["arm"].isin(references(results))
    return table[table["arm"].isin(with_references(results, arms_with(results, Purpose.SPEED))) & table["step_ms"].notna()]


def gradient_norms(results: Results) -> pd.DataFrame:
    """Return the mean norm of the gradient in the first epoch, arm by layer; empty where none was measured."""
    runs = finished_runs(results)
    layers = {name: name.removeprefix(GRADIENT) for name in runs if name.startswith(GRADIENT)}
    means = runs.groupby("arm")[list(layers)].mean().rename(columns=layers) if layers else pd.DataFrame()
    return means.reindex([arm for arm in results.arms["arm"] if arm in means.index])
