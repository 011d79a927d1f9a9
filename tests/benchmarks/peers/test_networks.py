"""The Keras peers' networks have the parameters of dlbench's, and a frozen base has the weights of its file."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.peers import export
from benchmarks.peers.cases import CASES, OF_LAYERS, describe, find
from benchmarks.peers.scripts.common import Training
from benchmarks.peers.scripts.keras_model import build, fitted
from benchmarks.peers.scripts.keras_networks import BASE, NETWORKS
from dlbench.study import load, plan
from tests.selection import mostly_slow

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # save_weights, with numpy 2
SHAPES = {"digits": [8, 8, 1], "mnist": [28, 28, 1], "mnist_sweep": [28, 28, 1], "transfer": [32, 32, 3]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the weights of a base for images of 32 px."""
    made = tmp_path_factory.mktemp("base")
    export.write_base(made / BASE, (32, 32, 3))
    return made


def _data(shape, examples=4):
    x, y = np.random.default_rng(0).random((examples, *shape), dtype=np.float32), np.arange(examples)
    return {f"{name}_{part}": values for part in ("train", "validation", "sample", "test") for name, values in (("x", x), ("y", y))}


@pytest.mark.parametrize("case", mostly_slow({case.name: case for case in CASES}, "mnist_sweep"))
def test_each_kind_of_network_has_the_parameters_of_dlbenchs(case, folder):
    shape, tried = SHAPES.get(case.name, [32, 32, 3]), set()
    described = describe(case) | {"shape": shape, "classes": 10, "examples": 4, "epochs": 1, "many_steps": False, "folder": str(folder)}
    recipes = {arm.name: arm.recipe for arm in plan(load(str(case.study))).arms}
    for arm in described["arms"]:
        if (kind := tuple(arm[name] for name in OF_LAYERS)) not in tried:
            found = fitted(build(arm, described), arm, described, _data(shape))
            wanted = export.parameters(recipes[arm["name"]], tuple(shape), 10)
            assert {"trainable": found.trainable, "all": found.parameters} == wanted
            assert (found.steps, found.evaluated) == (1, 12), "validation, sample and test"
        tried.add(kind)


def test_every_case_has_a_network():
    assert {describe(case)["model"] for case in CASES} == set(NETWORKS)
    assert describe(find("transfer"))["base"] == BASE


def test_training_leaves_a_frozen_base_as_it_was_written(folder):
    case = describe(find("transfer")) | {"shape": [32, 32, 3], "classes": 10, "examples": 4, "epochs": 1, "many_steps": False,
                                         "folder": str(folder)}
    model = build(case["arms"][0], case)
    assert isinstance(fitted(model, case["arms"][0], case, _data([32, 32, 3])), Training)
    with np.load(folder / "vgg16.npz") as stored:
        for layer in model.layers[0].layers:
            if layer.weights:
                assert np.array_equal(layer.kernel.numpy(), stored[f"{layer.name}/kernel"])
        assert stored["block5_conv3/kernel"].std() == pytest.approx((2 / (9 * 512)) ** 0.5, rel=0.01)
