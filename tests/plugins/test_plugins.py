"""Files beside a study: what they declare can be named, what is wrong with them is said, and they never mix."""

import sys

import pytest

from dlbench import plugins
from dlbench.study import load, plan
from dlbench.techniques import technique
from dlbench.values.errors import InputError
from dlbench.values.metric import metric

NOISE = '''
from dlbench.techniques import Paper, Parameter, Technique, hooked
from dlbench.values.metric import Metric

def noise(recipe, strength):
    return hooked(recipe, "images", "my_noise_xy:add", strength=strength)

def add(images, draws, strength):
    return images + strength * draws.normal(images.shape[1:])

def half(labels, probabilities):
    return 0.5

TECHNIQUES = (
    Technique("noise", "augmentation", "Noise", Paper("A", "B", 1995, "https://x.org"), ("hooks.images",), noise,
              (Parameter("strength", float, "sd", 0.1, low=0),)),
)
METRICS = (Metric("half", "fraction", True, 0.0, 1.0, "test", compute="my_noise_xy:half"),)
'''
STUDY = """
plugins = ["my_noise_xy.py"]
margin = 0.01
seeds = 2
[[arms]]
technique = "noise"
strength = [0.1, 0.2]
[[arms]]
technique = "dropout"
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "my_noise_xy.py").write_text(NOISE)
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    yield path
    plugins.use()


def arms(study, *overrides):
    return {arm.name: arm for arm in plan(load(str(study), overrides)).arms}


def test_its_techniques_are_planned_like_any_other(study):
    found = arms(study)
    assert list(found) == ["baseline", "noise strength=0.1", "noise strength=0.2", "dropout"]
    assert found["noise strength=0.1"].changes == {"hooks.images": ((), (("my_noise_xy:add", (("strength", 0.1),)),))}
    assert not list(study.parent.glob("**/*.pyc")), "planning writes nothing"


def test_its_code_is_part_of_the_identity_of_the_runs_that_use_it_and_of_no_other(study):
    def ids():
        return {arm: run_id for (arm, seed), run_id in plan(load(str(study))).cells.items() if seed == 0}

    before = ids()
    assert ids() == before
    (study.parent / "my_noise_xy.py").write_text(NOISE + "# changed\n")
    after = ids()
    assert {arm for arm in before if before[arm] != after[arm]} == {"noise strength=0.1", "noise strength=0.2"}
    assert "code" not in arms(study)["noise strength=0.1"].changes


def test_what_is_used_is_what_stands_in_the_file_now(study):
    load(str(study))
    (study.parent / "my_noise_xy.py").write_text(NOISE.replace('"Noise"', '"Hiss!"'))
    load(str(study))
    assert technique("noise").summary == "Hiss!"


def test_the_plugins_of_one_study_are_not_there_in_the_next(study):
    load(str(study))
    load("quickstart")
    with pytest.raises(InputError, match="unknown technique 'noise'"):
        technique("noise")


def test_two_studies_may_have_plugins_of_one_name(study, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "my_noise_xy.py").write_text(NOISE.replace("strength=strength", "strength=2 * strength"))
    (other / "study.toml").write_text(STUDY)
    first, second = arms(study)["noise strength=0.1"].recipe, arms(other / "study.toml")["noise strength=0.1"].recipe
    assert first.hooks.images[0][1] == (("strength", 0.1),) and second.hooks.images[0][1] == (("strength", 0.2),)
    assert first.code != second.code


def test_a_metric_of_a_plugin_can_be_judged_by_and_makes_its_runs_others(study):
    whole = plan(load(str(study), ("metric=half",)))
    assert metric("half").unit == "fraction" and whole.study.baseline.metrics == ("half",)
    assert not set(whole.cells.values()) & set(plan(load(str(study))).cells.values())


def test_modules_beside_the_study_can_be_named(study):
    (study.parent / "my_net_xy.py").write_text("def build(input_shape, classes): ...\n")
    recipe = arms(study, "model=my_net_xy:build")["baseline"].recipe
    assert [module for module, _ in recipe.code] == ["my_net_xy"]


@pytest.mark.parametrize("files, names, words", [
    ({}, ["missing_xy.py"], "missing_xy.py: no such file"),
    ({"a-b.py": "x = 1"}, ["a-b.py"], "a-b.py: accepted: a Python file whose name is an identifier"),
    ({"broken_xy.py": "x = (\n"}, ["broken_xy.py"], "broken_xy.py: line 1: SyntaxError"),
    ({"raises_xy.py": "x = 1\ny = x / 0\n"}, ["raises_xy.py"], "raises_xy.py: line 2: ZeroDivisionError: division by zero"),
    ({"json.py": "x = 1"}, ["json.py"], "json.py: a module 'json' is there already .*choose another name"),
    ({"nothing_xy.py": "x = 1"}, ["nothing_xy.py"], "nothing_xy.py: it offers nothing; accepted: tuples TECHNIQUES, DATASETS"),
    ({"wrong_xy.py": "TECHNIQUES = ('dropout',)"}, ["wrong_xy.py"], "wrong_xy.py: techniques: wanted Technique, got str"),
    ({"takes_xy.py": NOISE.replace('"noise"', '"dropout"')}, ["takes_xy.py"], "technique 'dropout': the name is taken by one of dlbench"),
    ({"a_xy.py": NOISE, "b_xy.py": NOISE}, ["a_xy.py", "b_xy.py"], "b_xy.py: technique 'noise': the name is taken by one of a_xy.py"),
])
def test_a_file_that_cannot_be_used_is_refused(files, names, words, tmp_path):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "study.toml").write_text(f"plugins = {names}\n" + STUDY.split("\n", 2)[2])
    before = set(sys.modules)
    with pytest.raises(InputError, match=f"study.toml: plugins: .*{words}"):
        load(str(tmp_path / "study.toml"))
    plugins.use()
    assert set(sys.modules) - before <= {name.removesuffix(".py") for name in files}


def test_hooks_that_exclude_each_other_are_refused(study):
    text = STUDY + '[[arms]]\nname = "both"\ntechniques = [{ technique = "noise" }, { technique = "label_smoothing" }]\n'
    (study.parent / "my_noise_xy.py").write_text(NOISE.replace('"images"', '"loss"').replace("hooks.images", "hooks.loss"))
    study.write_text(text)
    with pytest.raises(InputError, match="arm 'both': a loss of its own and label_smoothing both decide the loss"):
        arms(study)


def test_what_only_the_compiled_loop_has_is_refused_in_the_other(study):
    with pytest.raises(InputError, match=r"loop = 'keras'.*no place for hooks.images; it needs loop = 'compiled'"):
        arms(study, "loop=keras")
