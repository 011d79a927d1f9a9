"""Every peer trains the arms of the study, and nothing else."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys

import pytest

from benchmarks.peers.cases import CASES, FOLDER, OWN_MODEL, SETTINGS, Case, Limits, describe, find, overrides, settings
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


def test_the_sweep_is_validated_and_its_sample_is_scored_by_every_peer():
    case = describe(find("mnist_sweep"))
    assert [arm["name"] for arm in case["arms"]] == ["baseline", "dropout", "l2", "cosine schedule"]
    assert (len(case["seeds"]), case["epochs"], case["examples"], case["validation"], case["sampled"]) == (4, 3, 6000, 0.1, True)


@pytest.mark.parametrize(("name", "mirrored"), [("photos_resnet20", [0.0]), ("photos_functional", [0.0, 0.5])])
def test_photographs_are_trained_whole_for_two_epochs(name, mirrored):
    case = describe(find(name))
    assert [arm["flip_horizontal"] for arm in case["arms"]] == mirrored
    assert (case["dataset"], case["epochs"], case["examples"], case["validation"]) == ("folder:cifar10_medium", 2, None, 0.0)


def test_transfer_is_the_frozen_arm_alone_over_eight_seeds_and_ten_epochs():
    case = describe(find("transfer"))
    assert [arm["name"] for arm in case["arms"]] == ["baseline"]
    assert (len(case["seeds"]), case["epochs"], case["base"]) == (8, 10, "vgg16.weights.h5")


def test_what_is_set_in_the_study_makes_it_the_described_one():
    case = describe(find("mnist_sweep"), Limits(epochs=1, examples=500))
    recipe = plan(load(str(find("mnist_sweep").study), overrides(case))).study.baseline
    assert (recipe.budget.amount, recipe.data.examples, case["limited"]) == (1, 500, True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_two_arms_are_the_same(case):
    arms = [{**arm, "name": ""} for arm in describe(case)["arms"]]
    assert all(one != other for place, one in enumerate(arms) for other in arms[:place])


def _read_by(*scripts: str) -> set[str]:
    """The settings that scripts read: every ``arm["..."]`` in them."""
    trees = [ast.parse((FOLDER / "scripts" / name).read_text(encoding="utf-8")) for name in scripts]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    return {node.slice.value for node in found if isinstance(node.value, ast.Name) and node.value.id == "arm"}


KERAS = "keras_model.py", "keras_networks.py"


@pytest.mark.parametrize("scripts", [("keras_fit.py", *KERAS), ("tuner.py", *KERAS), ("pytorch.py", "torch_networks.py")])
def test_every_script_applies_every_setting_and_no_other(scripts):
    assert _read_by(*scripts) == {"name", *SETTINGS.values()}


def test_an_arm_that_the_peers_do_not_train_is_refused():
    with pytest.raises(InputError, match="clip_norm"):
        settings(edit(Recipe(), training__clip_norm=1.0))
    with pytest.raises(InputError, match="'step'"):
        settings(edit(Recipe(), training__schedule__kind="step"))
    with pytest.raises(InputError, match="l2 to resnet20"):
        settings(edit(Recipe(), model__name="resnet20", regularization__l2=1e-3))


@pytest.mark.parametrize(("name", "stated", "changed", "refused"), [
    ("transfer", "last = 1", "last = 2", "scored 2 times"),
    ("photos_functional", 'technique = "flip"', 'technique = "examples"\ncount = 100', "one value of data.examples"),
])
def test_a_study_that_the_peers_cannot_train_equally_is_refused(tmp_path, name, stated, changed, refused):
    known = find(name)
    text = known.study.read_text(encoding="utf-8").replace(stated, changed)
    (tmp_path / known.study.name).write_text(text, encoding="utf-8")
    shutil.copy(OWN_MODEL, tmp_path)

    class Changed(Case):
        study = tmp_path / known.study.name

    with pytest.raises(InputError, match=refused):
        describe(Changed(name, known.title, known.baseline_only))


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
