"""``dlbench gate --train`` on small projects: git repositories with two versions of a training that is over at once."""

import json
import sys

import pytest

from tests.repository import git

SCRIPT = """
import random, sys
from part import shift, noise
seed = int(sys.argv[1])
noise(seed)
print(f"val_loss = {{1 + random.gauss(0, 0.01) + shift(seed)}}")
"""
PART = """
import random
def shift(seed): return {shift}
def noise(seed): {noise}
"""
SEEDED = "random.seed(seed)"
TRAIN = ("--train", "python train.py {seed}", "--score", "val_loss", "--lower", "--score-pattern", r"val_loss = (?P<val_loss>\S+)")
GATE = ("gate", "--base", "HEAD", *TRAIN, "--margin", "0.05")


def write(root, shift="0", noise=SEEDED):
    (root / "part.py").write_text(PART.format(shift=shift, noise=noise))


def commit(root):
    git("add", ".", cwd=root)
    git("commit", "-q", "-m", "a version", cwd=root)


@pytest.fixture
def project(tmp_path, call):
    """A repository whose only commit trains to a loss of 1 with noise of 0.01; ``call`` works in its folder."""
    git("init", "-q", "-b", "main", cwd=tmp_path)
    (tmp_path / "train.py").write_text(SCRIPT.format())
    (tmp_path / ".gitignore").write_text("gate.*\ncache\n__pycache__\n")
    write(tmp_path)
    commit(tmp_path)
    return tmp_path


def training(project):
    return json.loads((project / "gate.json").read_text())["training"]


def said(ended):
    return " ".join(ended.out.split())


def test_a_tree_whose_loss_did_not_rise_by_the_margin_passes(call, project):
    write(project, "random.gauss(0, 0.001)")
    ended = call(*GATE)
    assert ended.code == 0 and "training is not worse: val_loss" in ended.out, ended.out + ended.err
    found = training(project)
    (metric,) = found["metrics"]
    assert metric["low"] < metric["difference"] < metric["high"] < 0.05 and found["paired"] and found["exit_code"] == 0
    assert len(found["trainings"]) == found["looks"][-1]["seeds"] and found["speed"] is None
    assert [pair["base"]["seed"] for pair in found["trainings"]] == list(range(len(found["trainings"])))
    assert max(map(len, ended.out.splitlines())) <= 80
    comment = (project / "gate.md").read_text()
    assert comment.startswith("<!-- dlbench gate -->") and "### Training gate: training is not worse" in comment
    assert comment.count("<!-- dlbench gate -->") == 1


def test_a_tree_whose_loss_rose_fails(call, project):
    write(project, "0.2 + random.gauss(0, 0.001)")
    ended = call(*GATE)
    assert ended.code == 1 and "FAILED: training is worse: val_loss +0.2002, shown to be worse by more than 0.05" in said(ended), ended.out
    assert "**worse**" in (project / "gate.md").read_text()


def test_higher_scores_are_better_unless_they_are_said_not_to_be(call, project):
    write(project, "0.2 + random.gauss(0, 0.001)")
    assert call(*[word for word in GATE if word != "--lower"]).code == 0


@pytest.mark.parametrize(("policy", "code"), [
    pytest.param((), 3, marks=pytest.mark.slow), (("--undecided", "fail"), 3), (("--undecided", "warn"), 0)])
def test_what_stays_undecided_ends_by_the_policy_and_tells_how_many_seeds_it_takes(call, project, policy, code):
    write(project, "random.gauss(0.05, 0.05)")
    ended = call(*GATE, "--looks", "5,6", *policy)
    assert ended.code == code and "training is undecided" in ended.out, ended.out
    assert "seeds to be shown not worse (80 % power); the 6 that are planned show it with" in said(ended)
    assert training(project)["metrics"][0]["power"]["needed"] > 6


def test_the_same_files_need_no_training_and_the_same_scores_no_statistics(call, project):
    ended = call(*GATE)
    assert ended.code == 0 and "nothing changed: both trees have the same files" in said(ended) and not training(project)["trainings"]
    (project / "part.py").write_text((project / "part.py").read_text() + "# a comment\n")
    ended = call(*GATE)
    assert ended.code == 0 and "val_loss is the same to the last bit on every seed" in said(ended), ended.out
    assert training(project)["metrics"][0]["identical"] and len(training(project)["trainings"]) == 5


def test_a_training_that_is_not_deterministic_is_judged_as_two_groups(call, project):
    write(project, noise="pass")
    commit(project)
    write(project, "0.001", noise="pass")
    ended = call(*GATE)
    assert ended.code == 0 and "not deterministic" in said(ended) and "as two groups" in said(ended), ended.out
    assert not training(project)["paired"]


def test_an_ignored_seed_is_told(call, project):
    write(project, noise="random.seed(1)")
    commit(project)
    write(project, "0.001", noise="random.seed(1)")
    ended = call(*GATE)
    assert ended.code == 3 and "the seed is ignored: all 5 trainings of the base score 1.0128" in said(ended), ended.out


def test_a_tree_that_does_not_train_is_worse_and_says_why(call, project):
    write(project, "1 / 0")
    ended = call(*GATE)
    assert ended.code == 1 and "this tree does not train, and the base does" in said(ended) and "ZeroDivisionError" in ended.out, ended.out
    assert len(training(project)["trainings"]) == 2
    commit(project)
    write(project)
    ended = call(*GATE)
    assert ended.code == 4 and "the base does not train: " in said(ended) and "--build COMMAND prepares it" in said(ended), ended.out
    write(project, "2 / 0")
    assert "neither tree trains: " in said(call(*GATE)) and training(project)["exit_code"] == 4


def test_a_score_that_nobody_tells_is_the_reason(call, project):
    write(project, "0.001")
    ended = call(*GATE, "--score", "f1", "--score-pattern", "")
    assert ended.code == 4 and "neither tree trains: the script ended without a score 'f1'" in said(ended), ended.out


def test_no_number_on_some_seeds_is_never_called_not_worse(call, project):
    write(project, "float('nan') if seed == 3 else 0.001")
    ended = call(*GATE, "--looks", "5,8")
    assert ended.code == 3 and "trainings of this tree fail on seeds on which the base's do not" in said(ended), ended.out
    assert "1 of 8 trainings of this tree have no score: seed 3: val_loss is nan" in said(ended)
    write(project, "float('nan') if seed > 0 else 0.001")
    ended = call(*GATE, "--looks", "5,8")
    assert ended.code == 1 and "seeds have no val_loss in this tree, and have one at the base" in said(ended), ended.out


@pytest.mark.slow
def test_trainings_take_the_time_that_is_to_be_spent(call, project):
    write(project, "random.gauss(0.05, 0.05)")
    ended = call(*GATE, "--spend", "4 s")
    assert ended.code == 3 and "within 4 s" in said(ended), ended.out
    found = training(project)
    shares = [look["share"] for look in found["looks"]]
    assert shares == sorted(shares) and shares[-1] == 1 and len(found["trainings"]) == found["looks"][-1]["seeds"]
    ended = call(*GATE, "--spend", "0.01 s")
    assert ended.code == 2 and "fewer than 5 seeds show nothing; accepted: at least" in ended.err, ended.err


def test_a_commit_is_judged_in_place_of_this_tree_against_where_it_left_the_base(call, project):
    git("switch", "-q", "-c", "slow", cwd=project)
    write(project, "0.2 + random.gauss(0, 0.001)")
    commit(project)
    git("switch", "-q", "main", cwd=project)
    write(project, "0.4")
    commit(project)
    ended = call(*GATE, "--base", "main", "--head", "slow")
    found = training(project)
    assert ended.code == 1 and "merge base" in found["base"] and found["head"].startswith("slow ("), ended.out + ended.err
    assert found["metrics"][0]["difference"] == pytest.approx(0.2, abs=0.01)
    ended = call(*GATE, "--head", "no-such-branch")
    assert ended.code == 2 and "--head no-such-branch: no such git reference" in ended.err


def test_speed_and_training_are_one_command_with_one_comment(call, project):
    (project / "cases.py").write_text("CASES = {'sum': lambda: sum(range(3000))}\n")
    write(project, "0.2 + random.gauss(0, 0.001)")
    commit(project)
    write(project, "random.gauss(0, 0.001)")
    ended = call(*GATE, "--cases", "cases", "--min-effect", "50%")
    assert ended.code == 0 and "no regression in 1 case" in said(ended) and "training is not worse" in said(ended), ended.out + ended.err
    found, comment = json.loads((project / "gate.json").read_text()), (project / "gate.md").read_text()
    assert [case["name"] for case in found["cases"]] == ["sum"] and found["training"]["verdict"] == "not worse" and found["exit_code"] == 0
    assert "### Performance gate" in comment and "### Training gate" in comment and comment.count("<!--") == 1
    commit(project)
    write(project, "0.2 + random.gauss(0, 0.001)")
    ended = call(*GATE, "--cases", "cases", "--min-effect", "50%")
    assert ended.code == 1 and json.loads((project / "gate.json").read_text())["exit_code"] == 1


STUDY = """
engine = "command"
run = "python ../train.py {seed} {rate}"
metric = { name = "val_loss", higher_is_better = false }
score_pattern = 'val_loss = (?P<val_loss>\\S+)'
margin = 0.05
seeds = 5
files = ["*.py"]
[baseline]
rate = RATE
[[arms]]
rate = 2.0
"""


def test_a_study_of_a_script_has_the_baseline_of_each_tree_judged_by_its_own_margin(call, project):
    (project / "studies").mkdir()
    (project / "studies" / "help.py").write_text("")
    (project / "train.py").write_text(SCRIPT.format() + "print('rate', sys.argv[2])\nif float(sys.argv[2]) > 1: sys.exit('too fast')\n")
    (project / "studies" / "loss.toml").write_text(STUDY.replace("RATE", "0.5"))
    commit(project)
    (project / "studies" / "loss.toml").write_text(STUDY.replace("RATE", "0.6"))
    gate = ("gate", "--base", "HEAD", "--study", "studies/loss.toml")
    ended = call(*gate)
    assert ended.code == 0 and "val_loss is the same to the last bit" in said(ended), ended.out + ended.err
    assert training(project)["command"] == "the baseline of studies/loss.toml" and training(project)["metrics"][0]["margin"] == 0.05
    (project / "studies" / "loss.toml").write_text(STUDY.replace("RATE", "1.5"))
    ended = call(*gate)
    assert ended.code == 1 and "this tree does not train" in said(ended) and "too fast" in said(ended), ended.out


@pytest.mark.parametrize(("options", "said_"), [
    (("--train", "python train.py"), "--train: --score is missing"),
    (("--train", "python train.py", "--score", "loss"), "--train: --margin is missing"),
    (("--score", "loss"), "--score belongs to a training"),
    ((*TRAIN, "--margin", "0"), "--margin 0: accepted: a number above 0"),
    ((*TRAIN, "--margin", "nan"), "--margin nan: accepted: a number above 0"),
    ((*TRAIN, "--margin", "1", "--looks", "5,5"), "--looks 5,5: accepted: increasing numbers of seeds from 5"),
    ((*TRAIN, "--margin", "1", "--looks", "2,8"), "--looks 2,8: accepted: increasing numbers of seeds from 5"),
    ((*TRAIN, "--margin", "1", "--looks", "5", "--spend", "5 min"), "--looks and --spend do not go together"),
    ((*TRAIN, "--margin", "1", "--spend", "soon"), "--spend soon: accepted: a time above 0"),
    ((*TRAIN, "--margin", "1", "--train-limit", "0 s"), "--train-limit 0 s: accepted: a time above 0"),
    ((*TRAIN, "--margin", "1", "--study", "x.toml"), "--train and --study do not go together"),
    ((*TRAIN, "--margin", "1", "--base-python", sys.executable), "a training compares two trees"),
    ((*TRAIN, "--margin", "1", "--history", "h.jsonl"), "--history keeps the speed of cases"),
    (("--study", "x.toml"), "--study x.toml: no such file in this tree"),
    (("--study", "x.toml", "--margin", "1"), "--margin and --study do not go together: the study says it"),
    (("--train", "pyton x {seed}", "--score", "l", "--margin", "1"), "'pyton' is no program"),
])
def test_options_that_say_no_training_are_refused(call, project, options, said_):
    write(project, "0.001")
    ended = call("gate", "--base", "HEAD", *options)
    assert ended.code == 2 and said_ in " ".join(ended.err.split()), ended.out + ended.err


def test_a_file_of_this_tree_by_its_absolute_path_is_refused(call, project):
    write(project, "0.001")
    ended = call("gate", "--base", "HEAD", *TRAIN, "--margin", "1", "--train", f"python {project}/train.py {{seed}}")
    assert ended.code == 2 and "is a file of this tree, which the base would train with too" in " ".join(ended.err.split()), ended.err


def test_a_base_that_is_not_there_is_refused(call, project):
    ended = call("gate", "--base", "no-such-branch", *TRAIN, "--margin", "1")
    assert ended.code == 2 and "no such git reference" in ended.err
