"""scikit-learn's scorers as metrics."""

import importlib
from functools import partial

import numpy as np
import pytest

from dlbench.engines.keras.tasks import classification
from dlbench.values.errors import InputError
from dlbench.values.metric import METRICS, RANGES, SCORERS, TWO_CLASSES, metric, metric_on_validation

probabilities = partial(classification.predictions, scaling=(0.0, 1.0))

metrics = pytest.importorskip("sklearn.metrics")
scorers = importlib.import_module("dlbench.engines.keras.measure.scorers")
ELSEWHERE = {"accuracy"} | {name for name in metrics.get_scorer_names() if name.endswith("_samples")}
"""A metric that dlbench has under that name, and scorers of examples with several labels."""


def answers(classes, n=60, seed=0):
    """Labels that all occur, and probabilities that favour them."""
    draw = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    return labels, probabilities(draw.normal(size=(n, classes)) + 1.5 * np.eye(classes)[labels])


def test_every_scorer_of_classification_is_a_metric():
    of_classes = {name for name in set(metrics.get_scorer_names()) - ELSEWHERE
                  if metrics.get_scorer(name)._score_func.__module__.endswith(("._classification", "._ranking", "._scorer"))}
    assert of_classes == set(RANGES)


@pytest.mark.parametrize("name", RANGES)
def test_it_is_what_scikit_learn_gives_and_lies_in_its_range(name):
    labels, p = answers(2 if name in TWO_CLASSES else 5)
    scorer = metrics.get_scorer(name)
    takes = p.argmax(axis=1) if scorer._response_method == "predict" else p[:, 1] if len(p[0]) == 2 else p
    value, item = getattr(scorers, name)(labels, p), metric(name)
    assert value == pytest.approx(scorer._sign * scorer._score_func(labels, takes, **scorer._kwargs))
    assert item.low <= value <= item.high and item.split == "test" and item.compute.endswith(f":{name}")


@pytest.mark.parametrize("item", SCORERS, ids=lambda item: item.name)
def test_right_answers_are_best(item):
    name = item.name.partition("_")[2]
    classes = 2 if name in TWO_CLASSES else 5
    labels, p = answers(classes)
    right = probabilities(20.0 * np.eye(classes)[labels])
    if name != "positive_likelihood_ratio":  # infinite, which scikit-learn takes for undefined
        assert scorers.score(name, labels, p) < scorers.score(name, labels, right) == pytest.approx(min(item.high, 1.0), abs=1e-6)


def test_a_class_without_examples_leaves_a_loss_undefined_and_counts_of_answers_as_they_are():
    labels, p = answers(3)
    labels = labels % 2
    assert np.isnan(scorers.score("neg_log_loss", labels, p)) and np.isfinite(scorers.score("balanced_accuracy", labels, p))


def test_a_name_without_a_split_is_of_the_test_split():
    assert metric("f1_macro") == metric("test_f1_macro") and metric("accuracy") == metric("test_accuracy")
    assert metric_on_validation("f1_macro") == metric("validation_f1_macro")
    with pytest.raises(InputError, match="did you mean 'balanced_accuracy'"):
        metric("balanced_acuracy")
    assert not {item.name for item in SCORERS} & {item.name for item in METRICS.shipped}


def test_another_name_is_no_attribute():
    with pytest.raises(AttributeError):
        scorers.nothing  # noqa: B018
