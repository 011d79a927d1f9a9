import dataclasses
import json

import pytest

from dlbench.values.controls import Control, control_of, digests, effect_of, faults
from dlbench.values.record import FIT_NOT_WATCHED, Controls, Record, Unproven

CONTROLS = {
    "data": "d", "split": "s", "evaluation": "e", "order": ["a", "b"], "init": {"conv": "1", "dense": "2"}, "touched": [],
    "weights": "w", "global_draws": [], "acted": {},
}


def record(**controls):
    return Record("id", {}, 0, "done", controls=dataclasses.replace(Controls.from_dict(CONTROLS), **{
        name: tuple(part) if isinstance(part, list) else part for name, part in controls.items()}))


def test_identical_runs_are_controlled():
    assert faults(record(), record(), {}) == []


@pytest.mark.parametrize("name, value, words", [
    ("data", "x", "data differs"), ("split", "x", "split differs"), ("evaluation", "x", "evaluation differs"),
    ("order", ["a", "x"], "example order differs"), ("init", {"conv": "1", "dense": "x"}, "initial weights of dense differ"),
    ("init", {"conv": "1"}, "initial weights of dense differ"),
    ("global_draws", ["RandomUniform"], "draws from a global generator: RandomUniform"),
])
def test_every_control_can_fail(name, value, words):
    assert faults(record(**{name: value}), record(), {}) == [words]


def test_a_shorter_run_is_compared_over_the_epochs_that_both_had():
    assert faults(record(order=["a"]), record(), {}) == []


def test_touched_layers_are_exempt_and_no_others():
    changed = {"conv": "x", "dense": "y"}
    assert faults(record(init=changed, touched=["conv"]), record(), {}) == ["initial weights of dense differ"]


def test_a_declared_redraw_is_allowed_for_its_own_stream_only():
    declared = {"redrawn": ((), ("order",))}
    assert faults(record(order=["x", "y"]), record(), declared) == []
    assert faults(record(init={"conv": "x", "dense": "2"}), record(), declared) == ["initial weights of conv differ"]


FEWER = {"data.examples": (None, 20)}


@pytest.mark.parametrize(("ours", "theirs", "changed", "found"), [
    ({"texts": "t"}, {"texts": "t"}, FEWER, []), ({"texts": "t"}, {"texts": "u"}, FEWER, ["evaluation texts differ"]),
    ({"texts": "t"}, {"texts": "t"}, {}, ["evaluation differs"]), ({}, {}, FEWER, ["evaluation differs"]),
    ({"texts": "t"}, {}, FEWER, ["evaluation differs"]),
])
def test_words_learnt_from_other_training_texts_may_number_the_same_test_texts_otherwise(ours, theirs, changed, found):
    assert faults(record(evaluation="x", **ours), record(**theirs), changed) == found


def test_equal_weights_are_a_fault_or_an_inert_condition():
    assert effect_of(record(), record()) == "fault"
    assert effect_of(record(acted={"early_stopping": False}), record()) == "inert"
    assert effect_of(record(weights="other"), record()) == "acted"


def test_a_record_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        record().status = "done"


UNKNOWN = Unproven("the script does not say")


@pytest.mark.parametrize("name", ["data", "split", "evaluation", "order", "init", "weights", "global_draws"])
def test_a_part_that_one_side_cannot_prove_makes_a_comparison_not_proven(name):
    ours, whole = record(**{"weights": "other", name: UNKNOWN}), record()
    assert ours.controls.to_dict()["unproven"] == {name: "the script does not say"} and name not in ours.controls.to_dict()
    assert Controls.from_dict(json.loads(json.dumps(ours.controls.to_dict()))) == ours.controls
    for pair in ((ours, whole), (whole, ours)):
        state, reasons = control_of(*pair, {})
        assert state is Control.NOT_PROVEN and len(reasons) == 1 and "not proven (the script does not say)" in reasons[0]


def test_what_provably_differs_outweighs_what_is_not_proven():
    ours = record(weights="other", split="x", order=Unproven("it shuffles"))
    assert control_of(ours, record(), {}) == (Control.UNCONTROLLED, ["split differs"])
    assert control_of(record(order=Unproven("it shuffles")), record(), {})[0] is Control.FAULT, "it changed nothing"


def test_a_part_that_the_arm_may_move_need_not_be_proven():
    ours = record(weights="other", order=Unproven("it shuffles"))
    assert control_of(ours, record(), {"redrawn": ((), ("order",))}) == (Control.CONTROLLED, [])


def test_a_record_without_controls_proves_nothing():
    nothing = Record("id", {}, 0, "done")
    assert nothing.to_dict()["controls"] == {} and Controls.from_dict({}) == Controls()
    assert control_of(nothing, record(), {})[0] is Control.NOT_PROVEN and digests(Controls()) == {}


def test_old_records_of_the_plain_keras_loop_do_not_prove_their_draws():
    stored = record().controls.to_dict()
    assert Controls.from_dict(stored, {"training.loop": "keras"}).global_draws == FIT_NOT_WATCHED
    assert Controls.from_dict(stored, {}).global_draws == ()


def test_stored_controls_are_as_they_were():
    stored = {**CONTROLS, "near_duplicates": [0, 449], "content": "c", "files": {"digits": "f"}}
    assert json.loads(json.dumps(Controls.from_dict(stored).to_dict())) == stored
