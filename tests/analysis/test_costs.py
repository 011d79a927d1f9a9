"""What arms cost."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from dlbench.analysis.costs import timings


@pytest.fixture(scope="module")
def rounds(results):
    draw = np.random.default_rng(0)
    arms = ["baseline"] * 3 + ["batch"] * 3
    table = results.rounds.iloc[:6].assign(arm=arms, reference=[None] * 3 + ["baseline"] * 3, batch_size=[32] * 3 + [128] * 3)
    names = ["step_ms", "reference_step_ms", "inference_ms", "reference_inference_ms"]
    return table.assign(**{name: draw.lognormal(size=6) for name in names})


def test_a_step_of_four_times_the_batch_is_worth_four(results, rounds):
    row = timings(replace(results, rounds=rounds)).set_index("arm").loc["batch"]
    own = rounds[rounds["arm"] == "batch"]
    interval = stats.ttest_rel(np.log(own["step_ms"] / 4), np.log(own["reference_step_ms"])).confidence_interval()
    assert (row["reference"], row["rounds"], row["step_ms"]) == ("baseline", 3, own["step_ms"].median())
    assert (row["step_low"], row["step_high"]) == pytest.approx(tuple(np.exp(interval)))
    assert row["inference_ratio"] == pytest.approx(stats.gmean(own["inference_ms"] / own["reference_inference_ms"]))


def test_a_single_round_has_a_ratio_without_an_interval(results, rounds):
    table = timings(replace(results, rounds=rounds.iloc[[0, 3]]))
    assert table["step_ratio"].notna().all() and table[["step_low", "step_high"]].isna().all(axis=None)
