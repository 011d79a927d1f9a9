"""What an arm changes is counted, and an arm that changes nothing is refused, or warned of where it depends on the data: row M7."""

from __future__ import annotations

import json

import pytest

from tests.cases.planning import HERE, arm, refused


@pytest.mark.parametrize(("model", "arms", "reason"), [
    ("leaky", arm("activation", kind="gelu"), "0 of 7 layers change"),
    ("leaky", arm("reseed", stream="dropout"), "nothing is drawn from that stream"),
    ("smooth", arm("reseed", stream="augment"), "nothing is drawn from that stream"),
    ("smooth", arm("width", factor=1.01), "0 of 4 layers change"),
    ("residual", arm("pooling", kind="average"), "layers change"),
    ("kernelless", arm("l2"), "the network has no kernel that it acts on"),
    ("kernelless", arm("weight_decay"), "the network has no kernel that it acts on"),
    ("kernelless", arm("pruning"), "the network has no kernel that it acts on"),
    ("kernelless", arm("init", kind="he"), "layers change"),
    ("smooth", arm("l1", scope="conv"), "the network has no kernel that it acts on"),
])
def test_m7_an_arm_that_finds_nothing_to_change_is_refused_by_plan(model, arms, reason, planned):
    refused(planned(arms, f"{HERE}:{model}"), f"arm '{json.loads(arms.splitlines()[1].partition(' = ')[2])}", "changes nothing: ", reason)


@pytest.mark.parametrize(("arms", "more", "reason"), [
    (arm("flip"), f'dataset = "{HERE}:mirrored"', "0 of 54 training examples change"),
    (arm("batch_size", size=1000, lr_rule="none"), "[baseline]\nbatch_size = 500", "a batch holds all"),
    (arm("class_weights"), "", "all classes have the same number of training examples"),
    (arm("balanced_sampling", power=0.5), "", "all classes have the same number of training examples"),
    (arm("threshold_moving"), "", "all classes have the same number of training examples"),
    (arm("lr_schedule", kind="step"), "", "the learning rate is the same in every step"),
    (arm("early_stopping", patience=10, restore_best=False), "", "it cannot stop a training of 2 steps"),
])
def test_m7_an_arm_that_does_nothing_on_this_data_is_warned_of(arms, more, reason, planned):
    dataset = f"{HERE}:mirrored" if "mirrored" in more else f"{HERE}:images"
    ended = planned(arms, dataset=dataset, more="" if "mirrored" in more else more)
    assert ended.code == 0 and "changes nothing: " in ended.err and reason in " ".join(ended.err.split()), ended.err


@pytest.mark.parametrize(("model", "arms", "counted"), [
    ("leaky", arm("dropout"), "(1 of 8 layers)"), ("residual", arm("activation", kind="gelu"), "layers)"),
    ("leaky", arm("l2"), "(3 kernels)"),
    ("smooth", arm("flip"), "of 54 training examples looked at"), ("smooth", arm("examples", count=30), "30 training examples instead of"),
    ("smooth", arm("dropout", rate=0.2), "(1 of 5 layers)"),
])
def test_m7_plan_counts_what_an_arm_changes(model, arms, counted, planned):
    ended = planned(arms, f"{HERE}:{model}")
    assert ended.code == 0 and counted in " ".join(ended.out.split()), ended.out + ended.err


def test_m7_a_sweep_of_numbers_on_one_layer_is_not_taken_for_one_arm(planned):
    ended = planned(arm("dropout", rate=[0.2, 0.5]) + arm("dropout", name="other", rate=0.3, reference="dropout rate=0.2"))
    assert ended.code == 0 and "changes nothing" not in ended.err
