"""What several budgets say of each arm, on results whose effects are known."""

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.budgets import budget_changes, budget_effects, turning, turning_points
from dlbench.analysis.rejudge import rejudged
from dlbench.stats.family import holm
from dlbench.stats.paired import paired_t
from tests.budgeted import EFFECTS, made


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    return analyse(made(tmp_path_factory.mktemp("budgets")))


def test_verdicts_turn_where_effects_do(analysis):
    assert turning_points(analysis) == {
        "dropout rate=0.5": "helps up to 10 epochs, no meaningful effect at 20",
        "l2 strength=0.01": "no meaningful effect up to 10 epochs, hurts at 20",
        "lr_schedule kind=cosine": "no meaningful effect at every budget"}


def test_effects_are_those_of_the_budget_that_stands_beside_them(analysis):
    table = budget_effects(analysis)
    assert list(table["epochs"]) == [5, 10, 20] * 3 and table["arm"].nunique() == 3
    for row in table.itertuples():
        known = EFFECTS[next(arm for arm in EFFECTS if arm in row.arm)]
        assert row.low < row.difference < row.high and abs(row.difference - known[row.epochs]) < 0.003


def test_the_longest_budget_decides_and_all_budgets_are_one_family(analysis):
    assert analysis.lengths[-1] is analysis and analysis.results.study["budget"]["amount"] == 20
    p = np.concatenate([one.verdicts.sort_values("id")["p"].to_numpy(float) for one in analysis.lengths])
    adjusted = np.concatenate([one.verdicts.sort_values("id")["p_adjusted"].to_numpy(float) for one in analysis.lengths])
    assert len(p) == 9 and adjusted == pytest.approx(holm(p))


def test_a_change_is_paired_over_the_seeds_of_both_budgets(analysis):
    table = budget_changes(analysis).set_index("arm")
    for arm in table.index:
        first, last = (one.pairs[one.pairs["arm"] == arm].sort_values("seed")["difference"].to_numpy() for one in
                       (analysis.lengths[0], analysis))
        found = paired_t(last - first, 0.05)
        assert table.loc[arm, ["change", "low", "high"]].tolist() == pytest.approx([found.difference, found.low, found.high])
    assert (table["n"] == 10).all() and table.loc["dropout rate=0.5", "high"] < 0


def test_a_study_with_one_budget_has_none(tmp_path):
    one = analyse(made(tmp_path, budget={"epochs": 20}))
    assert one.lengths == () and len(budget_effects(one)) == len(budget_changes(one)) == 0 and turning_points(one) == {}


def test_another_margin_judges_every_budget(analysis):
    wide = analyse(rejudged(analysis.results, margin=0.2))
    assert set(turning_points(wide).values()) == {"no meaningful effect at every budget"}
    assert all(one.margin == 0.2 for one in wide.lengths)


@pytest.mark.parametrize("verdicts, words", [
    ("aaa", "a at every budget"), ("aab", "a up to 2 epochs, b at 3"), ("abb", "a at 1 epoch, b from 2 on"),
    ("aba", "a at 1 epoch, b at 2, a at 3"), ("abba", "a at 1 epoch, b from 2 to 3, a at 4"), ("ab", "a at 1 epoch, b at 2")])
def test_turning_is_said_in_words(verdicts, words):
    assert turning(range(1, len(verdicts) + 1), list(verdicts)) == words
