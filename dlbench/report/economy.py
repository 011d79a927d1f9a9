"""What arms save, and how their gradients flow: size of the model, compute left unused, speed, gradient norms by layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlbench.analysis import costs
from dlbench.analysis.scores import references
from dlbench.report.textual import Section, Table
from dlbench.report.wording import NOTHING, count, level, milliseconds, number, ratio, unit_of
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.values.field import Purpose
from dlbench.values.recipe import DEFAULTS, fields_with
from dlbench.values.text import listed, missing, one_line, plain

BATCH = "training.batch_size"
STOPPING = "training.early_stopping.patience_epochs"
GRADIENT = "gradient_norm/"
NAME = 60
NOTABLE = 0.02
"""A count of operations is worth a sentence where it differs by more than this share."""
SIZES = (
    "The model as it would be shipped: the bytes of its 32-bit weights; of a pruned one those bytes zipped; of a quantised one its "
    ".tflite file (zipped too where it is pruned). Inference: time per example over a test batch, measured alone on the machine."
)
SAVED = "Steps that early stopping left of the budget, over the seeds that completed; an arm that never stopped saves nothing."
SPEEDS = (
    "Measured alone on the machine, in interleaved rounds: training steps on whole batches, inference over a test batch. Times are per "
    f"example, as ratios to the reference with {METHOD.confidence} intervals; counts are those of one forward pass."
)
NORMS = (
    "Mean norm of the loss's gradient for the weights of each layer over the first epoch, mean over seeds. Where it falls by orders "
    "of magnitude from the last layer to the first, the gradient vanishes on its way back."
)


def section(results: Results) -> Section | None:
    """Size, saved compute, speed and gradients; None where the study has nothing of the kind."""
    runs = results.runs[results.runs["status"] == "done"] if len(results.runs) else results.runs
    parts = (_sizes, _saved, _speeds, _norms)
    tables = tuple(table for table in (part(results, runs) for part in parts) if table is not None)
    told = tuple(text for part in (_zeros, _stops, _counted, _flow) for text in part(results, runs))
    return Section("economy", "Size, compute and gradients", told, tables) if tables else None


def _changing(results: Results, purpose: Purpose) -> list[str]:
    """The arms that change a recipe field of this purpose."""
    return [row.arm for row in results.arms.itertuples() if not fields_with(purpose).isdisjoint(row.changes)]


def _beside(results: Results, chosen: list[str]) -> list[str]:
    """Arms and the arms that they are compared with, in the study's order."""
    theirs = {reference for arm, reference in references(results).items() if arm in chosen}
    return [arm for arm in results.arms["arm"] if arm in chosen or arm in theirs]


def _sizes(results: Results, runs: pd.DataFrame) -> Table | None:
    """Size and latency beside the score, for arms that are to save some, and their references."""
    chosen = _changing(results, Purpose.SHRINK)
    if "model_bytes" not in runs or not chosen:
        return None
    against = references(results)
    means = runs.groupby("arm")[["model_bytes", "parameters", "nonzero_parameters", results.study["metric"]]].mean()
    timed = costs.absolute(results).set_index("arm")
    rows = tuple(_size(results, arm, against.get(arm) if arm in chosen else None, means, timed)
                 for arm in _beside(results, chosen) if arm in means.index)
    name = results.study["metric"].replace("_", " ").capitalize()
    return Table("sizes", SIZES, ("Arm", name, "Size", "To reference", "Weights not zero", "Inference", "To reference"), rows)


def _size(results: Results, arm: str, reference: str | None, means: pd.DataFrame, timed: pd.DataFrame) -> tuple[str, ...]:
    mine = means.loc[arm]
    theirs = means["model_bytes"].get(reference)
    share = 100 * mine["nonzero_parameters"] / mine["parameters"]
    return (one_line(arm, NAME), level(mine[results.study["metric"]], unit_of(results.metric)),
            f"{count(mine['model_bytes'])} B", ratio(None if missing(theirs) else mine["model_bytes"] / theirs), f"{number(share, 1)} %",
            milliseconds(timed.loc[arm, "inference_ms"]), ratio(timed.loc[arm, "inference_ratio"] if reference else None))


def _zeros(results: Results, runs: pd.DataFrame) -> Iterator[str]:
    """Whether what is to give sparse weights does, in a sentence."""
    chosen = _changing(results, Purpose.SPARSIFY)
    if not chosen or "nonzero_parameters" not in runs:
        return
    share = 100 * (1 - runs["nonzero_parameters"] / runs["parameters"]).groupby(runs["arm"]).mean()
    told = [f"{one_line(arm, NAME)} {number(share[arm], 1)} %" for arm in _beside(results, chosen) if arm in share]
    if told:
        yield f"Weights that are exactly zero at the end, mean over seeds: {listed(told, most=12)}."


def _stopped(results: Results, runs: pd.DataFrame) -> pd.DataFrame:
    """One row an arm with early stopping: ``stopped`` and ``n`` (runs), means of ``epochs, steps, planned_steps``, ``saved`` (share)."""
    stopping = [row.arm for row in results.arms.itertuples() if row.recipe.get(STOPPING)]
    if not stopping or "planned_steps" not in runs:
        return pd.DataFrame()
    runs = runs.assign(stopped=runs["steps"] < runs["planned_steps"], n=1)
    grouped = runs.groupby("arm")
    found = grouped[["epochs", "steps", "planned_steps"]].mean().join(grouped[["stopped", "n"]].sum())
    found["saved"] = 1 - found["steps"] / found["planned_steps"]
    return found.loc[[arm for arm in stopping if arm in found.index]]


def _saved(results: Results, runs: pd.DataFrame) -> Table | None:
    """The share of the budget that early stopping left."""
    rows = tuple(
        (one_line(row.Index, NAME), f"{row.stopped} of {row.n}", number(row.epochs, 1), count(row.planned_steps), count(row.steps),
         f"{number(100 * row.saved, 1)} %") for row in _stopped(results, runs).itertuples())
    headers = ("Arm", "Stopped early", "Epochs taken", "Steps in the budget", "Steps taken", "Compute saved")
    return Table("saved", SAVED, headers, rows) if rows else None


def _stops(results: Results, runs: pd.DataFrame) -> Iterator[str]:
    """What early stopping saved, in a sentence an arm."""
    for row in _stopped(results, runs).itertuples():
        yield (f"{one_line(row.Index, NAME)} stopped {row.stopped} of {row.n} runs early, after {number(row.epochs, 1)} epochs on average, "
               f"and saved {number(100 * row.saved, 1)} % of the training steps.")


def _timed(results: Results, purpose: Purpose) -> pd.DataFrame:
    """Costs, and their ratios, of the arms that change such fields and were timed, and of their references; in the study's order."""
    chosen = _changing(results, purpose)
    found = costs.absolute(results).merge(costs.ratios(results, references(results))[["arm", "parameters_ratio", "macs_ratio"]], "left")
    batches = {row.arm: row.recipe.get(BATCH, DEFAULTS[BATCH]) for row in results.arms.itertuples()}
    found["batch"] = found["arm"].map(batches).astype(float)
    return found[found["arm"].isin(_beside(results, chosen)) & found["step_ms"].notna()]


def _speeds(results: Results, runs: pd.DataFrame) -> Table | None:
    """Examples a second in training, and times beside the counts of operations."""
    against = references(results)
    rows = tuple(
        (one_line(row.arm, NAME), plain(row.batch), count(1000 * row.batch / row.step_ms), ratio(row.parameters_ratio),
         ratio(row.macs_ratio), *(_times(row) if row.arm in against else (NOTHING, NOTHING)))
        for row in _timed(results, Purpose.SPEED).itertuples())
    headers = ("Arm", "Batch size", "Examples a second", "Parameters", "Multiply-accumulates", "Training time", "Inference time")
    return Table("speeds", SPEEDS, headers, rows) if len(rows) > 1 else None


def _times(row: Any) -> tuple[str, str]:
    """Measured training and inference time as ratios to the reference, with their intervals."""
    return (ratio(row.step_ratio, row.step_low, row.step_high), ratio(row.inference_ratio, row.inference_low, row.inference_high))


def _counted(results: Results, runs: pd.DataFrame) -> Iterator[str]:
    """Measured time beside the count of operations, in a sentence an arm whose count differs."""
    for row in _timed(results, Purpose.SPEED).itertuples():
        if not missing(row.macs_ratio) and abs(row.macs_ratio - 1) > NOTABLE and not missing(row.step_ratio):
            training, inference = _times(row)
            yield (f"{one_line(row.arm, NAME)} has {ratio(row.parameters_ratio)} the parameters and {ratio(row.macs_ratio)} the "
                   f"multiply-accumulates of its reference; measured, it takes {training} the training time and {inference} the "
                   "inference time.")


def _gradients(results: Results, runs: pd.DataFrame) -> pd.DataFrame:
    """Arm by layer: the mean norm of its gradient; empty where none was measured."""
    columns = [name for name in runs if name.startswith(GRADIENT)]
    means = runs.groupby("arm")[columns].mean() if columns else pd.DataFrame()
    return means.reindex([arm for arm in results.arms["arm"] if arm in means.index])


def _norms(results: Results, runs: pd.DataFrame) -> Table | None:
    """The gradient's norm by layer, where a study measured it."""
    means = _gradients(results, runs)
    if not len(means):
        return None
    rows = tuple((one_line(arm, NAME), *map(_scientific, row)) for arm, row in zip(means.index, means.to_numpy()))
    return Table("gradients", NORMS, ("Arm", *(name.removeprefix(GRADIENT) for name in means)), rows)


def _flow(results: Results, runs: pd.DataFrame) -> Iterator[str]:
    """How much of the gradient arrives at the first layer, in a sentence."""
    told = []
    for arm, row in _gradients(results, runs).iterrows():
        known = row.dropna()
        if len(known) > 1 and known.iloc[-1]:
            told.append(f"{one_line(arm, NAME)} {_scientific(known.iloc[0] / known.iloc[-1])}")
    if told:
        yield f"Gradient norm in the first layer over that in the last, in the first epoch: {listed(told, most=16)}."


def _scientific(value: float) -> str:
    return NOTHING if missing(value) else f"{value:.2g}"
