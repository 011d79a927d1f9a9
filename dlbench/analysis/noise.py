"""Test-set noise: what a difference is worth on new test examples too, and which classes it comes from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis.judge import foremost
from dlbench.analysis.rounds import stacked, true_classes, whole_rounds
from dlbench.analysis.scores import finished_runs, folds_of
from dlbench.stats.method import METHOD
from dlbench.stats.noise import crossed_bootstrap, crossed_effect, per_class_effects
from dlbench.stats.paired import differences, paired_t
from dlbench.store.results import Answers, Results
from dlbench.values.seeds import derive

METRIC = "test_accuracy"
MOST_ARMS = 24
MOST_CLASSES = 12
NOISE = ("arm", "n", "examples", "difference", "low", "high", "crossed_low", "crossed_high", "resampled_low", "resampled_high")
CLASSES = ("arm", "label", "examples", "difference", "low", "high", "p_adjusted")


@dataclass(frozen=True, eq=False)
class Noise:
    """What the answers to each test example say; accuracies from 0 to 1.

    Attributes:
        arms: one row a compared arm: ``arm, n`` (seeds of both with answers), ``examples``, ``difference``, its 95 % t
            interval over seeds alone (``low, high``), over seeds and test examples (``crossed_low, crossed_high``:
            :func:`dlbench.stats.noise.crossed_effect`) and from resampling both (``resampled_low, resampled_high``); empty where the
            seeds test folds in turn: the verdicts are about new examples already.
        classes: one row a compared arm and class: ``arm, label, examples, difference, low, high, p_adjusted`` (Holm, over the
            classes of the arm); empty where the labels were not kept.
        of: compared arms in all.
    """

    arms: pd.DataFrame
    classes: pd.DataFrame
    of: int


def noise(results: Results, verdicts: pd.DataFrame) -> Noise | None:
    """Measure the test-set noise of the arms that differ most.

    The same answers give the same intervals: the resampling of an arm is seeded by its name.

    Args:
        results: of a study.
        verdicts: its verdict table.

    Returns:
        None where the metric is another or no answers were kept.
    """
    answers = results.answers
    if answers is None or results.metric.name != METRIC or not len(verdicts):
        return None
    arms: list[tuple[Any, ...]] = []
    classes: list[pd.DataFrame] = []
    ids = {arm: dict(zip(part["seed"], part["run_id"])) for arm, part in finished_runs(results).groupby("arm")}
    folds = folds_of(results)
    for row in foremost(verdicts, MOST_ARMS).itertuples():
        pair = _pair(answers, results.pilot, [ids.get(arm, {}) for arm in (row.arm, row.reference)], folds)
        if pair is not None:
            ours, theirs, labels = pair
            arms += [] if folds else [_arm(row.arm, ours, theirs)]
            classes += [] if labels is None else [_by_class(row.arm, ours, theirs, labels)]
    if not arms and not classes:
        return None
    by_class = pd.concat(classes, ignore_index=True) if classes else pd.DataFrame(columns=list(CLASSES))
    return Noise(pd.DataFrame(arms, columns=list(NOISE)), by_class, len(verdicts))


def _pair(answers: Answers, pilot: Collection[int], ids: Sequence[dict[int, str]],
          folds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None] | None:
    """Read what share arm and reference have right, shape (rounds, examples) each, and the labels; None below two rounds or two examples.

    Where there are no folds, each seed is a round.

    Args:
        answers: of the study's runs.
        pilot: seeds that are left out.
        ids: of the arm and of its reference, seed -> the run that is done.
        folds: of the study.
    """
    shares = answers.shares({run_id for side in ids for run_id in side.values()})
    kept = [seed for seed in ids[0] if seed in ids[1] and seed not in pilot]
    rounds = whole_rounds([seed for seed in kept if ids[0][seed] in shares and ids[1][seed] in shares], folds)
    ours, theirs = (stacked(shares, side, rounds) for side in ids)
    if ours is None or theirs is None or ours.shape != theirs.shape or min(ours.shape) < 2:
        return None
    labels = true_classes(answers, ids[0], rounds[0])
    return ours, theirs, labels if labels is not None and len(labels) == ours.shape[1] else None


def _arm(arm: str, ours: np.ndarray, theirs: np.ndarray) -> tuple[Any, ...]:
    crossed = crossed_effect(ours, theirs, METHOD.alpha)
    seeds = paired_t(differences(ours.mean(axis=1), theirs.mean(axis=1)), METHOD.alpha)
    resampled = crossed_bootstrap(ours, theirs, derive(0, "test-set noise", arm), METHOD.alpha)
    return arm, *ours.shape, crossed.difference, seeds.low, seeds.high, crossed.low, crossed.high, *resampled


def _by_class(arm: str, ours: np.ndarray, theirs: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    return per_class_effects(ours, theirs, labels, METHOD.alpha).assign(arm=arm)[list(CLASSES)]


def shown_classes(found: Noise) -> list[int]:
    """Return the classes that the table shows, in order: all, or those in which the arms differ most."""
    if not len(found.classes):
        return []
    size = found.classes.assign(size=found.classes["difference"].abs()).groupby("label")["size"].mean()
    return sorted(int(label) for label in size.nlargest(MOST_CLASSES).index)


def on_this_set(found: Noise) -> list[str]:
    """List the arms whose interval over seeds excludes 0, while that over seeds and test examples holds it."""
    table = found.arms
    inside, outside = (table["crossed_low"] <= 0) & (table["crossed_high"] >= 0), (table["low"] > 0) | (table["high"] < 0)
    return list(table.loc[inside & outside, "arm"])
