"""A training in a tree: each seed's outcome, why there is none, and an identity that follows the files."""

import json
import os

import pytest

from dlbench.gate.sides import checked_out, tree, working_tree
from dlbench.gate.training import Trained, run_identities, train, training, tree_hash
from dlbench.values.errors import InputError
from tests.repository import git

SCRIPT = """
import json, os, sys
from part import offset
seed = int(sys.argv[1])
print(f"loss = {seed + offset:.2f}")
json.dump({"accuracy": 0.5 + seed / 100}, open(os.environ["DLBENCH_OUT"] + "/metrics.json", "w"))
if seed == 3:
    sys.exit("no third seed")
if seed == 4:
    print("loss = nan")
"""
PATTERN = r"loss = (?P<loss>\S+)"


@pytest.fixture
def project(tmp_path):
    """A tree with a script that imports a module of its own."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "train.py").write_text(SCRIPT)
    (root / "part.py").write_text("offset = 10\n")
    return root


def trained(project, *seeds, run="python train.py {seed}", score="loss", **more):
    return list(train(training(run, score, score_pattern=PATTERN if score == "loss" else "", **more), tree("mine", project), seeds,
                      project.parent / "out"))


def test_each_seed_has_an_outcome_with_its_score_or_a_reason(project):
    one, failed, diverged = trained(project, 1, 3, 4)
    assert (one.score, one.reason, one.scores) == (11.0, "", {"loss": 11.0, "accuracy": 0.51}) and one.wall_s > 0
    assert failed.score is None and "exit code 1: no third seed" in failed.reason
    assert diverged.score is None and diverged.reason == "loss is nan"
    assert Trained.from_json(json.loads(json.dumps(one.as_json()))) == one


def test_a_score_that_is_missing_is_a_reason_that_names_what_was_told(project):
    (one,) = trained(project, 1, score="f1")
    assert "without a score 'f1'; it told accuracy" in one.reason


def test_a_training_that_takes_too_long_is_ended(project):
    (project / "train.py").write_text("import time; time.sleep(60)")
    (one,) = trained(project, 1, limit_s=0.5)
    assert one.reason == "took longer than its limit of 0.5 s" and one.wall_s < 10


def test_the_packages_of_the_tree_come_before_those_of_another(project, monkeypatch, tmp_path):
    (tmp_path / "other" / "mine").mkdir(parents=True)
    (tmp_path / "other" / "mine" / "__init__.py").write_text("loss = 2")
    (project / "src" / "mine").mkdir(parents=True)
    (project / "src" / "mine" / "__init__.py").write_text("loss = 1")
    (project / "scripts").mkdir()
    (project / "scripts" / "go.py").write_text("import mine; print(f'loss = {mine.loss}')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "other"))
    assert trained(project, 1, run="python scripts/go.py")[0].score == 1


def test_the_identity_of_a_run_is_that_of_its_files_command_and_seed(project):
    one, files = training("python train.py {seed}", "loss"), tree_hash(project)
    assert trained(project, 1)[0].run == run_identities(training("python train.py {seed}", "loss", score_pattern=PATTERN), files, [1])[0]
    (project / "part.py").write_text("offset = 11\n")
    other = training("python train.py --fast {seed}", "loss")
    every = {run_identities(this, of, [seed])[0] for this in (one, other) for of in (files, tree_hash(project)) for seed in (1, 2)}
    assert len(every) == 8


def test_a_commit_and_its_clean_working_tree_have_one_hash(project, tmp_path, monkeypatch):
    (project / ".gitignore").write_text("data\n")
    git("init", "-q", "-b", "main", cwd=project)
    git("add", ".", cwd=project)
    git("commit", "-q", "-m", "first", cwd=project)
    (project / "data").write_text("not kept by git")
    os.symlink("part.py", project / "link.py")
    assert tree_hash(project) != tree_hash(project, without=["link.py"])
    monkeypatch.chdir(project)
    (tmp_path / "base").mkdir()
    assert tree_hash(checked_out("HEAD", tmp_path / "base").root) == tree_hash(working_tree().root, without=["link.py"])


@pytest.mark.parametrize(("given", "said"), [
    ({"run": " "}, "accepted: a command"),
    ({"run": "python 'train.py"}, "accepted: words as a shell would split them"),
    ({"run": "python train.py {lr}"}, "{lr} has no value; accepted: {seed}, {out}"),
    ({"score_pattern": "("}, "accepted: a regular expression"),
    ({"score_pattern": "loss (.*)"}, "it names no score"),
    ({"score_pattern": "(?P<acc>.*)"}, "it tells acc, and not 'loss'"),
])
def test_what_cannot_be_a_training_is_refused(given, said):
    with pytest.raises(InputError) as refused:
        training(**{"run": "python train.py", "score": "loss"} | given)
    assert said in str(refused.value)


def test_a_program_that_is_not_there_is_refused(project):
    with pytest.raises(InputError, match="'pyton' is no program that can be started"):
        trained(project, 1, run="pyton train.py")
