"""Two results folders: the same arms paired by seed, judged like the arms of a study; what differs is said or refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis.comparison import Side, as_json, compare_results
from dlbench.stats.method import Rule
from dlbench.stats.verdict import COLUMNS, compare
from dlbench.store.results import Tuning
from dlbench.values.controls import BROKEN, Control
from dlbench.values.errors import InputError
from dlbench.values.metric import metric
from dlbench.values.record import Controls, Record
from tests.report.conftest import Shape, build, fail, without_runs

EFFECTS = {"baseline": 0.0, "dropout rate=0.5": 0.003, "l1 strength=0.01": -0.031}
MACHINE = {"system": "Linux x86_64", "cpu": "one", "cores": 2, "memory_gib": 8, "threads_per_worker": 1}


def controls(init="i", evaluation="e"):
    return Controls("d", "s", evaluation, {"dense": init}, order=("o",), weights="w", global_draws=())


def side(name, results, **hashes):
    records = {(row.arm, row.seed): Record(row.run_id, {}, row.seed, "done", controls=controls(**hashes))
               for row in results.runs.itertuples() if row.status == "done"}
    return Side(name, replace(results, environments={"e0": {**MACHINE, "keras": "3.15"}}), records)


def moved(results, gains):
    """The same results with a constant added to each arm's scores, and a little that no seed shares."""
    runs = results.runs.copy()
    noise = np.random.default_rng(0).normal(0, 0.0005, len(runs))
    runs["test_accuracy"] += [gains.get(arm, 0.0) for arm in runs["arm"]] + noise
    return replace(results, runs=runs)


@pytest.fixture(scope="module")
def a():
    return build(EFFECTS, Shape(seeds=8, epochs=2))


def test_verdicts_are_those_of_the_rule_on_pairs_of_one_arm_in_both(a):
    b = moved(a, {"baseline": 0.02, "dropout rate=0.5": -0.02})
    found = compare_results(side("a", a), side("b", b)).verdicts
    assert dict(zip(found["arm"], found["verdict"])) == {
        "baseline": "helps", "dropout rate=0.5": "hurts", "l1 strength=0.01": "no meaningful effect"}
    known = pd.concat([results.runs.assign(arm=results.runs["arm"] + mark, score=results.runs["test_accuracy"])
                       for results, mark in ((a, " old"), (b, " new"))])
    direct = compare(known, {f"{arm} new": f"{arm} old" for arm in EFFECTS}, Rule(0.005, unit="fraction"))
    numbers = [name for name in COLUMNS if name not in ("arm", "reference", "reason")]
    pd.testing.assert_frame_equal(found[numbers], direct[numbers])


def test_swapping_the_two_negates_every_effect(a):
    one, two = side("a", a), side("b", moved(a, {"baseline": 0.02}))
    forth, back = compare_results(one, two).verdicts, compare_results(two, one).verdicts
    assert forth["difference"].tolist() == pytest.approx((-back["difference"]).tolist())
    assert forth["p_adjusted"].tolist() == pytest.approx(back["p_adjusted"].tolist())


def test_only_seeds_that_both_completed_are_paired(a):
    b = without_runs(fail(a, "baseline", [0]), "l1 strength=0.01", (1, 2, 3))
    found = compare_results(side("a", a), side("b", b))
    assert dict(zip(found.verdicts["arm"], found.verdicts["n"])) == {"baseline": 7, "dropout rate=0.5": 8, "l1 strength=0.01": 3}
    assert any("B is not complete" in line for line in found.differs)


def test_of_a_tuned_study_the_comparison_at_default_is_compared_and_that_is_said(a):
    trials = Tuning((), metric("validation_accuracy"), (1000,), pd.DataFrame(), moved(a, {"baseline": 0.5}))
    found = compare_results(side("a", a), side("b", replace(a, tuning=trials)))
    assert found.verdicts["difference"].tolist() == [0, 0, 0] and any("B was tuned" in line for line in found.differs)


def test_arms_of_another_recipe_or_another_name_are_named_and_not_compared(a):
    arms = a.arms.copy()
    arms["recipe"] = [{}, {"model.dropout": 0.5}, {}]
    other = arms.assign(recipe=[{}, {"model.dropout": 0.2}, {}], arm=["baseline", "dropout rate=0.5", "l1 strength=0.1"])
    found = compare_results(side("a", replace(a, arms=arms)), side("b", replace(a, arms=other)))
    assert list(found.verdicts["arm"]) == ["baseline"]
    told = " ".join(found.differs)
    assert "model.dropout 0.5 in A, 0.2 in B" in told and "only in A: l1 strength=0.01" in told and "only in B: l1" in told


@pytest.mark.parametrize("study, words", [({"metric": "test_loss"}, "metric = test_loss"), ({"dataset": "tfds:mnist"}, "dataset = "),
                                          ({"split_seed": 3}, "split_seed = 3")])
def test_another_metric_or_other_data_are_refused(a, study, words):
    with pytest.raises(InputError, match=words):
        compare_results(side("a", a), side("b", replace(a, study=a.study | study)))


def test_fewer_training_examples_are_other_data(a):
    arms = a.arms.assign(recipe=[{"data.examples": 100}] * 3)
    with pytest.raises(InputError, match=r"data\.examples = 100, and a has data\.examples = none"):
        compare_results(side("a", a), side("b", replace(a, arms=arms)))


def test_a_hash_of_the_data_that_moved_is_refused_and_of_the_weights_is_uncontrolled(a):
    with pytest.raises(InputError, match="hash of its evaluation"):
        compare_results(side("a", a), side("b", a, evaluation="other"))
    found = compare_results(side("a", a), side("b", a, init="other")).verdicts
    assert set(found["control"]) == {"uncontrolled"} and "initial weights of dense differ (8 of 8" in found["control_text"][0]
    assert set(compare_results(side("a", a), side("b", a)).verdicts["control"]) == {"controlled"}


def test_times_of_another_machine_are_not_compared(a):
    ours, theirs = side("a", a), side("b", a)
    same = compare_results(ours, theirs)
    assert same.comparable and (same.times["step_ms_ratio"] == 1).all()
    theirs = replace(theirs, results=replace(theirs.results, environments={"e1": {**MACHINE, "cpu": "two", "keras": "3.16"}}))
    other = compare_results(ours, theirs)
    assert not other.comparable and not len(other.times) and "(cpu)" in other.times_note
    assert {"cpu: one in A, two in B", "keras: 3.15 in A, 3.16 in B"} <= set(other.differs)
    untimed = replace(theirs, results=replace(theirs.results, rounds=a.rounds.iloc[:0]))
    assert compare_results(ours, untimed).comparable, "nothing was timed, so nothing is made incomparable"


def test_nothing_in_common_is_empty(a):
    other = replace(a, study=a.study | {"seeds": [90, 91]}, runs=a.runs.assign(seed=a.runs["seed"] + 90))
    assert compare_results(side("a", a), side("b", other)).empty
    names = a.arms.assign(arm=["x", "y", "z"])
    assert compare_results(side("a", a), side("b", replace(a, arms=names))).empty


def test_of_a_study_on_several_datasets_the_first_is_compared_and_that_is_said(a):
    found = compare_results(side("a", a), side("b", replace(a, others=(moved(a, {"baseline": 0.5}),))))
    assert found.verdicts["difference"].tolist() == [0, 0, 0] and any("B is on 2 datasets" in line for line in found.differs)


def test_the_json_has_no_nan(a):
    for made in (a, build(EFFECTS, Shape(seeds=1, epochs=2))):
        found = compare_results(side("reports/a", made), side("reports/b", fail(made, "baseline", [0])))
        for row in as_json(found)["arms"]:
            assert not [value for value in row.values() if isinstance(value, float) and not np.isfinite(value)]


@pytest.mark.parametrize("state", [*BROKEN, Control.NOT_PROVEN])
def test_an_arm_that_is_not_controlled_in_one_of_the_two_is_none_in_the_comparison(a, state):
    for one, two in ((a, a.runs.assign(control=state)), (replace(a, runs=a.runs.assign(control=state)), a.runs)):
        found = compare_results(side("a", one), side("b", replace(a, runs=two)))
        assert set(found.verdicts["control"]) == {state} and found.verdicts["control_text"].str.startswith("in ").all()


def test_what_is_shown_to_differ_outranks_what_is_not_proven(a):
    unproven = replace(a, runs=a.runs.assign(control=Control.NOT_PROVEN))
    assert set(compare_results(side("a", a), side("b", unproven, init="other")).verdicts["control"]) == {Control.UNCONTROLLED}
