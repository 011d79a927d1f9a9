"""dlbench from Python: scripts without a guard, tables, and the same refusals as the command line's."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

import dlbench
from dlbench.study import load as load_study
from dlbench.study.toml import document
from tests.calling import process

SCRIPT = """
import dlbench, sys
assert not {"tensorflow", "pandas", "numpy"} & set(sys.modules)
print("once")
study = {"model": "nets_xy:net", "margin": 0.01, "seeds": 2, "examples": 100, "budget": {"epochs": 1},
         "arms": [{"technique": "l2", "strength": 0.01}]}
result = dlbench.run(study, out="out", timing=False, jobs=1)
print(result.verdicts.arm.tolist(), len(result.runs), result.complete, len(result.failures))
again = dlbench.run(study, out="out", timing=False)
print(len(again.runs), again.folder)
assert "tensorflow" not in sys.modules
"""
NET = """
import keras

def net(input_shape, classes):
    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes)])
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A script that runs a study, and the folder it was run in."""
    folder = tmp_path_factory.mktemp("script")
    (folder / "script.py").write_text(SCRIPT)
    (folder / "nets_xy.py").write_text(NET)
    ended = process(folder, "script.py")
    assert ended.code == 0, ended.err
    return folder, ended


def test_a_script_without_a_guard_runs_a_study_once(ran):
    _, ended = ran
    assert ended.out.splitlines() == ["once", "['l2 strength=0.01'] 4 True 0", "4 out"]
    assert "training: 4 runs" in ended.err


def test_its_tables_are_data_frames_and_it_shows_itself_in_a_notebook(ran):
    result = dlbench.load(ran[0] / "out")
    assert all(isinstance(getattr(result, name), pd.DataFrame) for name in ("verdicts", "arms", "runs", "curves", "timings", "failures"))
    assert set(result.runs.arm) == {"baseline", "l2 strength=0.01"} and result.study["margin"] == 0.01
    assert "<table" in result._repr_html_() and "l2 strength=0.01" in result._repr_html_()
    assert [path.name for path in result.report("md")][:1] == ["report.md"]


def test_the_study_of_a_dictionary_is_kept_as_a_file_that_gives_the_same_runs(ran):
    folder, _ = ran
    assert "dlbench run out/study.toml" in dlbench.load(folder / "out").study["command"]
    arms = load_study(str(folder / "out" / "study.toml")).entries
    assert [entry.name for entry in arms] == ["l2 strength=0.01"]


def test_a_plan_is_a_table_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = dlbench.plan("quickstart", seeds=3, changes={"budget.epochs": 2, "arms": [{"technique": "dropout", "rate": [0.2, 0.5]}]})
    assert table.arm.tolist() == ["baseline", "dropout rate=0.2", "dropout rate=0.5"] and table.runs.tolist() == [3, 3, 3]
    assert table.changes[1] == {"model.dropout": (0.0, 0.2)} and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call, words", [
    (lambda: dlbench.run("quickstrat"), "quickstrat: no such file, and unknown study"),
    (lambda: dlbench.run("quickstart", seed=3), "unknown choice 'seed'; did you mean 'seeds'?"),
    (lambda: dlbench.run("quickstart", reuse="sane"), "unknown choice of reuse 'sane'; did you mean 'same'? Accepted: same, any, none"),
    (lambda: dlbench.run("quickstart", reuse="any", fresh=True), "--reuse any beside --fresh"),
    (lambda: dlbench.plan({"arms": [{"technique": "flip"}]}), "study: key 'margin' is missing"),
    (lambda: dlbench.plan({"margin": 0.1, 3: 4}), "study: key 3: accepted: text"),
    (lambda: dlbench.plan({"margin": object()}), "accepted: text, numbers, true or false, lists and tables"),
    (lambda: dlbench.plan("quickstart", arms="dropot"), "--arm: unknown arm 'dropot'"),
    (lambda: dlbench.load("nowhere"), "nowhere: no results here"),
    (lambda: dlbench.check("nowhere.py"), "nowhere.py: no such file"),
])
def test_what_cannot_be_used_raises_with_the_command_lines_message(call, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(dlbench.InputError) as raised:
        call()
    assert words in str(raised.value) and list(tmp_path.iterdir()) == []


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        dlbench.runn  # noqa: B018
    assert {"run", "plan", "load", "check", "Result"} <= set(dir(dlbench))


def test_a_dictionary_becomes_the_text_of_a_study_file():
    table = {"question": 'Does "it" help?\n\\ñ', "seeds": [1, 2], "margin": 1e-3, "nothing": None, "baseline": {"options": {"a-b": True}},
             "arms": [{"techniques": [{"technique": "flip", "p": 0.25}]}]}
    assert tomllib.loads(document(table)) == {name: value for name, value in table.items() if value is not None}
