"""Interim analyses are kept to the bit and found by what was compared; a pilot is what an earlier one has seen."""

import pytest

from dlbench.store.database import Store
from dlbench.store.interim import InterimAnalysis, add, analyses_of, compared_pairs, of_plan, pilot_seeds
from dlbench.values.record import Record

PAIRS = (("a", "base"), ("b", "base"))
DECLARED = {"looks": [2, 4], "metric": "test_accuracy", "margin": 0.01}


def look(*seeds, left_out=(), **fields):
    return InterimAnalysis(PAIRS, seeds, tuple(left_out), **fields)


def test_a_look_is_read_back_to_the_bit_by_any_arm_that_it_judged(tmp_path):
    made = look(0, 1, declared=DECLARED, verdicts=({"arm": "x", "verdict": "helps", "p": 0.1 + 0.2, "low": None},), taken="now")
    with Store(tmp_path, write=True) as store:
        add(store, made)
        add(store, look(0, 1, 2))
        assert analyses_of(store, [("b", "base")])[0] == made and len(analyses_of(store, PAIRS)) == 2
        assert analyses_of(store, [("b", "a"), ("c", "base")]) == []


def test_the_undecided_are_those_without_a_decision():
    words = ("helps", "inconclusive", "no verdict", "hurts", "no meaningful effect")
    assert look(verdicts=tuple({"arm": word, "verdict": word} for word in words)).undecided == ("inconclusive", "no verdict")


def test_compared_arms_are_told_by_recipe_and_not_by_name():
    arms = [{"arm": "baseline", "recipe_id": "0", "reference": None}, {"arm": "x", "recipe_id": "1", "reference": "baseline"},
            {"arm": "y", "recipe_id": "2", "reference": "x"}]
    assert compared_pairs(arms) == (("1", "0"), ("2", "1"))


@pytest.mark.parametrize("change", [
    {"declared": None}, {"declared": {**DECLARED, "margin": 0.02}}, {"pairs": PAIRS[:1]}, {"seeds": (5, 6)}])
def test_only_looks_of_the_same_declaration_are_its_own(change):
    made = {"pairs": PAIRS, "seeds": (0, 1), "declared": DECLARED}
    assert of_plan([InterimAnalysis(**made)], PAIRS, DECLARED, (0, 1, 2, 3)) == [InterimAnalysis(**made)]
    assert of_plan([InterimAnalysis(**{**made, **change})], PAIRS, DECLARED, (0, 1, 2, 3)) == []


def test_what_was_seen_is_left_out_once_and_for_all():
    first, second = look(0, 1, 2), look(0, 1, 2, 3, 4, left_out=(0, 1, 2))
    assert pilot_seeds([], (0, 1)) == ()
    assert pilot_seeds([first], (0, 1, 2)) == (), "the same look again"
    assert pilot_seeds([first], (0, 1, 2, 3, 4)) == pilot_seeds([first, second], (4, 3, 2, 1, 0)) == (0, 1, 2)
    assert pilot_seeds([first, second], range(9)) == (0, 1, 2, 3, 4)
    assert pilot_seeds([first, second], (7, 8, 9)) == ()
    assert pilot_seeds([first, second], (0, 1, 2, 3)) == (0, 1, 2), "as if it had been run in order"
    assert pilot_seeds([look(0, 1, declared=DECLARED), look(0, 1, 2, declared=DECLARED)], (0, 1, 2)) == (0, 1)


def test_only_finite_scores_of_finished_runs_count(tmp_path):
    with Store(tmp_path, write=True) as store:
        for run_id, status, found in (("a", "killed", {}), ("a", "done", {"m": 0.5}), ("b", "diverged", {"m": 0.1}),
                                      ("c", "done", {"m": float("inf")}), ("d", "done", {"m": None}), ("e", "done", {"other": 1.0})):
            store.add(Record(run_id, {}, 0, status, scores=found), {})
        assert store.scores("m") == {"a": 0.5}
