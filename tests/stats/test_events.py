"""Time to target and divergence: a published trial, Fisher's tea cups, the definitions, and censored pairs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlbench.stats.events import compare_divergence, compare_times, first_to_target, median_time

REMISSION = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_median_remission_of_freireich_1963():
    """6-mercaptopurine against placebo: medians of 23 and 8 weeks (Blood 21, 1963)."""
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    treated = median_time(REMISSION, RELAPSED)
    assert (treated.median, treated.reached, treated.n) == (23.0, 9, 21)
    assert median_time(placebo, np.ones(21)).median == 8.0


def test_censored_runs_are_neither_dropped_nor_given_the_maximum():
    time, reached = [4, 5, 6, 20, 20, 20, 20], [1, 1, 1, 0, 0, 0, 0]
    assert median_time(time, reached).median is None
    assert median_time([1, 2, 3, 9, 9], [1, 1, 1, 0, 0]).median == 3.0


def test_nothing_reached_and_no_run():
    assert median_time([5, 5], [0, 0]) == (None, None, None, 0, 2)
    assert median_time([], []) == (None, None, None, 0, 0)
    assert median_time([3.0], [True]).median == 3.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(1, 9), st.booleans()), min_size=1, max_size=12))
def test_swapping_the_arms_swaps_who_was_first_and_leaves_p(pairs):
    a, a_reached, b, b_reached = map(list, zip(*pairs, strict=True))
    there, back = first_to_target((a, a_reached), (b, b_reached)), first_to_target((b, b_reached), (a, a_reached))
    assert (there.first, there.later, there.undecided) == (back.later, back.first, back.undecided)
    assert there.p == pytest.approx(back.p) and there.first + there.later + there.undecided == len(pairs)


def test_each_kind_of_pair():
    arm, reference = ([3, 9, 3, 9, 5, 5], [1, 0, 1, 0, 1, 1]), ([9, 3, 2, 9, 5, 4], [0, 1, 0, 0, 0, 1])
    result = first_to_target(arm, reference)
    assert result[:3] == (2, 2, 2) and result.p == 1.0
    assert first_to_target(([1] * 7, [1] * 7), ([2] * 7, [1] * 7)).p == pytest.approx(stats.binomtest(7, 7).pvalue, abs=1e-12)


def test_table_of_arms():
    frame = pd.DataFrame([(arm, seed, time + seed, time < 9) for arm, time in (("base", 7), ("fast", 3), ("never", 20))
                          for seed in range(8)], columns=["arm", "seed", "time", "reached"])
    table = compare_times(frame, {"fast": "base", "never": "base", "gone": "base"}).set_index("arm")
    assert table.loc["fast", ["first", "later", "median"]].tolist() == [8, 0, 7.0]
    assert table.loc["never", "later"] == 8 and pd.isna(table.loc["never", "median"])
    assert table.loc["never", "reason"].startswith("0 of 8 runs reached the target, no median")
    assert table.loc["gone", "n"] == 0 and table.loc["gone", "p"] == 1.0
    assert table.loc["fast", "p_adjusted"] == pytest.approx(3 * 2 / 2**8)


@pytest.mark.parametrize("time", [[-1.0, 2.0], [np.nan, 2.0], [np.inf, 2.0], [1.0]])
def test_meaningless_times_are_refused(time):
    with pytest.raises(ValueError, match="times"):
        median_time(time, [1, 1])


def test_unequal_seeds_and_double_runs_are_refused():
    with pytest.raises(ValueError, match="seeds"):
        first_to_target(([1], [1]), ([1, 2], [1, 1]))
    frame = pd.DataFrame([("a", 0, 1.0, True)] * 2, columns=["arm", "seed", "time", "reached"])
    with pytest.raises(ValueError, match="two rows"):
        compare_times(frame, {})


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
