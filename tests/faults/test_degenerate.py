"""Data and settings with nothing to learn from end in a record or an error that says so, never in a wrong number."""

import json
import math

import pytest

from dlbench.analysis import analyse
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.store.database import Store
from dlbench.store.read import read
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from dlbench.values.record import Record
from tests.execution.made_up import carry_out

HERE = "tests.faults.degenerate"


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    return KerasEngine(Settings(str(tmp_path_factory.mktemp("cache"))))


@pytest.fixture
def study(tmp_path):
    def made(text, arms='[[arms]]\ntechnique = "dropout"\n'):
        path = tmp_path / "study.toml"
        path.write_text(f'margin = 0.01\nseeds = 1\nmodel = "mlp"\n{"" if "budget" in text else "budget = {epochs = 1}"}\n{text}\n{arms}')
        return plan(load(str(path)))

    return made


@pytest.fixture
def run(worker, study):
    """``run(text)``: the engine's record of the baseline of a study."""
    def ran(text, seed=0):
        recipe = study(text).arms[0].recipe
        return worker.run(recipe, seed, RunInputs("test_accuracy"))

    return ran


def sound(record):
    """A record that can be kept: done with finite scores, or a status with a reason; and JSON in any case."""
    json.dumps(Record.of(record, "id", {}, 0).to_dict())
    if record.status == "done":
        return all(value is None or math.isfinite(value) for value in record.scores.values())
    return record.status == "diverged" and bool(record.reason) and record.scores == {}


@pytest.mark.parametrize("data", ["constant", "constant_floats", "one_of_each", "two_classes"])
@pytest.mark.parametrize("normalization", ["none", "zscore", "minmax"])
def test_data_with_nothing_in_it_leaves_a_sound_record(data, normalization, run):
    techniques = f'techniques = [{{ technique = "normalize", kind = "{normalization}" }}]' if normalization != "none" else ""
    record = run(f'dataset = "{HERE}:{data}"\nvalidation = 0.0\n[baseline]\n{techniques}')
    assert sound(record) and record.status == "done"


def test_constant_images_are_told_no_better_than_the_most_frequent_class(run):
    record = run(f'dataset = "{HERE}:constant"\nvalidation = 0.0')
    assert record.scores["test_accuracy"] == pytest.approx(1 / 3, abs=0.01)


def test_a_batch_larger_than_the_data_is_one_step_an_epoch(run):
    record = run('examples = 60\nbudget = {epochs = 3}\n[baseline]\nbatch_size = 100000')
    assert sound(record) and record.cost.steps == 3 and record.cost.examples == 180


def test_one_example_of_each_class_is_trained_on(run):
    record = run(f'dataset = "{HERE}:one_of_each"\nvalidation = 0.0\nbudget = {{epochs = 2}}')
    assert sound(record) and record.cost.examples == 4


@pytest.mark.parametrize("data, words", [
    ("one_example", "at least two classes"), ("nothing", "at least two classes"), ("not_finite", "example 17 .*finite"),
    ("one_class", "at least two classes"), ("one_class_in_training", "class 1 has examples in test and none in train"),
    ("labels_below_zero", "label -1 of example 0 .*whole numbers from 0")])
def test_data_that_cannot_be_used_is_an_error_that_says_so(data, words, worker, study):
    recipe = study(f'dataset = "{HERE}:{data}"').arms[0].recipe
    with pytest.raises(InputError, match=words):
        worker.prepare([recipe])


@pytest.mark.parametrize("budget", ["epochs = 0", "steps = 0", "examples = 0", "seconds = 0", "epochs = -1", "seconds = nan"])
def test_training_for_nothing_is_refused(budget, study):
    with pytest.raises(InputError, match=f"budget.{budget.split()[0]} = .*; accepted: a .*number"):
        study(f"budget = {{ {budget} }}")


@pytest.mark.parametrize("text", [
    "[baseline]\nlearning_rate = 1e38", '[baseline]\noptimizer = "sgd"\nlearning_rate = 1e30',
    "[baseline]\nlearning_rate = 1e38\ntechniques = [{ technique = 'early_stopping' }]"])
def test_a_diverging_run_is_a_record_without_scores(text, run):
    record = run(f"examples = 100\nbudget = {{ epochs = 3 }}\n{text}")
    assert sound(record) and record.status == "diverged" and "not finite" in record.reason


def test_values_near_the_limit_of_floats_are_a_sound_record(run):
    assert sound(run(f'dataset = "{HERE}:huge_values"\n[baseline]\nlearning_rate = 1.0'))


def test_a_study_of_which_everything_diverged_is_judged_as_such(study, tmp_path):
    carry_out(study("examples = 100"), tmp_path / "out", lambda recipe, seed: None)
    table = analyse(read(tmp_path / "out")).verdicts
    assert set(table["verdict"]) == {"no verdict"}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308])
def test_a_score_that_is_no_number_is_never_judged(value, study, tmp_path):
    whole = study("examples = 100")
    carry_out(whole, tmp_path / "out", lambda recipe, seed: (value if recipe.model.dropout else 0.5, 0.5))
    with Store(tmp_path / "out") as store:
        assert len(store.finished()) == 2
    assert set(analyse(read(tmp_path / "out")).verdicts["verdict"]) == {"no verdict"}


def test_one_training_example_is_an_error_that_says_so(worker, study):
    recipe = study("examples = 1").arms[0].recipe
    with pytest.raises(InputError, match=r"the training split of 'digits' has class \d only: there is nothing to tell apart"):
        worker.prepare([recipe])


@pytest.mark.parametrize("head, technique", [
    ("", 'technique = "early_stopping"'), ("", 'technique = "lr_schedule"\nkind = "plateau"'), ("target = 0.9", 'technique = "dropout"')])
def test_nothing_is_led_by_a_validation_split_without_examples(head, technique, worker, study):
    """Of two examples a tenth is none."""
    text = f'dataset = "{HERE}:one_of_each"\nvalidation = 0.1\n{head}'
    with pytest.raises(InputError, match=r"watches the validation split, and validation = 0\.1 leaves no example there"):
        worker.prepare([study(text, f"[[arms]]\n{technique}\n").arms[-1].recipe])
    recipe = study(f'dataset = "{HERE}:constant"\n{head}', f"[[arms]]\n{technique}\n").arms[-1].recipe
    worker.prepare([recipe])
