"""A study whose seeds test the folds of its data in turn, from the command line with real trainings."""

import pytest

from dlbench.analysis import analyse
from dlbench.store.read import read
from tests.calling import called

STUDY = """
question = "Does it hold in every fold?"
seeds = 6
folds = 3
margin = 0.02
budget = { epochs = 2 }
examples = 200
model = "mlp"
baseline = { options = { hidden = 16 } }
[[arms]]
technique = "dropout"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("folds")
    (place / "folds.toml").write_text(STUDY)
    ran = dlbench(place, "run", "folds.toml", "--no-timing")
    assert ran.code == 0, ran.err
    return place


def dlbench(folder, *arguments):
    return called(folder, *arguments, DLBENCH_CACHE_DIR=str(folder / "cache"))


def test_pairs_share_their_fold_and_every_example_is_tested_by_two_seeds(folder):
    results = read(folder / "reports" / "folds")
    assert results.complete and set(results.runs["control"]) == {"baseline", "controlled"}
    table = analyse(results).verdicts
    assert (table["n"] == 6).all() and table["example_error"].notna().all()
    assert sum(results.answers.examples(results.runs[results.runs["arm"] == "baseline"]["run_id"]).values()) == 2 * 1797
    needed = table["seeds_needed"].dropna()
    assert (needed % 3 == 0).all()


def test_the_page_says_what_was_tested(folder):
    page = (folder / "reports" / "folds" / "report.md").read_text()
    assert "tested: 3 folds in turn, one a seed: every example by 2 seeds" in page
    assert "test examples of a fold have one in training" in page and "2 rounds of 3 seeds, which test every example once together" in page
    assert "Differences by class" in page and "Seeds × examples" not in page


def test_the_same_command_has_nothing_to_do_and_a_broken_round_is_said(folder):
    again = dlbench(folder, "run", "folds.toml", "--no-timing", "--no-report")
    assert again.code == 0 and "0 runs done, 12 were there already" in again.err
    more = dlbench(folder, "plan", "folds.toml", "--seeds", 8)
    assert more.code == 0 and "3 folds in turn, one a seed: not all by equally many seeds" in more.out


def test_power_is_told_from_the_folds(folder):
    told = dlbench(folder, "plan", "folds.toml", "--power")
    assert told.code == 0 and "the test examples count as the pilot's tell" in " ".join(told.out.split())


def test_plan_says_how_the_data_is_tested(folder):
    assert "3 folds in turn, one a seed: every example by 2 seeds" in dlbench(folder, "plan", "folds.toml").out


def test_looks_are_taken_after_whole_rounds(folder):
    (folder / "looks.toml").write_text(STUDY.replace("seeds = 6", "adaptive = { looks = [6, 9] }"))
    ran = dlbench(folder, "run", "looks.toml", "--no-timing")
    assert ran.code == 0, ran.err
    assert len(read(folder / "reports" / "looks").interim) in (1, 2)
