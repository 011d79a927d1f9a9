"""Test-set noise: the crossed variance is that of the two-way layout."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from dlbench.stats.noise import crossed_bootstrap, crossed_effect, per_class_effects


def answers(seed, seeds=4, examples=30):
    """Arm and reference that share the difficulty of their examples."""
    rng = np.random.default_rng(seed)
    easy = rng.normal(1, 1, size=(1, examples))
    return easy + 0.5 > rng.normal(size=(seeds, examples)), easy > rng.normal(size=(seeds, examples))


def test_mean_squares_equal_the_analysis_of_variance_of_statsmodels():
    arm, reference = answers(0)
    d = arm.astype(float) - reference
    frame = pd.DataFrame({"d": d.ravel(), "s": np.repeat(range(4), 30), "i": np.tile(range(30), 4)})
    table = anova_lm(ols("d ~ C(s) + C(i)", frame).fit())
    seeds, examples, rest = table["sum_sq"] / table["df"]
    result = crossed_effect(arm, reference)
    assert result.error == pytest.approx(np.sqrt(max(seeds, seeds + examples - rest) / 120), abs=1e-9)
    parts = stats.t.ppf(0.975, 3) * np.sqrt(seeds / 120), stats.t.ppf(0.975, 29) * np.sqrt(max(examples - rest, 0) / 120)
    assert (result.low, result.high) == pytest.approx((d.mean() - np.hypot(*parts), d.mean() + np.hypot(*parts)), abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 500))
def test_symmetries(seed):
    arm, reference = answers(seed)
    there, back = crossed_effect(arm, reference), crossed_effect(reference, arm)
    assert back.difference == pytest.approx(-there.difference) and back.low == pytest.approx(-there.high)
    assert back.p == pytest.approx(there.p) and there.error >= there.error_seeds
    rng = np.random.default_rng(seed)
    shuffled = np.ix_(rng.permutation(4), rng.permutation(30))
    assert crossed_effect(arm[shuffled], reference[shuffled]) == pytest.approx(there)


def test_identical_and_constant_answers():
    arm, _ = answers(1)
    assert crossed_effect(arm, arm) == (0.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    assert crossed_effect(np.ones((4, 6)), np.zeros((4, 6))).p == 2 / 2**4
    assert crossed_bootstrap(arm, arm) == (0.0, 0.0)


def test_bootstrap_has_the_spread_of_the_crossed_variance():
    """Owen 2007: its variance is that of seeds and examples, and three times that of the rest."""
    arm, reference = answers(2, seeds=20, examples=400)
    d = arm.astype(float) - reference
    low, high = crossed_bootstrap(arm, reference, 0)
    seeds, examples = d.mean(axis=1), d.mean(axis=0)
    rest = ((d - seeds[:, None] - examples + d.mean()) ** 2).sum() / (19 * 399)
    variance = seeds.var(ddof=1) / 20 + examples.var(ddof=1) / 400 + rest / 8000
    assert (high - low) / 2 / 1.96 == pytest.approx(np.sqrt(variance), rel=0.05)
    assert crossed_bootstrap(arm, reference, 0) == (low, high) != crossed_bootstrap(arm, reference, 1)


def test_per_class_effects():
    arm, reference = answers(3, examples=60)
    labels = np.repeat([5, 2, 9], [30, 29, 1])
    table = per_class_effects(arm, reference, labels).set_index("label")
    assert table.index.tolist() == [2, 5, 9] and table["examples"].tolist() == [29, 30, 1]
    assert table.loc[5, "low"] == pytest.approx(crossed_effect(arm[:, :30], reference[:, :30]).low)
    assert table.loc[9, ["low", "p", "p_adjusted"]].isna().all() and table.loc[9].notna()["difference"]
    assert table.loc[[2, 5], "p_adjusted"].max() == pytest.approx(min(1, max(2 * table["p"].min(), table["p"].max())))


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (5,)])
def test_too_little_data_is_refused(shape):
    with pytest.raises(ValueError, match="at least 2 by 2"):
        crossed_effect(np.ones(shape), np.zeros(shape))


def test_labels_must_fit():
    with pytest.raises(ValueError, match="labels"):
        per_class_effects(*answers(4), np.zeros(3))
