"""Layers that learn at rates of their own: which layers there are, and by how much each of them moves."""

import numpy as np
import pytest

from dlbench.engines.keras.loop.groups import groups, layer_numbers
from dlbench.engines.keras.network.hooks import Hooked
from dlbench.engines.keras.network.network import Network
from dlbench.engines.protocol import RunInputs
from dlbench.study.fitting import clashes
from dlbench.values.recipe import Recipe, edit

ONE_STEP = {"budget__unit": "steps", "budget__amount": 1, "training__learning_rate": 0.01}
LAYERS = ("conv2d_1", "conv2d_2", "conv2d_3", "dense_1", "dense_2")


def weights_of(worker, recipe, weights=None):
    assert worker.run(recipe, 0, RunInputs("test_accuracy", weights)).status == "done"
    return worker.program(recipe).network.weights()


def started(worker, recipe):
    """The weights that a run begins with."""
    program = worker.program(recipe)
    program.reset(recipe, 0)
    return program.network.weights()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "lion"])
@pytest.mark.parametrize("factor", [2.6, pytest.param(1.1, marks=pytest.mark.slow)])
def test_in_one_step_a_layer_moves_by_a_power_of_the_factor_less(optimizer, factor, worker, tiny):
    recipe = edit(tiny, **ONE_STEP, training__optimizer=optimizer)
    began, plain = started(worker, recipe), weights_of(worker, recipe)
    ours = weights_of(worker, edit(recipe, training__layer_factor=factor))
    for name, value in began.items():
        above = len(LAYERS) - 1 - LAYERS.index(name.partition("/")[0])
        np.testing.assert_allclose(ours[name] - value, (plain[name] - value) / factor**above, rtol=0.02, atol=2e-7, err_msg=name)
    assert any(np.abs(ours[name] - value).max() > 1e-4 for name, value in began.items())


def test_weight_decay_and_the_proximal_step_follow_the_rate_of_the_layer(worker, tiny):
    recipe = edit(tiny, **ONE_STEP, training__optimizer="sgd", training__layer_factor=2.0)
    plain = weights_of(worker, recipe)
    began, decayed = started(worker, recipe), weights_of(worker, edit(recipe, regularization__weight_decay=5.0))
    shrunk = weights_of(worker, edit(recipe, regularization__l1=5.0, regularization__l1_form="proximal"))
    for layer, above in zip(reversed(LAYERS), range(5)):
        name, rate = f"{layer}/kernel", 0.01 / 2**above
        np.testing.assert_allclose(decayed[name] - plain[name], -rate * 5 * began[name], rtol=1e-3, atol=1e-6)
        expected = np.sign(plain[name]) * np.maximum(np.abs(plain[name]) - rate * 5, 0)
        np.testing.assert_allclose(shrunk[name], expected, rtol=1e-3, atol=1e-6)


def test_of_fine_tuned_weights_the_last_layer_of_the_base_learns_at_the_rate_of_the_base(worker, tiny):
    recipe = edit(tiny, **ONE_STEP, training__optimizer="sgd", transfer__mode="finetune", transfer__base_learning_rate=0.005)
    began, plain = started(worker, recipe), weights_of(worker, recipe)
    ours = weights_of(worker, edit(recipe, training__layer_factor=2.0))
    for layer, factor in zip(LAYERS, (4, 2, 1, 2, 1)):  # the base ends with the last convolution
        for name in (f"{layer}/kernel", f"{layer}/bias"):
            np.testing.assert_allclose(ours[name] - began[name], (plain[name] - began[name]) / factor, rtol=0.02, atol=2e-7, err_msg=name)


@pytest.mark.parametrize("fields", [{"model__normalization": "batch"}, {"model__separable": "all"}, {"model__depth": 1}], ids=str)
def test_normalisations_learn_as_the_layer_before_them_and_inserted_layers_as_layers(fields):
    recipe = edit(Recipe(), training__layer_factor=2.0, **fields)
    network = Network(recipe, (8, 8, 1), 10)
    weights = network.model.trainable_variables
    numbers = layer_numbers(weights, [network.owner(weight) for weight in weights])
    assert numbers == sorted(numbers) and set(numbers) == set(range(6 if "model__depth" in fields else 5))
    above = {id(weight): group.above for group in groups(recipe, network, Hooked(recipe.hooks)) for weight in group.rule.weights}
    assert [above[id(weight)] for weight in weights] == [max(numbers) - number for number in numbers]


def test_without_it_there_is_one_group_or_two_where_the_base_has_its_own_rate():
    for fields, wanted in (({}, [(False, 0)]), ({"transfer__mode": "finetune"}, [(False, 0), (True, 0)])):
        recipe = edit(Recipe(), **fields)
        found = groups(recipe, Network(recipe, (8, 8, 1), 10), Hooked(recipe.hooks))
        assert [group[1:] for group in found] == wanted


def test_the_keras_loop_refuses_it():
    assert [words for words, clash in clashes(edit(Recipe(), training__loop="keras", training__layer_factor=2.0)) if clash] == [
        "loop = 'keras' is the plain reference and has no layerwise_learning_rate; it needs loop = 'compiled'"]
