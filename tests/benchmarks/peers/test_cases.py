"""Every peer trains the arms of the study, and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from benchmarks.peers.cases import CASES, FOLDER, SETTINGS, Limits, describe, find, settings
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit, flatten

DIGITS = ["baseline", "augmentation", "l1", "l2", "dropout", "batch size 128", "cosine schedule", "separable",
          "batch normalisation"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_settings_of_every_arm_are_those_of_its_recipe(case):
    recipes = {arm.name: flatten(arm.recipe) for arm in plan(load(str(case.study))).arms}
    for arm in describe(case)["arms"]:
        assert {path: arm[name] for path, name in SETTINGS.items()} == {path: recipes[arm["name"]][path] for path in SETTINGS}


def test_digits_is_nine_arms_by_eight_seeds_by_twenty_epochs():
    case = describe(find("digits"))
    assert [arm["name"] for arm in case["arms"]] == DIGITS
    assert (len(case["seeds"]), case["epochs"], case["limited"]) == (8, 20, False)


def test_mnist_is_four_runs_of_one_epoch_in_batches_of_64():
    case = describe(find("mnist"))
    assert [(arm["name"], arm["batch_size"]) for arm in case["arms"]] == [("baseline", 64)]
    assert (len(case["seeds"]), case["epochs"]) == (4, 1)


def test_no_two_arms_are_the_same():
    arms = [{**arm, "name": ""} for arm in describe(find("digits"))["arms"]]
    assert all(one != other for place, one in enumerate(arms) for other in arms[:place])


def _read_by(*scripts: str) -> set[str]:
    """The settings that scripts read: every ``arm["..."]`` in them."""
    trees = [ast.parse((FOLDER / "scripts" / name).read_text(encoding="utf-8")) for name in scripts]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    return {node.slice.value for node in found if isinstance(node.value, ast.Name) and node.value.id == "arm"}


@pytest.mark.parametrize("scripts", [("keras_fit.py", "keras_model.py"), ("tuner.py", "keras_model.py"), ("pytorch.py",)])
def test_every_script_applies_every_setting_and_no_other(scripts):
    assert _read_by(*scripts) == {"name", *SETTINGS.values()}


def test_an_arm_that_the_peers_do_not_train_is_refused():
    with pytest.raises(InputError, match="clip_norm"):
        settings(edit(Recipe(), training__clip_norm=1.0))
    with pytest.raises(InputError, match="'step'"):
        settings(edit(Recipe(), training__schedule__kind="step"))


def test_limits_leave_out_arms_seeds_and_epochs_but_never_the_baseline():
    case = describe(find("digits"), Limits(seeds=1, epochs=2, arms=("l2",)))
    assert [arm["name"] for arm in case["arms"]] == ["baseline", "l2"]
    assert (case["seeds"], case["epochs"], case["limited"]) == ([0], 2, True)


def test_an_unknown_arm_is_named_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'dropout'"):
        describe(find("digits"), Limits(arms=("dropuot",)))


def test_whoever_measures_never_imports_tensorflow():
    code = "import benchmarks.peers.__main__, sys; sys.exit(bool({'tensorflow', 'keras', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parents[1], check=False).returncode == 0
