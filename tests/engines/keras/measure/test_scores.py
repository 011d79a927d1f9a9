"""Scores against their definitions, counted one by one."""

import itertools
import pkgutil
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbench.engines.keras.measure import scores
from dlbench.engines.keras.tasks import classification
from dlbench.values.metric import METRICS, metric, metric_on_validation

probabilities = partial(classification.predictions, scaling=(0.0, 1.0))


@st.composite
def answered(draw, classes=None):
    k = classes or draw(st.integers(2, 7))
    n = draw(st.integers(2, 25))
    labels = np.array(draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n)))
    logits = np.array(draw(st.lists(st.lists(st.integers(-3, 3), min_size=k, max_size=k), min_size=n, max_size=n)), float)
    return labels, probabilities(logits)


@settings(deadline=None, max_examples=50)
@given(answered())
def test_auc_is_the_chance_of_the_right_order(case):
    labels, p = case
    areas = []
    for one in set(labels):
        pairs = [(p[i, one], p[j, one]) for i, j in itertools.product(range(len(labels)), repeat=2) if labels[i] == one != labels[j]]
        areas.append(np.mean([(a > b) + 0.5 * (a == b) for a, b in pairs]) if pairs else np.nan)
    assert scores.auc(labels, p) == pytest.approx(np.mean(areas), abs=1e-9, nan_ok=True)


@settings(deadline=None, max_examples=50)
@given(answered())
def test_macro_f1_is_the_harmonic_mean_of_precision_and_recall(case):
    labels, p = case
    answers, found = p.argmax(1), []
    for one in set(labels) | set(answers):
        hits = np.sum((labels == one) & (answers == one))
        precision, recall = hits / max(np.sum(answers == one), 1), hits / max(np.sum(labels == one), 1)
        found.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    assert scores.macro_f1(labels, p) == pytest.approx(np.mean(found))


@settings(deadline=None, max_examples=50)
@given(answered(classes=7))
def test_top5_by_sorting(case):
    labels, p = case
    best = np.argsort(-p, axis=1, kind="stable")[:, :5]
    assert scores.top5(labels, p) == pytest.approx(np.mean([label in row for label, row in zip(labels, best)]))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=5))
def test_one_logit_is_the_softmax_of_it_and_zero(logits):
    one = np.array(logits)[:, None]
    p = probabilities(one)
    np.testing.assert_allclose(p[:, 1], 1 / (1 + np.exp(-one[:, 0])), rtol=1e-12)
    np.testing.assert_allclose(p.sum(1), 1)


@pytest.mark.parametrize("item", [item for item in METRICS if item.compute], ids=lambda item: item.name)
def test_every_score_lies_in_its_range_and_is_best_for_perfect_answers(item):
    labels, compute = np.arange(40) % 8, pkgutil.resolve_name(item.compute)
    right = compute(labels, probabilities(20.0 * np.eye(8)[labels]))
    some = compute(labels, probabilities(np.random.default_rng(0).normal(size=(40, 8))))
    assert item.low <= some < right == item.high and item.higher_is_better


@pytest.mark.parametrize("name, stands_in", [
    ("test_accuracy", "validation_accuracy"), ("test_loss", "validation_loss"), ("test_auc", "validation_auc"),
    ("test_macro_f1", "validation_macro_f1"), ("accuracy_gap", "validation_accuracy"), ("train_loss", "validation_loss"),
    ("validation_top5", "validation_top5"),
])
def test_settings_are_chosen_by_the_same_measure_on_the_validation_split(name, stands_in):
    assert metric_on_validation(name) == metric(stands_in)
