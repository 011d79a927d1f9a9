"""The batched verdicts of the simulation are those of the library."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.error_rates import spending, twin
from benchmarks.error_rates.coverage import bootstrap_limits, t_limits
from benchmarks.error_rates.document import document, markdown
from benchmarks.error_rates.errors import differences, false_claims
from dlbench.stats.boundaries import boundaries
from dlbench.stats.crossed import ExamplePart
from dlbench.stats.family import holm
from dlbench.stats.method import Rule
from dlbench.stats.paired import paired_t
from dlbench.stats.verdict import compare
from tests.stats.replay import judge_looks

ARMS = [f"arm{i}" for i in range(4)]
EFFECTS = (0.0, 1.0, -1.5, 0.3)
SPREADS = (0.2, 0.5, 1.0)


def as_scores(d):
    """Long scores whose differences against "base" are ``d``, shape (arms, seeds)."""
    base = np.random.default_rng(0).normal(size=d.shape[1])
    rows = [("base", seed, score) for seed, score in enumerate(base)]
    rows += [(arm, seed, base[seed] + d[i, seed]) for i, arm in enumerate(ARMS) for seed in range(d.shape[1])]
    return pd.DataFrame(rows, columns=["arm", "seed", "score"])


@pytest.mark.parametrize("n", [5, 8])
def test_fixed_verdicts_equal_compare(n):
    rng, seen = np.random.default_rng(n), set()
    for spread in SPREADS:
        d = differences(rng, 12, EFFECTS, n, spread)
        codes = twin.verdicts(d, margin=0.8)
        for study, expected in zip(d, codes, strict=True):
            table = compare(as_scores(study), dict.fromkeys(ARMS, "base"), Rule(0.8))
            assert table["verdict"].tolist() == [twin.NAMES[code] for code in expected]
            seen |= set(expected)
    assert seen == set(range(4))


@pytest.mark.parametrize("n", [3, 8])
def test_verdicts_on_new_data_equal_compare(n):
    rng, seen = np.random.default_rng(n), set()
    for spread in SPREADS:
        d, errors = differences(rng, 12, EFFECTS, n, spread), np.abs(rng.normal(0, 0.2, (12, 4)))
        codes = twin.verdicts(d, 0.8, part=(errors, 200))
        for study, error, expected in zip(d, errors, codes, strict=True):
            parts = {arm: ExamplePart(one**2, 200) for arm, one in zip(ARMS, error)}
            table = compare(as_scores(study), dict.fromkeys(ARMS, "base"), Rule(0.8, parts=parts))
            assert table["verdict"].tolist() == [twin.NAMES[code] for code in expected]
            seen |= set(expected)
    assert len(seen) == (4 if n == 8 else 3)


def test_adaptive_verdicts_equal_judge_interim_look_by_look():
    rng, seen = np.random.default_rng(1), set()
    plan = boundaries((3, 5, 8), arms=4, paths=100_000)
    for spread in SPREADS:
        d = differences(rng, 8, EFFECTS, 8, spread)
        codes, used = twin.adaptive_verdicts(d, 0.8, plan)
        for study, code, seeds in zip(d, codes, used, strict=True):
            table = judge_looks(as_scores(study), dict.fromkeys(ARMS, "base"), Rule(0.8), plan, range(8))
            last = table.groupby("arm").last().loc[ARMS]
            assert last["verdict"].tolist() == [twin.NAMES[c] for c in code] and last["look"].tolist() == seeds.tolist()
            seen |= set(zip(code.tolist(), seeds.tolist(), strict=True))
    assert len({look for _, look in seen}) == 3 and {code for code, _ in seen} == set(range(4))


def test_batched_holm_and_t_interval_equal_the_library():
    p = np.random.default_rng(2).uniform(size=(5, 6))
    assert twin.holm(p) == pytest.approx(np.array([holm(row) for row in p]), abs=1e-12)
    d = np.random.default_rng(3).normal(size=(5, 6))
    assert np.column_stack(t_limits(d)) == pytest.approx(np.array([paired_t(row, 0.05)[1:3] for row in d]), abs=1e-12)


def test_batched_bootstraps_agree_with_scipy():
    d = np.random.default_rng(4).exponential(size=(3, 20))
    for method, (low, high) in zip(("percentile", "BCa"), bootstrap_limits(d, np.random.default_rng(5)), strict=True):
        for row in range(3):
            reference = stats.bootstrap((d[row],), np.mean, method=method, rng=np.random.default_rng(6)).confidence_interval
            assert (low[row], high[row]) == pytest.approx((reference.low, reference.high), abs=0.15 * d[row].std())


def test_false_claims_are_counted_by_study():
    effects = np.array([0.0, 1.0])
    codes = np.array([[twin.HELPS, twin.HELPS], [twin.EQUIVALENT, twin.EQUIVALENT], [twin.INCONCLUSIVE, twin.HURTS],
                      [twin.EQUIVALENT, twin.HELPS]])
    assert false_claims(codes, effects) == (0.5, 0.25)


def test_a_missed_requirement_is_written_as_such():
    tables = {"coverage": pd.DataFrame({"differences": ["normal"], "n": [3], "t": [0.90], "a": [0.9]}),
              "errors": pd.DataFrame({"design": ["fixed"], "false helps or hurts": [0.08], "false equivalence": [0.01]}),
              "without": pd.DataFrame({"without the rule": ["x"], "error": [0.1]}),
              "savings": pd.DataFrame({"arms with the effect": ["all ten arms"] * 2, "looks": "5", "effect": ["4 x margin", "0 x margin"],
                                       "share of all runs": [0.7, 1.2], "share, those arms": 0.7, "helps, fixed": 1.0}),
              "crossed": pd.DataFrame({"test examples": [20], "seeds": [3], "the verdict's": [0.8]}),
              "freedom": pd.DataFrame({"seeds": [3], "the verdict's, 5.0%": [0.06], "the verdict's, 0.5%": [0.005]}),
              "new data": pd.DataFrame({"design": ["fixed"], "false helps or hurts": [0.2], "false equivalence": [0.01]}),
              "equivalence": pd.DataFrame({"differences": ["normal"], "by": ["the verdict"], "n = 5": [0.2]}),
              "confirmed": pd.DataFrame({"effects": ["none"], "together": ["x"], "seeds": [5], "confirmations": [9], "false claim": [0.9]}),
              "folds": pd.DataFrame({"folds": [4], "seeds": [8], "the verdict's": [0.8]}),
              "repeated": pd.DataFrame({"folds": [4], "seeds": [8], "share 1": [0.8]}),
              "spent": pd.DataFrame({"time": ["60 runs"], "false helps or hurts": [0.2], "false equivalence": [0.01],
                                     "seeds of the last analysis": [9.0]}),
              "factors": pd.DataFrame({"an effect is claimed": ["at any look"], "false claim": [0.2]})}
    text = document(tables, 1000, 0, "a CPU")
    assert text.count("**NOT MET**") == 12 and "**Met**" not in text
    assert markdown(pd.DataFrame({"a": [1]}), {})[:3] == ["| a |", "| --- |", "| 1 |"]


def test_time_is_spent_as_studies_spend_it():
    """Studies without an effect use all of the time; those whose arms all have a large one stop at the first analysis."""
    rng = np.random.default_rng(11)
    large, nothing = np.full(spending.ARMS, 9.0), np.zeros(spending.ARMS)
    codes, seeds = spending.spent(differences(rng, 40, large, spending.MOST, 0.25), 240.0)
    assert (codes == twin.HELPS).all() and (seeds == 10).all()
    _, seeds = spending.spent(differences(rng, 40, nothing, spending.MOST, 4.0), 240.0)
    assert (seeds >= 240 // (spending.ARMS + 1)).all()
