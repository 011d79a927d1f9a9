"""Several metrics in one family: gatekeeping is Holm's procedure for one, keeps the order of metrics and holds the family-wise error."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from dlbench.stats.family import holm
from dlbench.stats.gatekeeping import compare_metrics, gatekept
from dlbench.stats.method import Rule
from dlbench.stats.verdict import compare


def runs(effects, seeds=8, seed=0, noise=0.004):
    rng = np.random.default_rng(seed)
    base = rng.normal(0.9, 0.01, seeds)
    arms = {"base": base} | {arm: base + effect + rng.normal(0, noise, seeds) for arm, effect in effects.items()}
    rows = [(arm, s, value) for arm, values in arms.items() for s, value in enumerate(values)]
    return pd.DataFrame(rows, columns=["arm", "seed", "score"])


def test_one_metric_is_holm():
    for p in np.random.default_rng(0).uniform(0, 0.1, (20, 6)):
        assert gatekept([p])[0] == pytest.approx(holm(p))
    known, against = runs({"a": 0.02, "b": 0.0}), {"a": "base", "b": "base"}
    alone, (gated,) = compare(known, against, Rule(0.01)), compare_metrics([known], against, [Rule(0.01)])
    assert gated.equals(alone)


def test_a_metric_is_never_surer_than_the_ones_before_it():
    p = np.random.default_rng(1).uniform(0, 0.2, (3, 5))
    adjusted = gatekept(p)
    assert (np.diff(adjusted, axis=0) >= 0).all() and (adjusted >= p).all()
    assert gatekept([[1.0], [1e-9]]).tolist() == [[1.0], [1.0]] and gatekept(np.ones((2, 0))).shape == (2, 0)


def test_one_arm_is_tested_metric_by_metric_at_the_whole_level():
    assert gatekept([[0.04], [0.03], [0.049]]).ravel().tolist() == [0.04, 0.04, 0.049]


def test_an_arm_that_is_through_leaves_its_share_to_the_others():
    adjusted = gatekept([[0.001, 0.04], [0.001, 0.04]])
    assert adjusted.tolist() == [[0.002, 0.04], [0.002, 0.04]]
    assert gatekept([[0.001, 0.04], [0.5, 0.04]])[0, 1] == pytest.approx(0.08), "not before its last metric"


@pytest.mark.parametrize("true", ["nothing", "first metric of one arm", "first metric of all"])
def test_false_rejections_stay_below_the_level(true):
    """At least one false rejection, of arms and metrics that are correlated."""
    rng, studies = np.random.default_rng(2), 3_000
    z = rng.normal(size=(studies, 1, 1)) + rng.normal(size=(studies, 1, 4)) + rng.normal(size=(studies, 2, 4))
    p = ndtr(-z / np.sqrt(3))
    false = np.ones((2, 4), bool)
    if true != "nothing":
        arms = slice(0, 1) if true == "first metric of one arm" else slice(None)
        p[:, 0, arms], false[0, arms] = 1e-12, False
    wrong = [((gatekept(one) < 0.05) & false).any() for one in p]
    assert np.mean(wrong) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)


def test_a_difference_on_the_second_metric_needs_one_on_the_first():
    against = {"a": "base", "b": "base"}
    first, second = runs({"a": 0.05, "b": 0.0}, noise=0.01), runs({"a": 0.05, "b": 0.05}, seed=1)
    one, two = (table.set_index("arm") for table in compare_metrics([first, second], against, [Rule(0.001), Rule(0.001)]))
    assert one["verdict"].tolist() == ["helps", "inconclusive"] and two["verdict"].tolist() == ["helps", "inconclusive"]
    assert two.loc["b", "p"] < 0.001 and two.loc["b", "p_adjusted"] > 0.05
    assert (one["simultaneous_low"] < compare(first, against, Rule(0.001)).set_index("arm")["simultaneous_low"]).all()


def test_wrong_p_values_are_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        gatekept([[0.1, np.nan]])
