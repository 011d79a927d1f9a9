"""Runs of several machines: each run names its own, and training times are not put together."""

from dataclasses import replace

from dlbench.analysis import hardware
from dlbench.analysis.costs import costs
from tests.report.conftest import build

ONE = {"system": "Linux x86_64", "cpu": "one CPU", "cores": 2, "memory_gib": 8, "keras": "3.15"}
TWO = {**ONE, "cpu": "another CPU", "cores": 64, "gpus": ["A100", "A100"]}


def on(**environments):
    made = build()
    runs = made.runs.copy()
    runs["environment"] = [list(environments)[place % len(environments)] for place in range(len(runs))]
    return replace(made, runs=runs, environments=environments)


def test_training_times_of_two_kinds_of_machine_are_not_put_together():
    mixed, alone = on(e0=ONE, e1=TWO), on(e0=ONE, e1={**ONE, "keras": "3.16"})
    assert costs(mixed)["train_s"].isna().all() and costs(alone)["train_s"].notna().all()
    assert hardware.mixed(alone) == [] and len(hardware.mixed(mixed)) == 2


def test_no_runs_and_unknown_environments_are_no_fault():
    assert hardware.mixed(replace(build(), runs=build().runs.iloc[:0])) == []
    assert hardware.mixed(replace(build(), environments={})) == [] and hardware.words({}) == "unknown machine"
