"""Several budgets in one family: Holm's procedure over all arms at all budgets, none of which waits for another."""

import numpy as np
import pandas as pd
import pytest

from dlbench.stats.budgets import compare_budgets
from dlbench.stats.family import holm
from dlbench.stats.method import Rule
from dlbench.stats.verdict import COLUMNS, compare
from tests.stats.test_gatekeeping import runs

AGAINST = {"a": "base", "b": "base"}
RULE = Rule(0.01)


def test_one_budget_is_the_comparison_of_any_study():
    known = runs({"a": 0.02, "b": 0.0})
    assert compare_budgets([known], AGAINST, [RULE])[0].equals(compare(known, AGAINST, RULE))


def test_p_values_are_adjusted_over_arms_times_budgets():
    known = [runs({"a": effect, "b": 0.0}, seed=place) for place, effect in enumerate((0.02, 0.006, 0.0))]
    alone, together = [compare(one, AGAINST, RULE) for one in known], compare_budgets(known, AGAINST, [RULE] * 3)
    for name in ("p", "p_tost"):
        expected = holm(np.concatenate([table[name].to_numpy(float) for table in alone]))
        assert np.concatenate([table[f"{name}_adjusted"].to_numpy(float) for table in together]) == pytest.approx(expected)
    assert all(list(table.columns) == list(COLUMNS) for table in together)
    for one, table in zip(alone, together):
        assert table[["difference", "low", "high", "n"]].equals(one[["difference", "low", "high", "n"]])
        assert (table["simultaneous_low"] < one["simultaneous_low"]).all()


def test_an_effect_that_goes_away_is_found_at_the_budget_that_has_it():
    known = [runs({"a": effect}, seeds=16, seed=place, noise=0.002) for place, effect in enumerate((0.03, 0.0))]
    assert [table["verdict"].item() for table in compare_budgets(known, {"a": "base"}, [RULE] * 2)] == ["helps", "no meaningful effect"]


def test_a_budget_without_runs_counts_and_takes_no_verdict():
    known, nothing = runs({"a": 0.02, "b": 0.0}), pd.DataFrame({"arm": [], "seed": [], "score": []})
    lacking, there = compare_budgets([nothing, known], AGAINST, [Rule(0.01, planned=8)] * 2)
    assert set(lacking["verdict"]) == {"no verdict"} and there["verdict"].tolist()[0] == "helps"
    p = holm([*there["p"].astype(float), 1.0, 1.0])[:2]
    assert there["p_adjusted"].to_numpy(float) == pytest.approx(p)


@pytest.mark.slow
def test_false_verdicts_at_any_budget_stay_below_the_level():
    """Both arms do nothing at three budgets, whose scores share seeds and noise as those of one training do. That p-values are adjusted
    over all of them is shown above; without it, one study in six would be wrong."""
    rng, wrong, studies = np.random.default_rng(3), 0, 200
    for _ in range(studies):
        base, noise = rng.normal(0.9, 0.01, 6), rng.normal(0, 0.004, (2, 6))
        tables = []
        for _ in range(3):
            own = 0.7 * noise + 0.7 * rng.normal(0, 0.004, (2, 6))
            arms = {"base": base, "a": base + own[0], "b": base + own[1]}
            rows = [(arm, s, value) for arm, values in arms.items() for s, value in enumerate(values)]
            tables.append(pd.DataFrame(rows, columns=["arm", "seed", "score"]))
        wrong += any(table["verdict"].isin(["helps", "hurts"]).any() for table in compare_budgets(tables, AGAINST, [RULE] * 3))
    assert wrong / studies <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)
