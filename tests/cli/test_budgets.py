"""A study at several budgets from the command line, with real trainings."""

import json

import pytest

from dlbench.store.database import Store
from dlbench.store.read import read
from tests.calling import called

STUDY = """
question = "Does more training change the answer?"
seeds = 2
margin = 0.02
budget = { epochs = [1, 2, 4] }
examples = 120
model = "mlp"
baseline = { options = { hidden = 16 } }
[[arms]]
technique = "dropout"
[[arms]]
technique = "lr_schedule"
kind = "cosine"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("budgets")
    (place / "budgets.toml").write_text(STUDY)
    planned = dlbench(place, "plan", "budgets.toml")
    assert planned.code == 0, planned.err
    assert "budget     1, 2 and 4 epochs, of which the longest decides" in planned.out
    assert "2 arms once and scored at each budget" in planned.out and "lr_schedule kind=cosine" in planned.out
    assert "18 runs: 0 done, 18 to do in 10 trainings" in planned.out
    ran = dlbench(place, "run", "budgets.toml", "--no-timing")
    assert ran.code == 0 and "18 runs done" in ran.err, ran.err
    return place


def dlbench(place, *arguments):
    return called(place, *arguments, DLBENCH_CACHE_DIR=str(place / "cache"))


def test_the_report_shows_every_budget(folder):
    results = read(folder / "reports" / "budgets")
    assert results.complete and [len(one.runs) for one in results.lengths] == [6, 6, 6]
    page = (folder / "reports" / "budgets" / "report.md").read_text()
    assert "## Over the budgets" in page and "Where a verdict turns" in page and "budget: 1, 2 and 4 epochs" in page


def test_the_same_command_has_nothing_to_do_and_status_counts_all(folder):
    again = dlbench(folder, "run", "budgets.toml", "--no-timing", "--no-report")
    assert again.code == 0 and "0 runs done, 18 were there already" in again.err
    status = dlbench(folder, "status", "reports/budgets")
    assert "18 runs planned" in status.out


def test_a_study_with_one_of_the_budgets_has_the_same_bits(folder):
    alone = dlbench(folder, "run", "budgets.toml", "--no-timing", "--no-report", "--set", "budget.epochs=2", "--out", "alone", "--reuse",
                    "none")
    assert alone.code == 0, alone.err
    short, own = read(folder / "reports" / "budgets").lengths[1], read(folder / "alone")
    bits = ["arm", "seed", "run_id", "test_loss", "train_loss", "validation_loss", "test_accuracy", "control"]
    assert short.runs[bits].equals(own.runs[bits]) and short.curves.drop(columns="seconds").equals(own.curves.drop(columns="seconds"))


def test_a_copy_of_the_folder_merges_and_exports(folder):
    merged = dlbench(folder, "merge", "reports/budgets", "--out", "merged")
    assert merged.code == 0 and len(read(folder / "merged").lengths) == 3, merged.err
    exported = dlbench(folder, "export", "merged", "--format", "csv", "--out", "tables")
    assert exported.code == 0 and (folder / "tables" / "budgets.csv").read_text().count("\n") == 7


@pytest.mark.parametrize("setting, told", [
    ("budget.epochs=[4, 2]", "budget.epochs = [4, 2]; accepted: a whole number from 1, or 2 to 16 different ones, ascending"),
    ("budget.epochs=[2, 2]", "different ones, ascending"), ("budget.epochs=[0, 2]", "a whole number from 1"),
    ("score.last=3", "accepted: up to 1"), ("nuisance.learning_rate=[0.1, 0.2]", "beside nuisance: ")])
def test_what_cannot_be_planned_is_said_in_one_line(folder, setting, told):
    refused = dlbench(folder, "plan", "budgets.toml", "--set", setting)
    assert refused.code == 2 and told in refused.err and "Traceback" not in refused.err and refused.err.count("\n") == 1


def test_what_is_kept_is_confirmed_at_the_longest_budget(folder):
    confirmed = dlbench(folder, "confirm", "reports/budgets", "--keep", "dropout", "--no-timing", "--out", "confirmed")
    assert confirmed.code == 0, confirmed.err
    results = read(folder / "confirmed")
    assert results.lengths == () and results.study["budget"] == {"unit": "epochs", "amount": 4} and results.complete


def test_the_time_that_is_left_is_that_of_the_epochs_to_train(folder):
    with Store(folder / "reports" / "budgets") as store:
        mean_s = store.mean_wall_s()
    told = json.loads(dlbench(folder, "plan", "budgets.toml", "--seeds", 4, "--jobs", 1, "--json").out)
    epochs = 2 * (4 + 4 + 1 + 2 + 4)
    assert told["trainings"] == 10 and told["estimated_s"] == pytest.approx(mean_s * epochs / ((1 + 2 + 4) / 3))


def test_power_counts_every_arm_at_every_budget(folder):
    told = dlbench(folder, "plan", "budgets.toml", "--power", "--sd", "0.01")
    assert told.code == 0 and "each arm at 0.05/6" in told.out
