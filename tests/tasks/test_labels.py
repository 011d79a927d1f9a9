"""Scores of several labels an example, against scikit-learn, and the values of examples whose mean they are."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbench.engines.keras.tasks import labels, multi_label

metrics = pytest.importorskip("sklearn.metrics")


def decided(score):
    """A score of decisions, from probabilities."""
    return lambda known, told: score(known, told > 0.5)


KNOWN = {
    "mean_average_precision": partial(metrics.average_precision_score, average="macro"),
    "label_micro_f1": decided(partial(metrics.f1_score, average="micro")),
    "label_macro_f1": decided(partial(metrics.f1_score, average="macro", zero_division=np.nan)),
    "hamming_loss": decided(metrics.hamming_loss), "exact_match": decided(metrics.accuracy_score)}


def answers(seed, n=60, count=4):
    """Labels, some of them rare, each of which some example has, and probabilities of them, many of which are equal."""
    draw = np.random.default_rng(seed)
    known = (draw.random((n, count)) < draw.uniform(0.05, 0.6, count)).astype(float)
    known[draw.integers(0, n, count), np.arange(count)] = 1
    return known, np.clip(draw.normal(0.35 + 0.3 * known, 0.25), 0, 1).round(draw.integers(1, 4))


@given(st.integers(0, 10**6))
def test_scores_are_what_scikit_learn_gives(seed):
    known, told = answers(seed)
    assert KNOWN.keys() == labels.OF_EACH.keys()
    for name, reference in KNOWN.items():
        assert getattr(labels, name)(known, told) == pytest.approx(reference(known.astype(int), told), rel=1e-9), name


@given(st.integers(0, 10**6))
def test_a_score_is_the_mean_of_the_values_of_its_examples(seed):
    known, told = answers(seed)
    values = multi_label.values(known, told, told > 0.5)
    for name, reference in KNOWN.items():
        assert values[f"test_{name}"].mean() == pytest.approx(reference(known.astype(int), told), rel=1e-9), name
    assert values["test_label_accuracy"].mean() == pytest.approx(((told > 0.5) == known).mean())


@pytest.mark.parametrize("name", ["mean_average_precision", "label_micro_f1", "label_macro_f1"])
def test_the_spread_of_the_values_is_the_standard_error_of_the_score(name):
    known, told = answers(0, 800)
    draw = np.random.default_rng(1)
    again = [getattr(labels, name)(known[rows], told[rows]) for rows in draw.integers(0, 800, (1000, 800))]
    assert labels.OF_EACH[name](known, told).std() / np.sqrt(800) == pytest.approx(np.std(again), rel=0.1)


def test_labels_for_which_a_measure_is_not_defined_are_left_out():
    known, told = answers(3)
    wider = np.c_[known, np.zeros(len(known))], np.c_[told, np.zeros(len(told))]
    for name in ("mean_average_precision", "label_macro_f1"):
        assert getattr(labels, name)(*wider) == pytest.approx(getattr(labels, name)(known, told)), name
    nothing = np.zeros((5, 2))
    values = multi_label.kept(multi_label.values(nothing, nothing, nothing), 1, nothing, nothing)
    assert np.isnan(labels.mean_average_precision(nothing, nothing)) and "values/test_mean_average_precision" not in values
    assert (values["values/test_exact_match"] == 1).all()
