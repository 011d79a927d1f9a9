"""One study on several datasets: the same arms and seeds on each, and nothing shared between them."""

import pytest

from dlbench.study import advance, load, plan, plan_of_arms, undecided_runs
from dlbench.values.errors import InputError
from dlbench.values.recipe import changes

TEXT = """
margin = 0.01
seeds = 3
datasets = ["digits", "mine:one", "tfds:mnist"]

[[arms]]
technique = "l2"
strength = 0.01

[[arms]]
technique = "dropout"
"""


@pytest.fixture
def planned(tmp_path):
    def make(*overrides, text=TEXT):
        (tmp_path / "study.toml").write_text(text)
        return plan(load(str(tmp_path / "study.toml"), overrides))

    return make


def test_every_dataset_gets_every_arm_and_seed(planned):
    whole = planned()
    assert [part.dataset for part in whole.parts] == ["digits", "mine:one", "tfds:mnist"]
    assert {tuple(part.cells) for part in whole.parts} == {tuple(whole.cells)} and len(whole.cells) == 9
    assert len(whole.runs) == 27 and {run.run_id for run in whole.runs} == {i for part in whole.parts for i in part.cells.values()}


def test_arms_differ_between_datasets_in_nothing_but_the_data(planned):
    whole = planned()
    for part in whole.others:
        for here, there in zip(whole.arms, part.arms):
            assert set(changes(there.recipe, here.recipe)) == {"data.source"}
            assert (here.name, here.reference, here.changes) == (there.name, there.reference, there.changes)


def test_a_dataset_alone_has_the_same_runs(planned):
    alone = planned(text=TEXT.replace('datasets = ["digits", "mine:one", "tfds:mnist"]', 'dataset = "mine:one"'))
    assert alone.others == () and alone.cells == planned().others[0].cells


def test_part_of_a_plan_is_part_of_it_on_each_dataset(planned):
    some = plan_of_arms(planned(), {"baseline", "dropout"})
    assert [[arm.name for arm in part.arms] for part in some.parts] == [["baseline", "dropout"]] * 3 and len(some.runs) == 18


def test_each_dataset_is_tuned_by_itself(planned):
    whole = planned("nuisance.batch_size=[16,32]", "tuning_seeds=1")
    assert undecided_runs(whole) == 27
    second = whole.others[0]
    grown = advance(whole, {i: float(t.setting["training.batch_size"]) for t in second.trials for i in t.cells.values()})
    assert grown.tuned is None and {arm.recipe.training.batch_size for arm in grown.others[0].tuned.arms} == {32}
    assert undecided_runs(grown) == 18 and set(grown.others[0].tuned.cells.values()) <= {run.run_id for run in grown.runs}


def test_an_arm_must_fit_every_dataset(planned):
    with pytest.raises(InputError, match="3 channels, and 'digits'"):
        planned(text=TEXT.replace('"digits", "mine:one"', '"mine:one", "digits"') + '[[arms]]\ntechnique = "hue"')


@pytest.mark.parametrize("override, words", [
    ('datasets=["digits"]', "at least two different names"), ('datasets=["digits", "digits"]', "at least two different names"),
    ('datasets=["digits", "digts"]', "datasets: unknown dataset 'digts'; did you mean 'digits'"),
    ("dataset=digits", "either dataset = NAME, or datasets"), ("datasets=digits", "datasets = 'digits'; accepted: a list"),
    ("datasets=[1, 2]", "accepted: a list"), ("datasets=[]", "at least two different names"),
])
def test_what_are_not_several_datasets_is_refused(planned, override, words):
    with pytest.raises(InputError, match=words):
        planned(override)
