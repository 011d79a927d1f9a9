"""What is done beside the update: averages, masks, a teacher, other arithmetic, and what is measured."""

import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.loop.averages import Averages, LossScale
from dlbench.engines.keras.loop.program import Epoch
from dlbench.engines.keras.loop.train import NO_MAPS
from dlbench.techniques import technique
from dlbench.techniques.transfer_learning import pretraining, teaching
from dlbench.values.identity import structure
from dlbench.values.recipe import edit


def weights_of(worker, train, recipe, **given):
    result = train(recipe, **given)
    assert result.status == "done", result.reason
    return worker.program(recipe).network.weights(), result


def test_averages_follow_their_recurrence_and_leave_no_trace():
    weight = tf.Variable([0.0, 0.0])
    averages, wanted = Averages([weight]), None
    for value in ([1.0, 2.0], [3.0, -1.0], [0.5, 0.5]):
        weight.assign(value)
        averages.update(tf.constant(0.9))
        wanted = np.array(value) if wanted is None else 0.9 * wanted + 0.1 * np.array(value)
    with averages.in_place():
        np.testing.assert_allclose(weight, wanted, rtol=1e-6)
    np.testing.assert_array_equal(weight, [0.5, 0.5])
    averages.reset()
    averages.adopt()
    np.testing.assert_array_equal(weight, [0.5, 0.5])


def test_averaged_weights_are_scored_and_differ_from_the_last(worker, train, tiny):
    plain, one = weights_of(worker, train, tiny)
    averaged, other = weights_of(worker, train, edit(tiny, training__averaging=0.5))
    assert one.curves["train_loss"] == other.curves["train_loss"], "training itself is as it was"
    assert one.scores["test_loss"] != other.scores["test_loss"]
    assert any(not np.array_equal(plain[name], averaged[name]) for name in plain)
    assert other.curves["validation_loss"][-1] == pytest.approx(other.scores["validation_loss"], rel=1e-6)


def test_a_loss_scale_halves_on_overflow_and_doubles_after_its_patience():
    scale = LossScale()
    gradients, finite = scale.down([tf.constant([2.0**15])])
    assert float(gradients[0][0]) == 1.0 and bool(finite)
    _, finite = scale.down([tf.constant([np.inf])])
    assert not bool(finite) and float(scale.factor) == 2.0**14 and int(scale.steps) == 0
    scale.steps.assign(scale.PATIENCE_STEPS - 1)
    scale.down([tf.constant([1.0])])
    assert float(scale.factor) == 2.0**15


@pytest.mark.parametrize("sparsity", [0.5, 0.9])
def test_pruning_leaves_exactly_its_share_of_zeros(worker, train, tiny, sparsity):
    recipe = edit(tiny, compression__sparsity=sparsity, budget__amount=6)
    weights, result = weights_of(worker, train, recipe)
    for name, value in weights.items():
        zeros = int((value == 0).sum())
        assert zeros >= round(sparsity * value.size) if name.endswith("kernel") else True
        if name.endswith("kernel"):
            assert zeros == round(sparsity * value.size), name
    assert result.cost.nonzero_parameters < result.cost.parameters
    assert result.cost.model_bytes < 4 * result.cost.parameters


def test_pruned_weights_stay_at_zero_while_training_goes_on(worker, tiny):
    program = worker.program(edit(tiny, compression__sparsity=0.5))
    program.reset(edit(tiny, compression__sparsity=0.5), 0)
    program.step.prune(0.5)
    kernel = program.network.kernels["conv"][0]
    gone = kernel.numpy() == 0
    data = worker.data(tiny)
    from_here = np.arange(100, dtype=np.int32) % len(data.positions)
    program.train(*data.train, data.inputs, _epoch(from_here), 32)
    assert (kernel.numpy()[gone] == 0).all() and (kernel.numpy()[~gone] != 0).all()


def _epoch(rows):
    return Epoch(rows, np.full(-(-len(rows) // 32), 1e-2, np.float32), NO_MAPS)


def test_sparsities_share_one_program(tiny):
    assert structure(edit(tiny, compression__sparsity=0.5)) == structure(edit(tiny, compression__sparsity=0.8)) != structure(tiny)
    assert structure(edit(tiny, compression__bits=8)) == structure(tiny)


def test_a_teacher_is_trained_as_a_run_of_its_own_and_moves_the_student(worker, train, tiny):
    given = {"teacher": None, "teacher_width": 2.0, "temperature": 4.0, "weight": 0.5}
    recipe = technique("distillation").apply(tiny, **given)
    lesson = pretraining(recipe)
    assert lesson == teaching(recipe) and lesson.model.width == 2.0 and not lesson.distillation.temperature
    taught = train(lesson)
    weights = {name.removeprefix("weights/"): value for name, value in taught.arrays.items() if name.startswith("weights/")}
    assert taught.cost.parameters > train(tiny).cost.parameters
    student, result = weights_of(worker, train, recipe, weights=weights)
    plain, reference = weights_of(worker, train, tiny)
    assert {name: value.shape for name, value in student.items()} == {name: value.shape for name, value in plain.items()}
    assert result.controls.init == reference.controls.init, "the student starts where the plain run starts"
    assert result.controls.weights != reference.controls.weights


@pytest.mark.parametrize("fields", [
    pytest.param({"training__xla": True}, marks=pytest.mark.slow), {"model__precision": "mixed_bfloat16"}], ids=str)
def test_other_arithmetic_trains_the_same_network_to_within_its_precision(worker, train, tiny, fields):
    plain, reference = weights_of(worker, train, tiny)
    ours, result = weights_of(worker, train, edit(tiny, **fields))
    tolerance = 1e-3 if "training__xla" in fields else 0.05
    for name, value in plain.items():
        assert ours[name].dtype == np.float32
        assert np.abs(ours[name] - value).max() < tolerance, name
    assert result.scores["test_loss"] == pytest.approx(reference.scores["test_loss"], rel=0.05)
    assert result.controls.init == reference.controls.init


def test_float16_trains_with_a_scaled_loss(worker, train, tiny):
    recipe = edit(tiny, model__precision="mixed_float16", training__clip_norm=1.0)
    _, result = weights_of(worker, train, recipe)
    assert float(worker.program(recipe).step.scale.factor) >= 1
    assert result.curves["train_loss"][-1] < result.curves["train_loss"][0]


def test_gradient_norms_are_kept_per_layer_and_epoch(train, tiny):
    result, plain = train(edit(tiny, measure=("gradient_norms",))), train(tiny)
    norms = {name: values for name, values in result.curves.items() if name.startswith("gradient_norm/")}
    assert set(norms) == {f"gradient_norm/{layer}" for layer in ("conv2d_1", "conv2d_2", "conv2d_3", "dense_1", "dense_2")}
    assert all(len(values) == 2 and min(values) > 0 for values in norms.values())
    assert result.controls == plain.controls, "measuring changes nothing"


def test_inserted_layers_are_measured_by_themselves(train, tiny):
    curves = train(edit(tiny, measure=("gradient_norms",), model__depth=2)).curves
    assert {"gradient_norm/conv2d_3", "gradient_norm/conv2d_3.deeper_1", "gradient_norm/conv2d_3.deeper_2"} <= set(curves)


def test_a_measured_norm_is_that_of_the_gradient(worker, tiny):
    recipe = edit(tiny, measure=("gradient_norms",), budget__unit="steps", budget__amount=1, training__optimizer="sgd",
                  training__learning_rate=1e-3)
    program = worker.program(recipe)
    program.reset(recipe, 0)
    before = program.network.weights()
    data = worker.data(recipe)
    tally = program.train(*data.train, data.inputs, _epoch(np.arange(32, dtype=np.int32)), 32)
    after = program.network.weights()
    for layer, norm in zip(program.step.measured, tally.norms):
        moved = [(before[name] - after[name]).ravel() / 1e-2 for name in before if name.startswith(f"{layer}/")]
        assert norm == pytest.approx(np.linalg.norm(np.concatenate(moved)), rel=1e-2)
