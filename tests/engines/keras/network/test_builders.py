"""What the shipped models are made of, against the numbers that their sources state."""

import pytest

from dlbench.engines.keras.network.builders import guide_cnn, mlp, resnet20
from dlbench.engines.keras.network.network import Network
from dlbench.values.recipe import Model, Recipe, edit


@pytest.mark.parametrize("model, parameters, operations", [
    (Model("guide_cnn"), 93_322, 2_794_240), (Model("guide_cnn", separable="all_but_first"), 45_034, 556_896),
])
def test_the_guides_network(model, parameters, operations):
    network = Network(edit(Recipe(), model=model), (28, 28, 1), 10)
    assert (network.parameters(), network.macs) == (parameters, operations)


def test_the_guides_maps_shrink_as_it_says():
    sizes = [layer.output.shape[1] for layer in guide_cnn((28, 28, 1), 10).layers]
    assert sizes == [26, 13, 11, 5, 3, 576, 64, 10]


@pytest.mark.slow
def test_the_overviews_network_is_one_dense_layer():
    recipe = edit(Recipe(), model__name="overview_cnn")
    network = Network(recipe, (224, 224, 3), 2)
    assert (network.parameters(), network.macs) == (44_396_609, 505_235_328)
    pooled = Network(edit(recipe, model__pooling="average"), (224, 224, 3), 2)
    assert pooled.parameters() == 159_809


def test_the_mlp_counts():
    assert mlp((28, 28, 1), 10).count_params() == 636_010


def test_vgg16_transfer_is_a_base_and_a_head():
    recipe = edit(Recipe(), model__name="vgg16_transfer")
    network = Network(recipe, (224, 224, 3), 2)
    sizes = {layer.name: layer.count_params() for layer in network.model.layers}
    base = sum(size for name, size in sizes.items() if name in network.base)
    assert (base, network.parameters() - base, network.parameters()) == (14_714_688, 12_846_081, 27_560_769)


def test_resnet20_has_the_size_that_its_paper_states():
    assert resnet20((32, 32, 3), 10).count_params() == pytest.approx(0.27e6, rel=0.02)
