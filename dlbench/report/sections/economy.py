"""Size, compute and gradients: what arms save, and how much of the gradient arrives at the first layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlbench.analysis import Analysis, economy
from dlbench.report.document import Block, Section, Shown, Text, text_tables
from dlbench.report.wording import NOTHING, count, level, milliseconds, number, ratio, unit_of
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.values.text import listed, missing, one_line, plain

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
    f"example, as ratios to the reference with {METHOD.confidence} intervals. Multiply-accumulates are those of an answer; those of "
    "training are of the forward passes over all examples that a run was trained on."
)
NORMS = (
    "Mean norm of the loss's gradient for the weights of each layer over the first epoch, mean over seeds. Where it falls by orders "
    "of magnitude from the last layer to the first, the gradient vanishes on its way back."
)
TITLE = "Size, compute and gradients"


def build(analysis: Analysis) -> Iterator[Block]:
    """Size, saved compute, speed and gradients; nothing where the study has nothing of the kind."""
    stopped, speeds = economy.stopped_early(analysis.results), economy.speeds(analysis)
    norms = economy.gradient_norms(analysis.results)
    tables = list(text_tables(TITLE, _sizes(analysis), _saved(stopped), _speeds(speeds), _norms(norms)))
    if tables:
        yield from map(Text, (*_zeros(analysis.results), *_stops(stopped), *_counted(speeds), *_flow(norms)))
        yield from tables


def _sizes(analysis: Analysis) -> Shown:
    """Size and latency beside the score."""
    unit = unit_of(analysis.metric)
    rows = tuple((one_line(row.Index, NAME), level(row.score, unit), f"{count(row.bytes)} B", ratio(row.bytes_ratio),
                  f"{number(100 * row.nonzero, 1)} %", milliseconds(row.inference_ms), ratio(row.inference_ratio))
                 for row in economy.sizes(analysis).itertuples())
    name = analysis.results.study["metric"].replace("_", " ").capitalize()
    return "sizes", SIZES, ("Arm", name, "Size", "To reference", "Weights not zero", "Inference", "To reference"), rows


def _zeros(results: Results) -> Iterator[str]:
    """Say what share of the weights is zero, of arms that are to have sparse weights."""
    shares = [f"{one_line(arm, NAME)} {number(100 * share, 1)} %" for arm, share in economy.zero_weights(results).items()]
    if shares:
        yield f"Weights that are exactly zero at the end, mean over seeds: {listed(shares, most=12)}."


def _saved(stopped: pd.DataFrame) -> Shown:
    """Return the share of the budget that early stopping left."""
    rows = tuple((one_line(row.Index, NAME), f"{row.stopped} of {row.n}", number(row.epochs, 1), count(row.planned_steps),
                  count(row.steps), f"{number(100 * row.saved, 1)} %") for row in stopped.itertuples())
    return "saved", SAVED, ("Arm", "Stopped early", "Epochs taken", "Steps in the budget", "Steps taken", "Compute saved"), rows


def _stops(stopped: pd.DataFrame) -> Iterator[str]:
    """Say what early stopping saved, in a sentence an arm."""
    for row in stopped.itertuples():
        yield (f"{one_line(row.Index, NAME)} stopped {row.stopped} of {row.n} runs early, after {number(row.epochs, 1)} epochs on average, "
               f"and saved {number(100 * row.saved, 1)} % of the training steps.")


def _speeds(speeds: pd.DataFrame) -> Shown:
    """Examples a second in training, and times beside the counts of operations; no rows for a single arm."""
    rows = tuple((one_line(row.arm, NAME), plain(row.batch), count(1000 * row.batch / row.step_ms), ratio(row.parameters_ratio),
                  ratio(row.macs_ratio), ratio(row.train_macs_ratio), *(_times(row) if row.compared else (NOTHING, NOTHING)))
                 for row in speeds.itertuples())
    headers = ("Arm", "Batch size", "Examples a second", "Parameters", "Multiply-accumulates", "Those of training",
               "Training time", "Inference time")
    return "speeds", SPEEDS, headers, rows if len(rows) > 1 else ()


def _times(row: Any) -> tuple[str, str]:
    """Measured training and inference time as ratios to the reference, with their intervals."""
    return ratio(row.step_ratio, row.step_low, row.step_high), ratio(row.inference_ratio, row.inference_low, row.inference_high)


def _counted(speeds: pd.DataFrame) -> Iterator[str]:
    """Measured time beside the count of operations, in a sentence an arm whose count differs."""
    for row in speeds.itertuples():
        if not missing(row.macs_ratio) and abs(row.macs_ratio - 1) > NOTABLE and not missing(row.step_ratio):
            training, inference = _times(row)
            yield (f"{one_line(row.arm, NAME)} has {ratio(row.parameters_ratio)} the parameters and {ratio(row.macs_ratio)} the "
                   f"multiply-accumulates of its reference; measured, it takes {training} the training time and {inference} the "
                   "inference time.")


def _norms(norms: pd.DataFrame) -> Shown:
    """Return the gradient's norm by layer, where a study measured it."""
    rows = [(one_line(arm, NAME), *map(_scientific, row)) for arm, row in zip(norms.index, norms.to_numpy())]
    return "gradients", NORMS, ("Arm", *norms), rows


def _flow(norms: pd.DataFrame) -> Iterator[str]:
    """Say how much of the gradient arrives at the first layer, in a sentence."""
    shares = []
    for arm, row in norms.iterrows():
        known = row.dropna()
        if len(known) > 1 and known.iloc[-1]:
            shares.append(f"{one_line(arm, NAME)} {_scientific(known.iloc[0] / known.iloc[-1])}")
    if shares:
        yield f"Gradient norm in the first layer over that in the last, in the first epoch: {listed(shares, most=16)}."


def _scientific(value: float) -> str:
    return NOTHING if missing(value) else f"{value:.2g}"


SECTION = Section("economy", TITLE, build)
