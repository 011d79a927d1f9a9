"""Friedman and its post-hoc tests on the worked example of Demšar 2006."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dlbench.stats.ranks import friedman

# Table 6. The mean ranks of the paper come out where the two printed 0.975 of "voting" are ranked 2 and 3, not tied.
ARMS = ["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"]
AUC = pd.DataFrame([
    (0.763, 0.768, 0.771, 0.798), (0.599, 0.591, 0.590, 0.569), (0.954, 0.971, 0.968, 0.967), (0.628, 0.661, 0.654, 0.657),
    (0.882, 0.888, 0.886, 0.898), (0.936, 0.931, 0.916, 0.931), (0.661, 0.668, 0.609, 0.685), (0.583, 0.583, 0.563, 0.625),
    (0.775, 0.838, 0.866, 0.875), (1.000, 1.000, 1.000, 1.000), (0.940, 0.962, 0.965, 0.962), (0.619, 0.666, 0.614, 0.669),
    (0.972, 0.981, 0.9751, 0.975), (0.957, 0.978, 0.946, 0.970)], columns=ARMS)


def test_ranks_and_critical_difference_of_demsar():
    result = friedman(AUC)
    assert result.ranks.round(3).tolist() == [3.143, 2.000, 2.893, 1.964]
    assert result.critical_difference == pytest.approx(1.25, abs=0.005)
    assert (result.comparisons["p_adjusted"] < 0.05).sum() == 0


def test_holm_against_the_control_of_demsar():
    """z and p of his table 7: 2.416 and 0.016, 2.342 and 0.019, 0.513 (published rounded) and 0.607."""
    result = friedman(AUC, control="C4.5").comparisons.set_index("arm")
    raw = 2 * stats.norm.sf(np.array([2.416, 2.342, 0.512]))
    expected = [3 * raw[0], 2 * raw[1], raw[2]]
    expected[1] = max(expected[:2])
    assert result.loc[["C4.5+m+cf", "C4.5+m", "C4.5+cf"], "p_adjusted"].tolist() == pytest.approx(expected, abs=2e-3)


def test_statistic_equals_the_formula_without_ties():
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 5)))
    result = friedman(x)
    expected = 12 * 12 / (5 * 6) * ((result.ranks**2).sum() - 5 * 36 / 4)
    assert result.statistic == pytest.approx(expected, abs=1e-9)
    assert result.p == pytest.approx(stats.chi2.sf(expected, 4), abs=1e-9)


def test_direction_scale_and_order():
    result = friedman(AUC)
    assert friedman(-7 * AUC, higher_is_better=False).comparisons.equals(result.comparisons)
    shuffled = friedman(AUC.sample(frac=1, random_state=0))
    assert shuffled.p == pytest.approx(result.p) and shuffled.ranks.tolist() == pytest.approx(result.ranks.tolist())


def test_all_tied_has_no_difference():
    result = friedman(pd.DataFrame(np.ones((4, 3))))
    assert (result.statistic, result.p) == (0.0, 1.0) and (result.comparisons["p_adjusted"] == 1).all()


@pytest.mark.parametrize(("scores", "control"), [(AUC.iloc[:1], None), (AUC.iloc[:, :2], None), (AUC, "C5"),
                                                 (AUC * np.nan, None)])
def test_too_little_is_refused(scores, control):
    with pytest.raises(ValueError):
        friedman(scores, control)
