"""Arms that begin alike from the command line: they are trained together, and each has the bits of a run of its own."""

import re

import pytest

from dlbench.store.read import read
from tests.calling import called

STUDY = """
question = "Which schedule is best?"
seeds = 2
margin = 0.02
budget = { epochs = 6 }
examples = 120
score = { over = "last_quarter" }
model = "mlp"
baseline = { options = { hidden = 16 }, learning_rate = 0.01 }
[[arms]]
technique = "lr_schedule"
kind = "step"
every = 3
[[arms]]
technique = "lr_schedule"
kind = "plateau"
patience = 1
min_delta = 0.5
[[arms]]
technique = "averaging"
decay = 0.9
[[arms]]
name = "both"
techniques = [{ technique = "lr_schedule", kind = "step", every = 3 }, { technique = "early_stopping", patience = 2 }]
"""
BITS = ["arm", "seed", "run_id", "test_loss", "train_loss", "validation_loss", "test_accuracy", "control", "epochs", "steps",
        "hash_order", "hash_weights"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("together")
    (place / "schedules.toml").write_text(STUDY)
    return place


def dlbench(place, *arguments):
    return called(place, *arguments, DLBENCH_CACHE_DIR=str(place / "cache"))


def test_arms_that_begin_alike_are_trained_together_and_have_the_bits_of_runs_of_their_own(folder):
    planned = dlbench(folder, "plan", "schedules.toml", "--jobs", 2)
    assert "10 runs: 0 done, 10 to do in 6 trainings with at most 44 % of the steps" in planned.out, planned.out + planned.err
    ran = dlbench(folder, "run", "schedules.toml", "--no-timing", "--jobs", 2)
    assert ran.code == 0 and "10 runs done" in ran.err, ran.err
    page = (folder / "reports" / "schedules" / "report.md").read_text()
    assert re.search(r"10 runs took \d trainings and \d+ % of the steps that they have", page)
    alone = dlbench(folder, "run", "schedules.toml", "--no-timing", "--jobs", 3, "--out", "alone", "--reuse", "none")
    assert alone.code == 0, alone.err
    together, apart = read(folder / "reports" / "schedules"), read(folder / "alone")
    assert together.runs[BITS].equals(apart.runs[BITS]) and set(together.runs["control"]) == {"baseline", "controlled"}
    assert together.curves.drop(columns="seconds").equals(apart.curves.drop(columns="seconds"))
    shared = [one.runs.set_index(["arm", "seed"])["shared_steps"].fillna(0) for one in (together, apart)]
    step = "lr_schedule kind=step every=3"
    assert (shared[0][step] > 0).all() and (shared[1][step] == 0).all() and (shared[1]["both"] > 0).all()
