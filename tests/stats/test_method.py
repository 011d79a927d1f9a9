"""The method of the verdicts and its words."""

import numpy as np
import pytest
from scipy import stats

from dlbench.stats.method import METHOD, Correction, Method


def test_words_follow_the_level():
    assert (METHOD.confidence, METHOD.error, METHOD.interval) == ("95 %", "5 %", "95 % t interval")
    other = Method(alpha=0.1)
    assert (other.confidence, other.error, other.interval) == ("90 %", "10 %", "90 % t interval")


def test_words_follow_the_procedure():
    assert Method(correction=Correction("Hochberg", np.asarray)).adjusted == "Hochberg-adjusted"


@pytest.mark.parametrize("alpha", [0.0, 0.5, -0.1, float("nan")])
def test_a_meaningless_level_is_refused(alpha):
    with pytest.raises(ValueError, match="alpha"):
        Method(alpha=alpha)


def test_simultaneous_interval_is_the_interval_at_alpha_over_k():
    d = np.random.default_rng(1).normal(size=7)
    limits = tuple(stats.ttest_1samp(d, 0).confidence_interval(0.995))
    assert METHOD.simultaneous_interval(d, 10) == pytest.approx(limits, abs=1e-9)
