"""Several budgets in a study file: what is planned, and what is refused."""

import pytest

from dlbench.study import load, plan, plan_of_arms
from dlbench.study.parts import Shard, plan_of_shard
from dlbench.values.errors import InputError

STUDY = {"margin": 0.01, "seeds": 3, "budget": {"epochs": [5, 10, 20]},
         "arms": [{"technique": "dropout", "rate": [0.2, 0.5]}, {"technique": "lr_schedule", "kind": "cosine"}]}


def alone(epochs):
    return plan(load({**STUDY, "budget": {"epochs": epochs}}))


def test_each_budget_has_the_runs_of_a_study_with_that_budget_alone():
    whole = plan(load(STUDY))
    assert [part.study.baseline.budget.amount for part in whole.lengths] == [5, 10, 20]
    assert [part.cells for part in whole.lengths] == [alone(epochs).cells for epochs in (5, 10, 20)]
    assert {run.run_id for run in whole.runs} == {run.run_id for epochs in (5, 10, 20) for run in alone(epochs).runs}
    assert alone(20).shorter == () and alone(20).lengths == (alone(20),)


def test_some_arms_are_some_arms_at_every_budget():
    some = plan_of_arms(plan(load(STUDY)), {"baseline", "dropout rate=0.2"})
    assert all({arm for arm, _ in part.cells} == {"baseline", "dropout rate=0.2"} for part in some.lengths)
    assert len(some.lengths) == 3 and len(some.runs) == 3 * 2 * 3


def test_shards_have_every_run_once():
    whole = plan(load(STUDY))
    shards = [run.run_id for number in (1, 2) for run in plan_of_shard(whole, Shard(number, 2)).runs]
    assert sorted(shards) == sorted(run.run_id for run in whole.runs)


@pytest.mark.parametrize("epochs", [[10, 5], [5, 5], [0, 5], [-1, 5], [5], [], ["5", 10], [2.5, 5], [True, 5], list(range(1, 18))], ids=str)
def test_what_is_no_ascending_list_is_refused(epochs):
    with pytest.raises(InputError, match=r"budget.epochs = .*accepted: a whole number from 1, or 2 to 16 different ones, ascending"):
        load({**STUDY, "budget": {"epochs": epochs}})


@pytest.mark.parametrize("unit", ["steps", "examples", "seconds"])
def test_other_units_have_one_budget(unit):
    with pytest.raises(InputError, match=f"budget.{unit} = "):
        load({**STUDY, "budget": {unit: [5, 10]}})


@pytest.mark.parametrize("keys, named", [
    ({"adaptive": {"looks": [2, 3]}, "seeds": None}, "adaptive"), ({"spend": "10 min", "seeds": None}, "spend"),
    ({"nuisance": {"learning_rate": [1e-3, 1e-2]}}, "nuisance"), ({"precision": "auto"}, "precision = 'auto'"),
    ({"metrics": ["test_accuracy", "test_loss"], "margin": [0.01, 0.1]}, "metrics"), ({"datasets": ["digits", "tfds:mnist"]}, "datasets"),
    ({"design": "screening"}, "design = 'screening'"), ({"design": "confirm", "keep": ["lr_schedule kind=cosine"]}, "design = 'confirm'"),
], ids=str)
def test_keys_that_do_not_go_with_several_budgets_are_named(keys, named):
    study = {key: value for key, value in {**STUDY, **keys}.items() if value is not None}
    with pytest.raises(InputError) as refused:
        load(study)
    assert f"budget.epochs = [5, 10, 20] beside {named}: " in str(refused.value) and "; accepted: one budget, or " in str(refused.value)


def test_a_window_fits_the_shortest_run():
    load({**STUDY, "score": {"last": 5}})
    with pytest.raises(InputError, match=r"score = \{ last = 6 \} beside budget.epochs = \[5, 10, 20\].*accepted: up to 5"):
        load({**STUDY, "score": {"last": 6}})


def test_an_override_sets_one_budget_or_several():
    assert load(STUDY, ("budget.epochs=7",)).budgets == ()
    assert load({**STUDY, "budget": {"steps": 9}}, ("budget.epochs=[3, 4]",)).budgets == (3, 4)
