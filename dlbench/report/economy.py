"""What arms save, and how their gradients flow: size of the model, compute left unused, gradient norms by layer."""

from __future__ import annotations

import pandas as pd

from dlbench.report import costs
from dlbench.report.sections import Section, Table
from dlbench.report.wording import count, level, milliseconds, missing, number, one_line, ratio, unit_of
from dlbench.store.results import Results
from dlbench.values.metric import metric

SMALLER = ("compression.", "distillation.", "model.precision", "training.xla", "model.width")
STOPPING = "training.early_stopping.patience_epochs"
GRADIENT = "gradient_norm/"
SIZES = (
    "The model as it would be shipped: the bytes of its 32-bit weights; of a pruned one those bytes zipped; of a quantised one its "
    ".tflite file (zipped too where it is pruned). Inference: time per example over a test batch, measured alone on the machine."
)
SAVED = "Steps that early stopping left of the budget, over the seeds that completed; an arm that never stopped saves nothing."
NORMS = (
    "Mean norm of the loss's gradient for the weights of each layer over the first epoch, mean over seeds. Where it falls by orders "
    "of magnitude from the last layer to the first, the gradient vanishes on its way back."
)


def section(results: Results) -> Section | None:
    """Size, saved compute and gradients; None where the study has nothing of the kind."""
    runs = results.runs[results.runs["status"] == "done"] if len(results.runs) else results.runs
    found = (_sizes(results, runs), _saved(results, runs), _norms(results, runs))
    tables = tuple(table for table in found if table is not None)
    return Section("economy", "Size, compute and gradients", (), tables) if tables else None


def _sizes(results: Results, runs: pd.DataFrame) -> Table | None:
    """Size and latency beside the score, for arms that are to save some, and their references."""
    if "model_bytes" not in runs:
        return None
    arms = results.arms.set_index("arm")
    chosen = [arm for arm, changes in arms["changes"].items() if any(path.startswith(SMALLER) for path in changes)]
    if not chosen:
        return None
    references = {arm: arms.loc[arm, "reference"] for arm in chosen}
    shown = [arm for arm in arms.index if arm in references or arm in references.values()]
    means = runs.groupby("arm")[["model_bytes", "parameters", "nonzero_parameters", results.study["metric"]]].mean()
    timed = costs.absolute(results).set_index("arm")
    rows = tuple(_size(results, arm, references.get(arm), means, timed) for arm in shown if arm in means.index)
    name = results.study["metric"].replace("_", " ").capitalize()
    return Table("sizes", SIZES, ("Arm", name, "Size", "To reference", "Weights not zero", "Inference", "To reference"), rows)


def _size(results: Results, arm: str, reference: str | None, means: pd.DataFrame, timed: pd.DataFrame) -> tuple[str, ...]:
    mine = means.loc[arm]
    theirs = means["model_bytes"].get(reference)
    share = 100 * mine["nonzero_parameters"] / mine["parameters"]
    return (one_line(arm, 60), level(mine[results.study["metric"]], unit_of(metric(results.study["metric"]))),
            f"{count(mine['model_bytes'])} B", ratio(None if missing(theirs) else mine["model_bytes"] / theirs), f"{number(share, 1)} %",
            milliseconds(timed.loc[arm, "inference_ms"]), ratio(timed.loc[arm, "inference_ratio"] if reference else None))


def _saved(results: Results, runs: pd.DataFrame) -> Table | None:
    """The share of the budget that early stopping left."""
    stopping = [row.arm for row in results.arms.itertuples() if row.recipe.get(STOPPING)]
    if not stopping or "planned_steps" not in runs:
        return None
    means = runs.groupby("arm")[["steps", "planned_steps"]].mean()
    rows = tuple(
        (one_line(arm, 60), count(means.loc[arm, "planned_steps"]), count(means.loc[arm, "steps"]),
         f"{number(100 * (1 - means.loc[arm, 'steps'] / means.loc[arm, 'planned_steps']), 1)} %")
        for arm in stopping if arm in means.index)
    return Table("saved", SAVED, ("Arm", "Steps in the budget", "Steps taken", "Compute saved"), rows) if rows else None


def _norms(results: Results, runs: pd.DataFrame) -> Table | None:
    """The gradient's norm by layer, where a study measured it."""
    columns = [name for name in runs if name.startswith(GRADIENT)]
    if not columns:
        return None
    means = runs.groupby("arm")[columns].mean()
    rows = tuple((one_line(arm, 60), *(_scientific(means.loc[arm, name]) for name in columns))
                 for arm in results.arms["arm"] if arm in means.index)
    return Table("gradients", NORMS, ("Arm", *(name.removeprefix(GRADIENT) for name in columns)), rows)


def _scientific(value: float) -> str:
    return "–" if missing(value) else f"{value:.2g}"
