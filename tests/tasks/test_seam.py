"""The seam of tasks: nothing outside of it asks which task a study has."""

import re
from pathlib import Path

import numpy as np
import pytest

from dlbench.datasets.splits import stratified
from dlbench.engines.keras.tasks import Answering, answering
from dlbench.tasks import TASKS, task_of
from dlbench.values.errors import InputError
from dlbench.values.metric import metric, metric_on_validation
from dlbench.values.recipe import Data, Recipe, edit, to_dict

ROOT = Path(__file__).parents[2] / "dlbench"
OWN = ("tasks/", "engines/keras/tasks/", "gate/")
"""The tasks themselves; and the gate, whose regressions are of speed."""


def test_nothing_else_asks_what_the_task_is():
    names = "|".join(TASKS)
    asked = re.compile(rf"""task(\(.*\))?\.name\s*(==|!=|in\b)|(==|!=)\s*["']({names})["']|data\.task\s*(==|!=)""")
    others = [path for path in ROOT.rglob("*.py") if not str(path.relative_to(ROOT)).startswith(OWN)]
    assert others and not [str(path) for path in others if asked.search(path.read_text())]


@pytest.mark.parametrize("known", TASKS.values(), ids=TASKS)
def test_every_task_has_all_that_the_engine_calls(known):
    engine = answering(Data(task=known.name))
    wanted = [name for name in (*Answering.__annotations__, *vars(Answering)) if not name.startswith("_")]
    assert [name for name in wanted if not hasattr(engine, name)] == []


@pytest.mark.parametrize("known", TASKS.values(), ids=TASKS)
def test_the_default_metric_is_of_the_task_and_has_a_twin_on_validation(known):
    default = metric(known.metric)
    assert task_of(default) is known and default in known.scored
    twin = metric_on_validation(known.metric)
    assert twin.split == "validation" and task_of(twin) is known and (twin.unit, twin.higher_is_better) == (
        default.unit, default.higher_is_better)


def test_every_metric_of_numbers_is_chosen_by_itself_on_validation():
    assert [metric_on_validation(name).name for name in ("rmse", "mae", "mape", "r2", "mae_gap")] == [
        "validation_rmse", "validation_mae", "validation_mape", "validation_r2", "validation_mae"]


def test_the_task_of_earlier_runs_leaves_their_identity():
    assert to_dict(edit(Recipe(), data__task="classification")) == {} != to_dict(edit(Recipe(), data__task="regression"))


@pytest.mark.parametrize("y", [np.zeros((3, 2, 2)), np.array(["a", "b", "c"]), np.zeros(2)])
@pytest.mark.parametrize("known", TASKS.values(), ids=TASKS)
def test_targets_of_another_shape_or_kind_are_refused(known, y):
    with pytest.raises(InputError, match=r"dataset 'x': wanted one .* an example, got .* for 3 examples"):
        known.demand("dataset 'x'", y, 3, None)


def test_rows_of_labels_are_told_from_one_hot_labels():
    several, one_hot = np.array([[1, 1, 0], [0, 0, 1], [0, 0, 0]]), np.eye(3, dtype=int)
    with pytest.raises(InputError, match=r'task = "multi_label"` is for rows of 0 and 1'):
        TASKS["classification"].demand("dataset 'x'", several, 3, None)
    with pytest.raises(InputError, match="argmax"):
        TASKS["classification"].demand("dataset 'x'", one_hot, 3, None)
    assert TASKS["multi_label"].demand("dataset 'x'", several, 3, None) is None


def test_each_part_keeps_its_share_of_a_rare_label():
    y = np.random.default_rng(0).random((1000, 4)) < [0.5, 0.4, 0.3, 0.02]
    chosen = stratified(TASKS["multi_label"].strata(y), 250, seed=0)
    assert abs(y[chosen, 3].sum() - y[:, 3].sum() / 4) <= 1 and np.abs(y[chosen].mean(axis=0) - y.mean(axis=0)).max() < 0.05
