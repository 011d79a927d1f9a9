"""What a model cannot take is said from what it is made of."""

import pytest

from dlbench.models.fit import misfit
from dlbench.values.inspection import Build
from dlbench.values.recipe import Model

CNN = Build("sequential", convs=3, dense=1, pool=True, maps=True)
MLP = Build("sequential", dense=1, pool=True)


@pytest.mark.parametrize("fields, build, words", [
    ({"separable": "all"}, MLP, "a convolution"), ({"separable": "all_but_first"}, Build(convs=1), "a second convolution"),
    ({"separable": "article_all_but_first"}, Build(convs=1), "a second convolution"),
    ({"spatial_dropout": 0.1}, MLP, "a convolution"), ({"pooling": "average"}, MLP, "feature maps"),
    ({"pooling": "average"}, Build(convs=1), "a flattening"), ({"normalization": "none"}, CNN, "normalisation layers"),
    ({"normalization": "batch"}, MLP, r"a hidden layer \(conv\)"), ({"dropout": 0.5, "dropout_place": "conv"}, MLP, "a hidden convolution"),
    ({"stochastic_depth": 0.5}, CNN, "a residual connection"), ({"width": 2.0}, Build(), "a hidden layer"),
])
def test_what_is_lacking_is_named(fields, build, words):
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(misfit(Model("mine:net", **fields), build))


@pytest.mark.parametrize("fields, build", [
    ({}, Build("subclassed")), ({"separable": "all_but_first"}, CNN), ({"normalization": "batch", "normalization_place": "head"}, MLP),
    ({"normalization": "none"}, Build(norms=2)), ({"dropout": 0.5}, MLP), ({"pooling": "flatten"}, CNN), ({"activation": "tanh"}, MLP),
])
def test_what_fits_is_let_through(fields, build):
    assert misfit(Model("mine:net", **fields), build) is None


@pytest.mark.parametrize("field, value", [
    ("dropout", 0.5), ("init", "he"), ("activation", "gelu"), ("normalization", "batch"), ("width", 2.0),
])
def test_the_layers_of_a_subclassed_model_are_its_own(field, value):
    assert f"it changes layers ({field})" in misfit(Model("mine:net", **{field: value}), Build("subclassed", convs=2, dense=2))
