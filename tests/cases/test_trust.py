"""A study by mail: what it would run is shown without running it, and what is nobody's business is refused before anything runs."""

import json

import pytest

from dlbench.study import load
from dlbench.study.trust import demand_no_library
from dlbench.values.errors import InputError
from tests.calling import called

STUDY = """
question = "Is it so?"
plugins = ["plugged.py"]
dataset = "digits"
model = "mine:net"
margin = 0.1
[[arms]]
technique = "l2"
"""
MARK = "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\n"


@pytest.fixture
def mailed(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "plugged.py").write_text(f"{MARK}import helper\ndef own(): ...\n")
    (tmp_path / "helper.py").write_text(MARK)
    (tmp_path / "mine.py").write_text(f"{MARK}def net(shape, classes): ...\n")
    return tmp_path


def ran(folder):
    return sorted(path.stem for path in folder.glob("*.ran"))


def test_a_static_plan_shows_what_would_run_and_runs_nothing(mailed):
    ended = called(mailed, "plan", "study.toml", "--static")
    assert ended.code == 0 and ran(mailed) == []
    assert all(word in ended.out for word in ("Is it so?", "plugged.py", "helper.py", "mine.py", "net", 'technique = "l2"'))
    known = json.loads(called(mailed, "plan", "study.toml", "--static", "--json").out)
    assert known["code"] == {"helper.py": [], "mine.py": ["net"], "plugged.py": ["own"]} and ran(mailed) == []


@pytest.mark.parametrize("key, value", [
    ("model", "os:system"), ("dataset", "antigravity:fly"), ("model", "subprocess:run"), ("dataset", "pip:main"),
    ("model", "builtins:exec"), ("model", "os.path:join"), ("datasets", '["digits", "this:s"]'), ("plugins", '["/somewhere/else.py"]')])
@pytest.mark.parametrize("command", ["plan", "run"])
def test_what_is_not_the_users_own_is_refused_before_anything_runs(mailed, command, key, value):
    ended = called(mailed, command, "study.toml", "--set", f"{key}={value}")
    assert ended.code == 2 and ran(mailed) == [] and "--allow" in ended.err and "accepted:" in ended.err


@pytest.mark.parametrize("arm", [
    'technique = "transfer"\ndataset = "antigravity:fly"\nmode = "finetune"', 'technique = "distillation"\nteacher = "os:system"'])
def test_so_is_what_an_arm_takes(mailed, arm):
    (mailed / "study.toml").write_text(f'margin = 0.1\n[[arms]]\n{arm}\n')
    ended = called(mailed, "plan", "study.toml")
    assert ended.code == 2 and "would run a function of Python's library" in ended.err


@pytest.mark.parametrize("reference, allowed", [
    ("mine:net", ()), ("tests.execution.helpers:plain", ()), ("dlbench.datasets.digits:load", ()), ("os:system", ("os",)),
    ("os.path:join", ("os.path",)), ("os:system", None), ("digits", ()), ("folder:photos", ())])
def test_the_users_own_and_what_is_allowed_is_not_refused(reference, allowed):
    demand_no_library("study.toml", [reference], allowed)


def test_a_part_of_an_allowed_name_is_not_allowed():
    with pytest.raises(InputError, match="--allow os"):
        demand_no_library("study.toml", ["os:system"], ("o", "os.path"))


def test_a_study_from_python_is_the_users_own_program():
    assert load({"model": "json:loads", "margin": 0.1, "arms": [{"technique": "l2"}]}).allowed is None


def test_the_first_run_of_foreign_code_says_what_it_runs_and_a_change_is_news(mailed):
    def said():
        return " ".join(called(mailed, "plan", "study.toml", "--set", "model=mlp", DLBENCH_CACHE_DIR=str(mailed / "cache")).err.split())

    assert "this study runs code of its own, with your rights: helper.py and plugged.py;" in said()
    assert "runs code" not in said()
    (mailed / "helper.py").write_text("x = 1\n")
    assert "runs code" in said()
    assert "runs code" not in called(mailed, "plan", "quickstart").err


def test_a_folder_or_file_whose_name_looks_like_a_function_of_a_library_is_data(tmp_path):
    """`csv` is a module of Python's, too; a model of that name is still a function of it."""
    (tmp_path / "tags").mkdir()
    for part in ("train", "test"):
        (tmp_path / "tags" / f"{part}.csv").write_text("x,label\n" + "".join(f"{n * n % 7},{'ab'[n % 2]}\n" for n in range(20)))
    head = 'dataset = "csv:tags"\nmodel = "{}"\nmargin = 0.1\nseeds = 2\nbudget = {{ epochs = 1 }}\n[[arms]]\ntechnique = "l2"\n'
    (tmp_path / "study.toml").write_text(head.format("mlp"))
    ended = called(tmp_path, "plan", "study.toml")
    assert ended.code == 0, ended.err
    (tmp_path / "study.toml").write_text(head.format("csv:tags"))
    assert "'csv:tags' would run a function of Python's library" in called(tmp_path, "plan", "study.toml").err
