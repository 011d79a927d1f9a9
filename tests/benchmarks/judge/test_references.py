"""The comparison with rliable and deep-significance: their examples are the documented ones, and what should agree does."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from scipy import stats

import benchmarks.judge.__main__ as comparison

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def test_the_verdict_on_two_models_is_welchs():
    ours, theirs = comparison.two_models()
    row = comparison.verdict(ours, theirs)
    assert row["p"] == pytest.approx(stats.ttest_ind(ours, theirs, equal_var=False).pvalue) and row["n"] == 5


def test_the_mean_probability_better_is_rliables_probability_of_improvement():
    ours, theirs = comparison.matrices()
    found = np.mean([comparison.verdict(a, b)["probability_better"] for a, b in zip(ours.T, theirs.T)])
    assert found == pytest.approx(np.mean([stats.mannwhitneyu(a, b).statistic / 100 for a, b in zip(ours.T, theirs.T)]))


def test_the_documented_value_of_deep_significance_comes_out():
    pytest.importorskip("deepsig", reason="needs deepsig: pip install deepsig")
    assert next(comparison.of_deep_significance())[1].startswith("ε_min 0.225")


def test_rliables_points_are_ours():
    try:
        importlib.import_module("rliable.library")
    except (ImportError, TypeError) as error:  # arch 7 cannot be imported beside pandas 3
        pytest.skip(f"needs rliable, and a pandas that it can be imported with: {error}")
    improvement, means, _ = comparison.of_rliable()
    assert improvement[1][:6] == improvement[2][:6] and all(point in means[2] for point in ("0.532", "0.465")) and "0.532" in means[1]
