"""What is exported of a recipe: a model, its data, and a script that trains it to the same numbers with Keras alone."""

import math
import runpy

import numpy as np
import pytest

from dlbench.engines.keras.loop.train import epoch_order
from dlbench.engines.keras.plain.script import FACTORS, IN_FILES, IN_SCRIPT, UNTOUCHED, demand_plain
from dlbench.techniques import CATALOGUE
from dlbench.techniques.schedules import factors
from dlbench.values.errors import InputError
from dlbench.values.recipe import Schedule, edit
from tests.engines.keras.samples import __name__ as samples
from tests.selection import mostly_slow

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # model.save, with numpy 2


@pytest.fixture
def trained(worker, tmp_path):
    """Write a recipe, run its script, and return the script's names."""
    def run(recipe, seed=3):
        files = worker.write(recipe, seed, str(tmp_path))
        assert set(files) == {path.name for path in tmp_path.iterdir()} - {"trained.keras"}
        text = (tmp_path / "train.py").read_text()
        assert "dlbench." not in text and "import dlbench" not in text
        return runpy.run_path(str(tmp_path / "train.py"))

    return run


@pytest.fixture
def whole(tiny):
    """Batches of all examples: their order makes no difference, so that the script must reach the numbers of the run."""
    return edit(tiny, training__batch_size=1000, budget__amount=4, score_over="final")


@pytest.mark.parametrize("kind", mostly_slow(("warmup_cosine", "plateau"), "warmup_cosine"))
def test_the_script_reaches_the_numbers_of_the_run(whole, train, trained, kind):
    recipe = edit(whole, training__schedule__kind=kind, training__schedule__warmup=0.3, training__schedule__every_epochs=2,
                  training__schedule__patience_epochs=1, training__schedule__min_delta=0.5, training__learning_rate=0.01)
    _same(train(recipe, 3), trained(recipe))


@pytest.mark.parametrize("changes", [
    {"regularization__l2": 0.01, "regularization__l1": 0.001, "regularization__l1_scope": "conv", "model__separable": "all",
     "data__classes": (3, 8), "training__optimizer": "nesterov", "model__depth": 1},
    pytest.param({"regularization__weight_decay": 0.1, "training__optimizer": "momentum", "training__clip_norm": 0.5,
                  "regularization__label_smoothing": 0.2, "model__normalization": "batch", "data__normalization": "zscore_channel"},
                 marks=pytest.mark.slow),
    pytest.param({"training__early_stopping__patience_epochs": 1, "training__learning_rate": 0.3, "budget__amount": 8},
                 marks=pytest.mark.slow),
], ids=" ".join)
def test_it_does_so_with_penalties_optimizers_and_other_layers(whole, train, trained, changes):
    recipe = edit(whole, **changes)
    _same(train(recipe, 3), trained(recipe))


def test_in_the_order_of_the_run_it_goes_through_the_same_steps(tiny, worker, train, tmp_path):
    recipe = edit(tiny, model__normalization="batch", budget__amount=3, training__batch_size=32)
    worker.write(recipe, 3, str(tmp_path))
    before, fit, _ = (tmp_path / "train.py").read_text().partition("history = model.fit")
    names = {"__file__": str(tmp_path / "train.py")}
    exec(before, names)
    x, y, fit = names["scaled"](names["x_train"]), names["y_train"], names["model"].fit
    orders = [epoch_order(3, (), epoch, len(x)) for epoch in range(3)]
    losses = [fit(x[order], y[order], batch_size=32, shuffle=False, verbose=0).history["loss"][0] for order in orders]
    np.testing.assert_allclose(losses, train(recipe, 3).curves["train_loss"], rtol=2e-3)


def test_a_budget_in_steps_ends_within_an_epoch(tiny, train, trained):
    recipe = edit(tiny, budget__unit="steps", budget__amount=5, training__schedule__kind="cosine")
    names = trained(recipe)
    assert int(names["model"].optimizer.iterations) == 5 == train(recipe).cost.steps


@pytest.mark.slow
def test_noise_and_augmentation_train_as_well_as_in_the_runs(tiny, train, trained):
    recipe = edit(tiny, data__examples=400, budget__amount=10, model__options=(), training__learning_rate=3e-3, model__dropout=0.3,
                  model__spatial_dropout=0.1, augmentation__crop_px=1, augmentation__flip_vertical=0.1)
    runs = [train(recipe, seed).scores["test_accuracy"] for seed in range(3)]
    names = trained(recipe)
    rates = [layer.rate for layer in names["model"].layers if "ropout" in type(layer).__name__]
    assert rates == [0.1] * (len(rates) - 1) + [0.3]
    assert min(runs) - 0.1 < names["accuracy"] and min(runs) > 0.5


def test_augmented_batches_are_cut_and_flipped_and_hold_every_example_once(tiny, trained):
    names = trained(edit(tiny, augmentation__crop_px=2, augmentation__flip_horizontal=1.0, training__batch_size=1000))
    plain = edit(tiny, augmentation__flip_horizontal=1.0, training__batch_size=1000)
    (moved, _), x = names["Augmented"](names["x_train"], names["y_train"])[0], names["x_train"]
    assert moved.shape == x.shape and not np.array_equal(moved, names["scaled"](x))
    names = trained(plain)
    batches = names["Augmented"](names["x_train"], names["y_train"])
    (images, labels), order = batches[0], batches.order
    np.testing.assert_array_equal(images, names["scaled"](names["x_train"][order][:, :, ::-1]))
    np.testing.assert_array_equal(labels, names["y_train"][order])
    assert sorted(order) == list(range(len(order)))


@pytest.mark.parametrize(("changes", "named"), [
    ({"augmentation__mixup": 0.2, "training__averaging": 0.99}, "augmentation.mixup = 0.2 and training.averaging = 0.99"),
    ({"budget__unit": "seconds"}, "budget.unit"), ({"regularization__l1_form": "proximal"}, "l1_form"),
    ({"model__precision": "mixed_float16"}, "precision"), ({"model__name": f"{samples}:own_layer"}, "OwnLayer"),
])
def test_what_a_plain_script_would_not_say_is_refused_by_name(tiny, worker, tmp_path, changes, named):
    with pytest.raises(InputError, match=named):
        worker.write(edit(tiny, **{"model__options": (), **changes}), 0, str(tmp_path))


def test_the_script_says_every_field_that_a_technique_can_touch_or_refuses_it(tiny):
    touched = {path for item in CATALOGUE.shipped for path in item.touches}
    said = {path for path in touched if path.startswith((*IN_FILES, *IN_SCRIPT, *UNTOUCHED))}
    assert {"model.dropout", "training.schedule.kind", "regularization.l2", "augmentation.flip_horizontal"} <= said
    assert {"augmentation.mixup", "compression.sparsity", "distillation.temperature", "transfer.mode"} <= touched - said


@pytest.mark.parametrize("kind", FACTORS)
def test_its_formula_of_each_schedule_is_the_schedule(kind):
    schedule = Schedule(kind, warmup=0.3, factor=0.5, every_epochs=2, floor=0.1)
    names = {"math": math, "FACTOR": 0.5, "EVERY_EPOCHS": 2, "STEPS_PER_EPOCH": 3, "WARMUP": 0.3, "FLOOR": 0.1}
    found = [eval(FACTORS[kind], {**names, "step": step, "t": step / 20}) for step in range(20)]
    np.testing.assert_allclose(found, factors(schedule, 20, 3))


NUMBERS = {"data__source": "tests.engines.keras.own_compiles:rows", "data__task": "regression"}
LABELS = {"data__source": "tests.engines.keras.own_compiles:labelled", "data__task": "multi_label"}


@pytest.mark.parametrize(("fields", "counted", "watched"), [
    pytest.param(NUMBERS, "mae", "squared_error", marks=pytest.mark.slow),
    pytest.param({**NUMBERS, "regularization__l2": 0.01, "training__schedule__kind": "cosine"}, "mae", "squared_error",
                 marks=pytest.mark.slow),
    pytest.param(LABELS, "label_accuracy", "cross_entropy", marks=pytest.mark.slow),
    ({**LABELS, "regularization__label_smoothing": 0.2}, "label_accuracy", "cross_entropy")])
def test_numbers_and_labels_are_trained_to_the_numbers_of_the_run(whole, train, trained, capsys, fields, counted, watched):
    recipe = edit(whole, data__examples=None, model__name="mlp", model__options=(("hidden", 16),), training__learning_rate=0.01,
                  data__normalization="zscore_channel", **fields)
    run, names = train(recipe, 3), trained(recipe)
    np.testing.assert_allclose(names["history"][f"val_{watched}"], run.curves["validation_loss"], rtol=2e-3)
    np.testing.assert_allclose(names[watched], run.scores["test_loss"], rtol=2e-3)
    in_unit = names[counted] * names.get("SPREAD", 1)
    np.testing.assert_allclose(in_unit, run.scores[f"test_{counted}"], rtol=2e-3, atol=0.01)
    assert f"test {counted.replace('_', ' ')} {in_unit:.4f}" in capsys.readouterr().out


def _same(run, names):
    history = names["history"]
    assert len(history["val_cross_entropy"]) == len(run.curves["validation_loss"])
    np.testing.assert_allclose(history["val_cross_entropy"], run.curves["validation_loss"], rtol=2e-3)
    np.testing.assert_allclose(names["cross_entropy"], run.scores["test_loss"], rtol=2e-3)
    assert abs(names["accuracy"] - run.scores["test_accuracy"]) < 0.01


@pytest.mark.parametrize("field", ["loss", "optimizer"])
def test_what_a_model_was_compiled_with_is_in_no_script(tiny, field):
    with pytest.raises(InputError, match=f"no plain Keras script is written for training.{field} = model"):
        demand_plain(edit(tiny, **{f"training__{field}": "model"}))
