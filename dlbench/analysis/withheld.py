"""Verdicts that scores alone would give and the runs do not bear out: of arms that did nothing, and on networks that learned nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlbench.analysis.scores import finished_runs
from dlbench.analysis.script import SEED_IGNORED, script_tests
from dlbench.stats.method import METHOD
from dlbench.store.results import Answers, Results
from dlbench.values.controls import Control
from dlbench.values.text import listed
from dlbench.values.verdict import Verdict

IDLE = (Control.FAULT, Control.INERT)
"""Controls of an arm that did nothing."""
ACCURACIES = ("test_accuracy", "test_loss")
"""Metrics that say nothing where the accuracy is that of a guess."""
LOOK = r"(; (?:un)?decided at (?:look|interim analysis) .*)$"
"""What the reason of an adaptive study's verdict ends with."""
Z = NormalDist().inv_cdf(1 - METHOD.alpha)
"""Of the one-sided limit of an accuracy that is a guess."""


def withhold(table: pd.DataFrame, results: Results) -> pd.DataFrame:
    """Return the verdict table without the verdicts of arms that did nothing, and without "no meaningful effect" where nothing is learned.

    Args:
        table: with ``arm, reference, verdict, reason, seeds_needed, control, control_text``.
        results: of the study.
    """
    idle, open_ = table["control"].isin(IDLE), table["verdict"].isin([Verdict.EQUIVALENT, Verdict.INCONCLUSIVE])
    guesses = guessing(results, table.loc[open_, "reference"])
    guesses |= guessing(results, table.loc[open_ & table["reference"].isin(guesses), "arm"])
    theirs, ours = table["reference"].isin(guesses), table["arm"].isin(guesses)
    empty = theirs & ((table["verdict"] == Verdict.EQUIVALENT) | ((table["verdict"] == Verdict.INCONCLUSIVE) & ours))
    why = [f"it did nothing: {text}" if done_nothing else f"{reference!r} has learned nothing: {guesses.get(reference, '')}"
           for done_nothing, text, reference in zip(idle, table["control_text"], table["reference"])]
    when = table["reason"].str.extract(LOOK, expand=False).fillna("")
    held, reasons = idle | empty, pd.Series(why, table.index, dtype=object) + when
    if (tests := script_tests(results)) is not None and tests.seed_ignored:
        first = results.arms["arm"].iloc[0]
        held, reasons = held | True, reasons.where(idle, SEED_IGNORED.format(first, tests.seeds))
    return table.assign(verdict=table["verdict"].mask(held, Verdict.NONE.value), reason=table["reason"].mask(held, reasons),
                        seeds_needed=table["seeds_needed"].mask(held), examples_needed=table["examples_needed"].mask(held))


def guessing(results: Results, arms: Iterable[str]) -> dict[str, str]:
    """Map each of these arms whose networks answer no better than a guess to what shows it, over all of its finished runs.

    An arm guesses where every run gives one class to all test examples or, for accuracy and loss, where the mean accuracy is not above
    that of the most frequent class by more than chance would have it in 5 % of test sets.
    """
    runs = finished_runs(results)
    found = {arm: _guess(results, runs[runs["arm"] == arm]) for arm in dict.fromkeys(arms)}
    return {arm: shown for arm, shown in found.items() if shown}


def _guess(results: Results, runs: pd.DataFrame) -> str:
    answers, labels = results.answers, test_labels(results, runs)
    if answers is None or labels is None:
        return ""
    constant = (len(np.unique(one)) == 1 for one in _predictions(answers, runs))
    if next(constant, False) and all(constant):
        return "each of its runs gives every test example the same class"
    share = float(np.bincount(labels).max() / len(labels))
    accuracy = float(pd.to_numeric(runs["test_accuracy"], errors="coerce").mean()) if "test_accuracy" in runs else math.nan
    if results.metric.name in ACCURACIES and accuracy <= share + Z * math.sqrt(share * (1 - share) / len(labels)):
        return f"its accuracy is {accuracy:.3f}, and always naming the most frequent class has {share:.3f}"
    return ""


def test_labels(results: Results, runs: pd.DataFrame) -> NDArray[np.integer] | None:
    """Read the true classes of the test examples; None where none were kept."""
    labels = results.answers.labels(runs["run_id"].iloc[0]) if results.answers is not None and len(runs) else None
    return None if labels is None or not len(labels) else labels


def _predictions(answers: Answers, runs: pd.DataFrame) -> Iterator[NDArray[np.integer]]:
    """Yield the predicted classes of each run; a run is read when it is asked for."""
    for run_id in runs["run_id"]:
        yield from answers.predictions([run_id]).values()


def unpredicted(results: Results) -> str:
    """Say which classes of the test examples no run of any arm ever predicts; empty where each is predicted by some run."""
    runs = finished_runs(results)
    answers, labels = results.answers, test_labels(results, runs)
    if answers is None or labels is None or not answers.predictions([runs["run_id"].iloc[0]]):
        return ""
    missing: set[int] = set(np.unique(labels).tolist())
    for predicted in _predictions(answers, runs):
        missing -= set(np.unique(predicted).tolist())
        if not missing:
            return ""
    shares = [f"class {label} ({100 * float((labels == label).mean()):.0f} % of the test examples)" for label in sorted(missing)]
    return f"No run of any arm ever predicts {listed(shares, most=8)}: differences between arms say nothing about it."
