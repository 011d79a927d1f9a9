"""The report on verdicts in bfloat16: what is the same is called the same, and a shift is found."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.precision.document import LEVEL, Compared, document, shifts

ARMS = {"baseline": 0.0, "good": 0.05, "moved": 0.05}


def scores(gains, noise):
    rows = [(arm, seed, 0.8 + 0.01 * np.random.default_rng(seed).normal() + gain + noise * np.random.default_rng([seed, place]).normal())
            for place, (arm, gain) in enumerate(gains.items()) for seed in range(8)]
    return pd.DataFrame(rows, columns=["arm", "seed", "score"])


@pytest.fixture
def compared():
    def verdicts(*found):
        return pd.DataFrame({"arm": ["good", "moved"], "reference": "baseline", "verdict": found})

    return Compared("mine", "accuracy", True, 0.01, 8, {"float32": verdicts("helps", "helps"), "bfloat16": verdicts("helps", "hurts")},
                    {"float32": scores(ARMS, 0.001), "bfloat16": scores({**ARMS, "moved": -0.05}, 0.0012)})


def test_an_effect_that_stays_is_the_same_and_one_that_turns_is_found(compared):
    found = shifts(compared).set_index("arm")
    assert found["verdict"].to_dict() == {LEVEL: "no meaningful effect", "good": "no meaningful effect", "moved": "hurts"}
    assert found.loc["moved", "difference"] == pytest.approx(-0.1, abs=0.005)


def test_the_report_counts_what_changed(compared):
    text = document([compared], {"Command": "`x`"})
    assert "1 of 2 verdicts differ: moved; 1 of them from helps to hurts or back" in text
    assert "1 are shown to be the same, 0 are open, 1 differ" in text and "| good | helps | helps |" in text
