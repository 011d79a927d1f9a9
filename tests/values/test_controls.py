import dataclasses

import pytest

from dlbench.values.controls import effect_of, faults
from dlbench.values.record import Record

CONTROLS = {
    "data": "d", "split": "s", "evaluation": "e", "order": ["a", "b"], "init": {"conv": "1", "dense": "2"}, "touched": [],
    "weights": "w", "global_draws": [], "acted": {},
}


def record(**controls):
    return Record("id", {}, 0, "done", controls={**CONTROLS, **controls})


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


def test_equal_weights_are_a_fault_or_an_inert_condition():
    assert effect_of(record(), record()) == "fault"
    assert effect_of(record(acted={"early_stopping": False}), record()) == "inert"
    assert effect_of(record(weights="other"), record()) == "acted"


def test_a_record_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        record().status = "done"
