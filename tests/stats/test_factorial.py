"""Factorial effects against a worked example, contrasts by hand and their symmetries."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dlbench.stats.factorial import factorial_effects
from dlbench.study.fractional import fractional_design


def full(factors, seeds, score):
    """All combinations of factors on every seed; ``score(levels, seed)``."""
    rows = [(*levels, seed, score(dict(zip(factors, levels, strict=True)), seed)) for seed in range(seeds)
            for levels in product((-1, 1), repeat=len(factors))]
    return pd.DataFrame(rows, columns=[*factors, "seed", "score"])


def test_montgomery_chemical_process():
    """Montgomery, "Design and analysis of experiments", section 6.2: A = 8.33, B = -5.00, AB = 1.67."""
    yields = {(-1, -1): (28, 25, 27), (1, -1): (36, 32, 32), (-1, 1): (18, 19, 23), (1, 1): (31, 30, 29)}
    table = factorial_effects(full(("a", "b"), 3, lambda x, s: yields[x["a"], x["b"]][s]), ("a", "b")).set_index("term")
    assert table["effect"].round(2).to_dict() == {"a": 8.33, "b": -5.0, "a:b": 1.67}


def test_intervals_equal_the_block_formula():
    rng = np.random.default_rng(0)
    runs = full(("a", "b"), 5, lambda x, s: 2 * x["a"] + s + rng.normal())
    table = factorial_effects(runs, ("a", "b"), alpha=0.1)
    y = runs["score"].to_numpy().reshape(5, 4)
    rest = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
    df = 4 * 3
    half = stats.t.ppf(0.95, df) * 2 * np.sqrt((rest**2).sum() / df / 20)
    assert table["high"].to_numpy() - table["effect"].to_numpy() == pytest.approx(half, abs=1e-9)
    contrast = y.mean(axis=0) @ [-1, -1, 1, 1] / 2
    assert table.loc[0, "effect"] == pytest.approx(contrast, abs=1e-9)


def test_flipping_a_factor_negates_its_terms_and_shuffling_changes_nothing():
    rng = np.random.default_rng(1)
    runs = full(("a", "b", "c"), 3, lambda x, s: x["a"] + x["b"] * x["c"] + rng.normal())
    plain = factorial_effects(runs, ("a", "b", "c")).set_index("term")
    flipped = factorial_effects(runs.assign(b=-runs["b"]).sample(frac=1, random_state=0), ("a", "b", "c")).set_index("term")
    signs = [-1 if "b" in term else 1 for term in plain.index]
    assert flipped["effect"].to_numpy() == pytest.approx(signs * plain["effect"].to_numpy())
    assert flipped["p_adjusted"].to_numpy() == pytest.approx(plain["p_adjusted"].to_numpy())
    scaled = factorial_effects(runs.assign(score=3 * runs["score"]), ("a", "b", "c"))
    assert scaled["low"].to_numpy() == pytest.approx(3 * plain["low"].to_numpy())


def test_a_fraction_names_what_it_cannot_separate():
    design = fractional_design(["a", "b", "c", "d"], 4)
    runs = pd.concat([pd.DataFrame(design.matrix, columns=design.factors).assign(seed=s) for s in range(3)])
    runs["score"] = 2 * runs["a"] + runs["a"] * runs["b"] + np.random.default_rng(2).normal(0, 0.01, len(runs))
    table = factorial_effects(runs, design.factors).set_index("term")
    assert table["aliases"].to_dict() == {"a": "", "b": "", "c": "", "d": "", "a:b": "c:d", "a:c": "b:d", "a:d": "b:c"}
    assert table.loc[["a", "a:b"], "effect"].round(1).tolist() == [4.0, 2.0]


def test_failed_runs_still_give_the_effects_that_can_be_separated():
    runs = full(("a", "b"), 4, lambda x, s: 3 * x["a"] + s).drop(index=[2, 9])
    table = factorial_effects(runs, ("a", "b"))
    assert table.loc[0, "effect"] == pytest.approx(6) and table.loc[0, "n"] == 14
    assert np.isfinite(table.select_dtypes("number").to_numpy()).all()


@pytest.mark.parametrize("change", [
    lambda runs: runs.assign(a=0), lambda runs: runs.assign(score=np.nan), lambda runs: runs.drop(columns="seed"),
    lambda runs: runs[runs["seed"] == 0], lambda runs: runs[(runs["a"] == 1) & (runs["b"] == 1)]])
def test_runs_without_an_answer_are_refused(change):
    runs = full(("a", "b"), 3, lambda x, s: float(s))
    with pytest.raises(ValueError, match=r"coded|finite|lack|separate|varies"):
        factorial_effects(change(runs), ("a", "b"))
