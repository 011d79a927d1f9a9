"""Test-set noise: what a difference is worth on new test examples too, and which classes it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis import Analysis
from dlbench.report import frames, wording
from dlbench.report.wording import NOTHING, unit_of
from dlbench.stats.method import METHOD
from dlbench.stats.noise import crossed_bootstrap, crossed_effect, per_class_effects, unpack
from dlbench.stats.paired import differences, paired_t
from dlbench.store.results import Results
from dlbench.values.seeds import derive
from dlbench.values.text import listed, missing, one_line

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
            :func:`dlbench.stats.noise.crossed_effect`) and from resampling both (``resampled_low, resampled_high``).
        classes: one row a compared arm and class: ``arm, label, examples, difference, low, high, p_adjusted`` (Holm, over the
            classes of the arm); empty where the labels were not kept.
        of: compared arms in all.
    """

    arms: pd.DataFrame
    classes: pd.DataFrame
    of: int


@lru_cache(maxsize=1)
def noise(analysis: Analysis) -> Noise | None:
    """Test-set noise of the arms that differ most; None where the metric is another or no answers were kept.

    The same answers give the same intervals: the resampling of an arm is seeded by its name.
    """
    answers = analysis.results.answers
    if answers is None or analysis.metric.name != METRIC or not len(analysis.verdicts):
        return None
    arms, classes, runs = [], [], analysis.results.runs
    done = runs.loc[runs["status"] == "done", ["arm", "seed", "run_id"]]
    ids = {arm: dict(zip(part["seed"], part["run_id"])) for arm, part in done.groupby("arm")}
    for row in frames.foremost(analysis.verdicts, MOST_ARMS).itertuples():
        pair = _pair(analysis.results, [ids.get(arm, {}) for arm in (row.arm, row.reference)])
        if pair is not None:
            arms.append(_arm(row.arm, *pair[:2]))
            classes += [] if pair[2] is None else [_by_class(row.arm, *pair)]
    if not arms:
        return None
    found = pd.concat(classes, ignore_index=True) if classes else pd.DataFrame(columns=list(CLASSES))
    return Noise(pd.DataFrame(arms, columns=list(NOISE)), found, len(analysis.verdicts))


def _pair(results: Results, ids: list[dict[int, str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray | None] | None:
    """Right or wrong of arm and reference, (seeds, examples) each, and the labels; None below two seeds or two examples.

    Args:
        results: of the study.
        ids: of the arm and of its reference, seed -> the run that is done.
    """
    answers = results.answers
    bits = answers.bits({run_id for side in ids for run_id in side.values()})
    counted = [seed for seed in ids[0] if seed in ids[1] and seed not in results.pilot]
    seeds = [seed for seed in counted if ids[0][seed] in bits and ids[1][seed] in bits]
    sizes = {bits[side[seed]][1] for side in ids for seed in seeds}
    if len(seeds) < 2 or len(sizes) != 1 or min(sizes) < 2:
        return None
    ours, theirs = (np.stack([unpack(*bits[side[seed]]) for seed in seeds]) for side in ids)
    labels = answers.labels(ids[0][seeds[0]])
    return ours, theirs, labels if labels is not None and len(labels) == ours.shape[1] else None


def _arm(arm: str, ours: np.ndarray, theirs: np.ndarray) -> tuple[Any, ...]:
    crossed = crossed_effect(ours, theirs, METHOD.alpha)
    seeds = paired_t(differences(ours.mean(axis=1), theirs.mean(axis=1)), METHOD.alpha)
    resampled = crossed_bootstrap(ours, theirs, derive(0, "test-set noise", arm), METHOD.alpha)
    return arm, *ours.shape, crossed.difference, seeds.low, seeds.high, crossed.low, crossed.high, *resampled


def _by_class(arm: str, ours: np.ndarray, theirs: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    return per_class_effects(ours, theirs, labels, METHOD.alpha).assign(arm=arm)[list(CLASSES)]


def rows(found: Noise, analysis: Analysis) -> list[dict[str, Any]]:
    """The table of intervals as text: ``id, arm, examples, difference, seeds, crossed, resampled``."""
    unit, ids = unit_of(analysis.metric), analysis.ids
    return [{
        "id": ids[row.arm], "arm": row.arm, "examples": f"{row.n} × {row.examples:,}",
        "difference": wording.bare(row.difference, unit),
        "seeds": wording.interval(row.low, row.high, unit),
        "crossed": wording.interval(row.crossed_low, row.crossed_high, unit),
        "resampled": wording.interval(row.resampled_low, row.resampled_high, unit),
    } for row in found.arms.itertuples()]


def shown_classes(found: Noise) -> list[int]:
    """The classes that the table shows, in order: all, or those in which the arms differ most."""
    if not len(found.classes):
        return []
    size = found.classes.assign(size=found.classes["difference"].abs()).groupby("label")["size"].mean()
    return sorted(int(label) for label in size.nlargest(MOST_CLASSES).index)


def class_rows(found: Noise, analysis: Analysis) -> list[dict[str, Any]]:
    """The table of classes as text: ``id, arm`` and ``cells``, one a shown class; an asterisk where adjusted p < 0.05."""
    labels, made = shown_classes(found), []
    for arm, table in found.classes.groupby("arm", sort=False):
        cells = {row.label: _class_cell(row, analysis) for row in table.itertuples()}
        made.append({"id": analysis.ids[arm], "arm": arm, "cells": [cells.get(label, NOTHING) for label in labels]})
    return made


def _class_cell(row: Any, analysis: Analysis) -> str:
    sure = not missing(row.p_adjusted) and row.p_adjusted < METHOD.alpha
    return wording.number(row.difference * unit_of(analysis.metric).scale, 1, sign=True) + ("*" if sure else "")


def captions(found: Noise, analysis: Analysis) -> dict[str, str]:
    """How to read both tables: ``arms`` and ``classes``."""
    unit = unit_of(analysis.metric).difference
    of, all_classes = found.of, found.classes["label"].nunique()
    left = f" Shown: the {len(found.arms)} of {of} arms that differ most." if len(found.arms) < of else ""
    some = f" Shown: {MOST_CLASSES} of {all_classes} classes, those in which the arms differ most." if all_classes > MOST_CLASSES else ""
    return {
        "arms": (
            f"{METHOD.confidence} intervals of the difference in {unit}: over new seeds on this very test set, and over new seeds and "
            "new test examples "
            "together, by a t interval on both (the one to quote) and by resampling both. The verdict rests on the first."
            f"{_turned(found)}{left}"
        ),
        "classes": (
            f"Difference in {unit} on the test examples of each class of the arm's task, counted from 0. Asterisk: p below "
            f"{METHOD.alpha:g} over "
            f"seeds and test examples, {METHOD.adjusted} over the classes of the arm; not part of the verdicts' family."
            f"{some}"
        ),
    }


def _turned(found: Noise) -> str:
    """The arms whose interval over seeds excludes 0 while that over seeds and test examples holds it, in a sentence."""
    table = found.arms
    inside, outside = (table["crossed_low"] <= 0) & (table["crossed_high"] >= 0), (table["low"] > 0) | (table["high"] < 0)
    names = [one_line(arm, 60) for arm in table.loc[inside & outside, "arm"]]
    return f" Shown on this test set, but not beyond it: {listed(names, most=8)}." if names else ""


def content(analysis: Analysis) -> dict[str, Any] | None:
    """Both tables and their captions, for a page or a Markdown file: ``rows, labels, classes, captions``; None without noise."""
    found = noise(analysis)
    if found is None:
        return None
    return {"rows": rows(found, analysis), "labels": shown_classes(found), "classes": class_rows(found, analysis),
            "captions": captions(found, analysis)}
