"""Scores of predicted numbers, against scikit-learn, and the values of examples whose mean they are."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbench.engines.keras.tasks import numbers, regression

metrics = pytest.importorskip("sklearn.metrics")
KNOWN = {"rmse": metrics.root_mean_squared_error, "mape": metrics.mean_absolute_percentage_error, "r2": metrics.r2_score,
         **{f"pinball_{percent}": partial(metrics.mean_pinball_loss, alpha=percent / 100) for percent in (10, 90)}}


def answers(seed, n=50):
    """Targets far from 0, and predictions of them."""
    draw = np.random.default_rng(seed)
    known = draw.normal(20, 3, n)
    return known, known + draw.normal(0.5, 2, n)


@given(st.integers(0, 10**6))
def test_scores_are_what_scikit_learn_gives(seed):
    known, told = answers(seed)
    for name, reference in KNOWN.items():
        assert getattr(numbers, name)(known, told) == pytest.approx(reference(known, told), rel=1e-9), name


@given(st.integers(0, 10**6))
def test_a_score_is_the_mean_of_the_values_of_its_examples(seed):
    known, told = answers(seed)
    means = {name: values.mean() for name, values in regression.values(known, told, told).items()}
    assert means["test_mae"] == pytest.approx(metrics.mean_absolute_error(known, told), rel=1e-9)
    for name, reference in KNOWN.items():
        assert means[f"test_{name}"] == pytest.approx(reference(known, told), rel=1e-9), name


@pytest.mark.parametrize("name", ["rmse", "r2"])
def test_the_spread_of_the_values_is_the_standard_error_of_the_score(name):
    known, told = answers(0, 400)
    draw = np.random.default_rng(1)
    again = [getattr(numbers, name)(known[rows], told[rows]) for rows in draw.integers(0, 400, (2000, 400))]
    assert numbers.OF_EACH[name](known, told).std() / 20 == pytest.approx(np.std(again), rel=0.1)


def test_scores_that_are_not_defined_are_no_numbers():
    zero, same = np.array([0.0, 1.0]), np.array([2.0, 2.0])
    assert np.isnan(numbers.mape(zero, same)) and np.isnan(numbers.r2(same, zero))
    kept = regression.kept(regression.values(zero, same, same), 1, same, zero)
    assert "values/test_mape" not in kept and "values/test_rmse" in kept


def test_predictions_that_are_right_have_no_error():
    known = np.array([1.0, 2.0])
    assert all((values == (1 if name == "test_r2" else 0)).all() for name, values in regression.values(known, known, known).items())
