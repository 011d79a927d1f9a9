"""Verdicts are claims about new data where the study asks for it and the value of each test example is known, and say so."""

from dataclasses import replace

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.report.answers import answer, claim, notes
from dlbench.stats.crossed import example_part
from tests.report.conftest import build

EXAMPLES = 60


class Kept:
    """Answers to test examples that a store might hold: the arms' gain is all on a few of them."""

    def __init__(self, results, lacking=()):
        rng, runs = np.random.default_rng(3), results.runs
        self.of = {row.run_id: (rng.random(EXAMPLES) < np.where(np.arange(EXAMPLES) < 9, row.arm != "baseline", 0.9)).astype(np.uint8)
                   for row in runs.itertuples() if row.run_id not in lacking}

    def values(self, metric, run_ids):
        return {run_id: self.of[run_id] for run_id in run_ids if run_id in self.of and metric == "test_accuracy"}

    def examples(self, run_ids):
        return {run_id: EXAMPLES for run_id in run_ids if run_id in self.of}

    def bits(self, run_ids):
        return {}

    def labels(self, run_id):
        return None

    def predictions(self, run_ids):
        return {}


def asked(scope="new_data", lacking=(), **study):
    results = build({"baseline": 0.0, "up": 0.03, "same": 0.0}, margin=0.02, **study, **({"scope": scope} if scope else {}))
    return replace(results, answers=Kept(results, lacking))


def test_the_crossed_interval_decides_for_new_data():
    results = asked()
    here, beyond = analyse(asked(None)).verdicts.set_index("arm"), analyse(results).verdicts.set_index("arm")
    ids = {arm: part.sort_values("seed")["run_id"] for arm, part in results.runs.groupby("arm")}
    part = example_part(*([results.answers.of[run_id] for run_id in ids[arm]] for arm in ("up", "baseline")))
    assert beyond.loc["up", "example_error"] == pytest.approx(np.sqrt(part.variance)) and part.variance > 0
    assert (beyond["high"] - beyond["low"] >= here["high"] - here["low"]).all() and (beyond["p"] >= here["p"]).all()
    assert here.loc["up", "verdict"] == "helps" and beyond.loc["up", "verdict"] == "inconclusive"
    assert beyond.loc["up", "examples_needed"] > EXAMPLES and "test examples would decide" in beyond.loc["up", "reason"]


def test_the_first_sentence_says_what_is_claimed():
    beyond, here = analyse(asked()), analyse(asked("this_test_set"))
    assert answer(beyond).startswith("Of 2 changes tested for new data, ")
    assert answer(here).startswith("Of 2 changes tested on this test set, ")
    assert not any("this test set" in note for note in notes(beyond)) and "both count as samples" in claim(beyond)
    assert 'scope = "new_data"' in list(notes(here))[-1]


def test_values_that_any_compared_run_lacks_leave_all_verdicts_about_this_test_set():
    results = asked()
    lacking = analyse(replace(results, answers=Kept(results, results.runs.loc[results.runs["arm"] == "up", "run_id"][:1].tolist())))
    assert lacking.scope == "this_test_set" and lacking.verdicts["example_error"].isna().all()
    assert "no value of test accuracy is known for each test example" in list(notes(lacking))[-1]


def test_a_metric_without_values_per_example_is_judged_on_this_test_set_and_says_so():
    analysis = analyse(asked(metric="test_loss"))
    assert analysis.scope == "this_test_set" and "no value of test loss" in list(notes(analysis))[-1]


def test_a_metric_of_predicted_classes_has_its_test_examples_resampled():
    results = asked(metric="test_macro_f1")
    results.runs["test_macro_f1"] = results.runs["test_accuracy"]
    labels = np.arange(EXAMPLES) % 3
    kept = Kept(results)
    kept.labels = lambda run_id: labels
    kept.predictions = lambda run_ids: {run_id: np.where(kept.of[run_id], labels, (labels + 1) % 3) for run_id in run_ids}
    analysis = analyse(replace(results, answers=kept))
    errors = analysis.verdicts["example_error"]
    assert analysis.scope == "new_data" and (errors >= 0).all() and errors.max() > 0.01
    kept.predictions = lambda run_ids: {}
    assert analyse(replace(results, answers=kept)).scope == "this_test_set"


def test_a_study_from_before_scopes_is_about_its_test_set():
    assert analyse(asked(None)).scope == "this_test_set" and analyse(build({"baseline": 0.0})).scope == "this_test_set"
