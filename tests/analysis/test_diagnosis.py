"""Each finding is provoked by the runs that it is about, and not by a sound study."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.diagnosis import SPLIT_BY_CHANCE, diagnose
from dlbench.report import html
from dlbench.report.study import study_document
from dlbench.stats.equivalence import in_two_groups
from dlbench.store.results import Tuning
from dlbench.values.metric import metric
from tests.report.conftest import Shape, build

ARMS = {"baseline": 0.0, "dropout rate=0.5": 0.003, "l2 strength=0.001": 0.001}


def study(**more):
    return build(ARMS, **more)


def subjects(results):
    return [found.subject for found in diagnose(analyse(results))]


def with_curve(results, name, values, arm="baseline"):
    """The same results with another curve of one arm in all seeds; values by epoch."""
    curves = results.curves.copy()
    rows = curves["arm"] == arm
    curves.loc[rows, name] = [values(epoch, seed) for epoch, seed in zip(curves.loc[rows, "epoch"], curves.loc[rows, "seed"])]
    return replace(results, curves=curves)


class Answers:
    """Answers of a test set with these labels."""

    def __init__(self, labels):
        self.kept = np.asarray(labels)

    def labels(self, _):
        return self.kept

    def predictions(self, run_ids):
        draw = np.random.default_rng(0)
        return {run_id: draw.permutation(self.kept) for run_id in run_ids}

    def examples(self, run_ids):
        return dict.fromkeys(run_ids, len(self.kept))


@pytest.mark.parametrize("runs", SPLIT_BY_CHANCE)
def test_normal_scores_look_like_two_groups_as_often_as_is_allowed_for(runs):
    drawn = np.random.default_rng(runs).normal(size=(20_000, runs))
    assert in_two_groups(drawn, 1e-9).mean() == pytest.approx(SPLIT_BY_CHANCE[runs], rel=0.1)


def test_a_sound_study_has_no_finding_and_its_page_no_section():
    results = study()
    assert subjects(results) == []
    assert "Can this be trusted?" not in html.render(study_document(analyse(results)))


def test_training_and_scoring_that_disagree():
    results = study()
    settled = replace(results, runs=results.runs.assign(train_accuracy=0.97))
    assert subjects(settled) == []
    found = diagnose(analyse(replace(results, runs=results.runs.assign(train_accuracy=0.16))))[0]
    assert found.subject == "training and scoring disagree on the same examples" and "16 % when it is scored" in found.evidence
    assert "and 2 other arms" in found.evidence


@pytest.mark.parametrize("field", ["imbalance.thresholds", "imbalance.sampling", "scoring.crop_px"])
def test_arms_that_train_on_other_shares_of_classes_or_answer_in_others_are_scored_otherwise_by_intent(field):
    results = study()
    results = replace(results, runs=results.runs.assign(train_accuracy=0.16))
    meant = results.arms.assign(recipe=[recipe | {field: 1.0} for recipe in results.arms["recipe"]])
    assert "training and scoring disagree on the same examples" not in subjects(replace(results, arms=meant))


def test_a_loss_that_never_fell():
    assert "the training loss never fell" in subjects(with_curve(study(), "train_loss", lambda epoch, seed: 2.3 + 0.01 * epoch))


def test_a_curve_that_still_rises_and_one_that_rises_by_less_than_the_margin():
    rising = with_curve(study(), "validation_accuracy", lambda epoch, seed: 0.5 + 0.01 * epoch * (1 + 0.01 * seed))
    assert "the curve is still rising at the end" in subjects(rising)
    assert subjects(with_curve(study(), "validation_accuracy", lambda epoch, seed: 0.9 + 0.0001 * epoch * (1 + 0.01 * seed))) == []


def test_over_fitting_from_an_epoch_on():
    results = with_curve(study(), "validation_loss", lambda epoch, seed: 0.5 + 0.01 * abs(epoch - 6))
    found = {found.subject: found.evidence for found in diagnose(analyse(results))}
    assert "lowest after epoch 6" in found["the baseline over-fits"]
    assert "the baseline over-fits" not in subjects(with_curve(study(), "validation_loss", lambda epoch, seed: 1 / epoch))


@pytest.mark.parametrize("margin, expected", [(0.05, True), (0.005, False)])
def test_no_room_for_the_margin(margin, expected):
    assert ("no arm can help by the margin" in subjects(study(margin=margin))) == expected


@pytest.mark.parametrize("examples, expected", [(450, True), (2000, False)])
def test_a_test_set_that_is_too_small_for_the_margin(examples, expected):
    results = replace(study(), answers=Answers(np.arange(examples) % 10))
    found = {found.subject: found.remedy for found in diagnose(analyse(results))}
    assert ("the test set is too small for the margin" in found) == expected
    if expected:
        assert found["the test set is too small for the margin"].startswith("598 test examples or more")


@pytest.mark.parametrize("share, expected", [(0.9, True), (0.5, False)])
def test_one_class_that_has_most_examples(share, expected):
    labels = (np.arange(2000) >= 2000 * share).astype(int)
    assert ("one class has most of the test examples" in subjects(replace(study(), answers=Answers(labels)))) == expected


class Contradicted(Answers):
    """Answers that are right but for some rows, of which so many of ten runs name the class that follows."""

    def __init__(self, labels, wrong, of_ten):
        super().__init__(labels)
        self.wrong, self.of_ten = wrong, of_ten

    def predictions(self, run_ids):
        told = np.where(np.isin(np.arange(len(self.kept)), self.wrong), (self.kept + 1) % 10, self.kept)
        return {run_id: told if place % 10 < self.of_ten else self.kept for place, run_id in enumerate(run_ids)}


@pytest.mark.parametrize("wrong, of_ten, expected", [(30, 10, True), (30, 6, False), (2, 10, False)])
def test_labels_that_nearly_all_runs_contradict(wrong, of_ten, expected):
    results = replace(study(), answers=Contradicted(np.arange(2000) % 10, np.arange(7, 7 + wrong), of_ten))
    found = {found.subject: found.evidence for found in diagnose(analyse(results))}
    assert ("labels that nearly all runs contradict" in found) == expected
    if expected:
        assert "30 test examples of 2,000, by row of the test part: 7 (7, and 100 % of the runs say 8)" in found[
            "labels that nearly all runs contradict"]


class Folded(Answers):
    """Runs that are right on the fold that they test: the folds have other labels."""

    def __init__(self, results, wrong=()):
        self.wrong, seeds = wrong, dict(zip(results.runs["run_id"], results.runs["seed"]))
        self.of = {run_id: np.roll(np.arange(500) % 10, seed % 4) for run_id, seed in seeds.items()}

    def labels(self, run_id):
        return self.of[run_id]

    def predictions(self, run_ids):
        return {run_id: np.where(np.isin(np.arange(500), self.wrong), (self.of[run_id] + 1) % 10, self.of[run_id]) for run_id in run_ids}

    def examples(self, run_ids):
        return dict.fromkeys(run_ids, 500)


def test_runs_of_different_folds_do_not_contradict_each_others_labels():
    results = build(ARMS, Shape(seeds=12), folds=4)  # nine runs test each fold
    assert "labels that nearly all runs contradict" not in subjects(replace(results, answers=Folded(results)))
    found = {one.subject: one.evidence for one in diagnose(analyse(replace(results, answers=Folded(results, wrong=range(9)))))}
    evidence = found["labels that nearly all runs contradict"]
    assert "36 test examples of 2,000" in evidence and "0 of fold 1 (9, and 100 % of the runs say 0)" in evidence


def test_the_examples_of_all_folds_count_towards_the_margin():
    results = study(folds=4, margin=0.004)  # 500 examples show 0.6 points, 2,000 show 0.15
    assert "the test set is too small for the margin" not in subjects(replace(results, answers=Folded(results)))
    assert "the test set is too small for the margin" in subjects(replace(study(margin=0.004), answers=Folded(results)))


def test_a_baseline_at_chance():
    results = study()
    runs = results.runs.assign(test_accuracy=results.runs["test_accuracy"] - 0.86)
    assert "the baseline is at chance" in subjects(replace(results, runs=runs, answers=Answers(np.arange(2000) % 10)))


def test_seeds_in_two_groups():
    results = study()
    runs = results.runs.copy()
    runs.loc[(runs["arm"] == "dropout rate=0.5") & (runs["seed"] < 3), "test_accuracy"] -= 0.2
    found = {found.subject: found.evidence for found in diagnose(analyse(replace(results, runs=runs)))}
    assert "dropout rate=0.5" in found["seeds fall into two groups"]


def paired(shared):
    """Five arms whose runs of one seed have so much in common; the noise of each is its own."""
    draw, arms = np.random.default_rng(3), {"baseline": 0.0, **{f"l2 strength={place}": 0.0 for place in range(4)}}
    results = build(arms, Shape(seeds=40))
    of_seed = draw.normal(0, shared, 40)
    noise = np.concatenate([0.9 + of_seed + draw.normal(0, 0.01, 40) for _ in arms])
    changes = [{} if arm == "baseline" else {"regularization.l2": (0.0, 1.0)} for arm in arms]
    return replace(results, runs=results.runs.assign(test_accuracy=noise), arms=results.arms.assign(changes=changes))


def test_seeds_that_have_nothing_in_common():
    assert "pairing is worth nothing here" in subjects(paired(0.0))
    assert "pairing is worth nothing here" not in subjects(paired(0.02))


@pytest.mark.parametrize("chosen, expected", [(1e-2, True), (1e-3, False)])
def test_a_setting_at_the_edge_of_its_grid(chosen, expected):
    path = "training.learning_rate"
    trials = pd.DataFrame([{"arm": "baseline", "setting": {path: rate}, "n": 3, "planned": 3, "mean": 0.9, "chosen": rate == chosen}
                           for rate in (1e-4, 1e-3, 1e-2)])
    analysis = SimpleNamespace(**{name: getattr(analyse(study()), name) for name in ("metric", "verdicts", "margin")},
                               results=replace(study(), tuning=Tuning((path,), metric("validation_accuracy"), (1000,), trials, None)))
    found = [found.subject for found in diagnose(analysis)]
    assert ("a setting at the edge of what was tried" in found) == expected


def test_nothing_is_found_where_nothing_has_run():
    results = study()
    assert diagnose(analyse(replace(results, runs=results.runs.iloc[:0], curves=results.curves.iloc[:0]))) == []


def test_the_page_has_the_findings_and_a_line_under_the_answer():
    page = html.render(study_document(analyse(study(margin=0.05))))
    assert page.count("Can this be trusted?") >= 2 and "No arm can help by the margin" in page and "dlbench doctor DIR" in page
