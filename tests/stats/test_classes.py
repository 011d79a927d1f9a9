"""The part of test examples for scores that follow from counts of classes, against scikit-learn and against values example by example."""

import numpy as np
import pytest

from dlbench.stats.classes import balanced_accuracy, class_part, macro_f1
from dlbench.stats.crossed import example_part

LABELS = np.arange(600) % 4


def predictions(seeds, hard, draw=0):
    """Classes that are wrong on many hard examples and on few others."""
    wrong = np.random.default_rng(draw).random((seeds, LABELS.size)) < np.where(hard, 0.7, 0.05)
    return np.where(wrong, (LABELS + 1) % 4, LABELS)


@pytest.mark.parametrize(("measure", "name"), [(macro_f1, "f1_score"), (balanced_accuracy, "balanced_accuracy_score")])
def test_measures_are_those_of_scikit_learn(measure, name):
    metrics = pytest.importorskip("sklearn.metrics")
    predicted = predictions(1, LABELS < 2)[0]
    counts = [np.bincount(of, minlength=4)[None].astype(float) for of in (LABELS[predicted == LABELS], LABELS, predicted)]
    options = {"average": "macro"} if name == "f1_score" else {}
    assert measure(*counts)[0] == pytest.approx(getattr(metrics, name)(LABELS, predicted, **options))


def test_with_classes_of_one_size_balanced_accuracy_has_the_part_of_accuracy():
    hard = np.random.default_rng(2).random(LABELS.size) < 0.3
    ours, theirs = predictions(6, hard), predictions(6, np.zeros(LABELS.size, bool), draw=1)
    found, exact = class_part("balanced_accuracy", LABELS, ours, theirs), example_part(ours == LABELS, theirs == LABELS)
    assert found.examples == LABELS.size and found.variance == pytest.approx(exact.variance, rel=0.25)


def test_the_same_answers_give_no_part_and_the_same_resamples_the_same_part():
    ours, theirs = predictions(3, LABELS < 1), predictions(3, LABELS < 2, draw=1)
    assert class_part("macro_f1", LABELS, ours, ours).variance == 0.0
    assert class_part("macro_f1", LABELS, ours, theirs) == class_part("macro_f1", LABELS, ours, theirs)
