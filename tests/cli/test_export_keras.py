"""``dlbench export --format keras``: the recipe of an arm, to go on from with dlbench or without it."""

import pytest

from dlbench.app.recipe import _demand_exportable
from dlbench.app.request import Request, planned
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from tests.cli.conftest import STUDY


def _ids(file, arm):
    plan = planned(Request(str(file)), lambda _: None)
    return [plan.cells[arm, seed] for seed in plan.study.seeds]


def test_an_arm_becomes_the_baseline_of_a_study_whose_runs_are_known(call, results, study, tmp_path):
    ended = call("export", results, "--format", "keras", "--arm", "dropout rate=0.5")
    assert (ended.code, ended.err) == (0, "")
    names = ["study.toml", "model.keras", "data.npz", "train.py"]
    assert ended.out.split() == [str(results / "export" / name) for name in names]
    assert _ids(results / "export" / "study.toml", "baseline") == _ids(study, "dropout rate=0.5")
    assert call("export", results, "--format", "keras", "--arm", "baseline").code == 0
    assert _ids(results / "export" / "study.toml", "baseline") == _ids(study, "baseline")


@pytest.mark.parametrize(("arguments", "message"), [
    (("--format", "keras"), "its study confirms nothing; accepted: --arm, one of 'baseline'"),
    (("--format", "keras", "--arm", "dropout rate=0.6"), "did you mean 'dropout rate=0.5'?"),
    (("--format", "keras", "--arm", "baseline", "--metric", "test_loss"), "--metric and --margin: accepted with results"),
    (("--arm", "baseline"), "--arm: accepted with --format keras"),
    (("--format", "keras", "--arm", "baseline", "--study", "nowhere.toml"), "accepted: --study FILE"),
    (("--format", "keras", "--arm", "baseline", "--out", "reports"), "no export has made this folder"),
])
def test_what_cannot_be_exported_is_refused_in_a_line(call, results, arguments, message):
    ended = call("export", results, *arguments)
    assert ended.code == 2 and message in " ".join(ended.err.split()) and not (results / "export").exists()


def test_a_study_file_that_was_changed_since_is_refused(call, results, study):
    study.write_text(STUDY + "\n# another word\n")
    ended = call("export", results, "--format", "keras", "--arm", "baseline")
    assert ended.code == 2 and "was changed since" in ended.err


def test_a_tuned_study_is_refused_because_an_arm_has_several_recipes(study, tmp_path):
    study.write_text("nuisance = { learning_rate = [1e-3, 1e-2] }" + STUDY)
    with pytest.raises(InputError, match="tunes settings"):
        _demand_exportable(tmp_path, plan(load(str(study))), "baseline")
