"""Counts of diverged runs against Fisher's own tea cups and the hypergeometric sum."""

import pandas as pd
import pytest
from scipy import stats

from dlbench.stats.divergence import compare_divergence


def runs(**diverged):
    """Runs by arm: a string of x (diverged) and o (completed)."""
    return pd.DataFrame([(arm, seed, mark == "x") for arm, marks in diverged.items() for seed, mark in enumerate(marks)],
                        columns=["arm", "seed", "diverged"])


def test_the_lady_tasting_tea():
    """Fisher, "The design of experiments", 1935: 3 of 4 and 1 of 4 give 34/70 two-sided."""
    table = compare_divergence(runs(base="xooo", arm="xxxo"), {"arm": "base"})
    assert table.loc[0, "p"] == pytest.approx(34 / 70, abs=1e-9)


def test_p_is_the_sum_of_tables_no_likelier_than_the_one_seen():
    table = compare_divergence(runs(base="xoooooooo", arm="xxxxxooo"), {"arm": "base"})
    law = stats.hypergeom(17, 6, 8).pmf(range(7))
    assert table.loc[0, "p"] == pytest.approx(law[law <= law[5] * (1 + 1e-9)].sum(), abs=1e-9)


def test_family_order_and_swap():
    frame = runs(base="oooooooo", a="xxxxxxxx", b="xooooooo")
    table = compare_divergence(frame, {"b": "base", "a": "base"})
    assert table["arm"].tolist() == ["b", "a"] and table.loc[1, "p_adjusted"] == pytest.approx(2 * table.loc[1, "p"])
    swapped = compare_divergence(frame, {"base": "a"})
    assert swapped.loc[0, "p"] == pytest.approx(table.loc[1, "p"])
    assert "8 of 8 runs diverged, 0 of 8 of base" in table.loc[1, "reason"]


def test_no_run_and_no_divergence_give_p_one():
    table = compare_divergence(runs(base="ooo", a="ooo"), {"a": "base", "gone": "base"})
    assert table["p"].tolist() == [1.0, 1.0] and table["n"].tolist() == [3, 0]


def test_bad_tables_are_refused():
    frame = runs(base="ooo")
    with pytest.raises(ValueError, match="diverged"):
        compare_divergence(frame.drop(columns="diverged"), {})
    with pytest.raises(ValueError, match="two rows"):
        compare_divergence(pd.concat([frame, frame]), {})
