"""A frozen base is computed once, and the run gives the bits of one that computes it in every step."""

from collections import Counter
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from dlbench.datasets.derived import FEATURES, derived
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.loop import frozen
from dlbench.engines.keras.loop.frozen import cut, shareable
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.recipe import Transfer, edit

LIMIT = 10**9


class Workers:
    """Workers with one cache, which count the examples whose features are computed, of each part of the data."""

    def __init__(self, plain, folder, patch):
        self.plain, self.folder, self.computed = plain, folder, Counter()

        def counted(place, wanted, limit, values, rows):
            def counting(start, stop):
                self.computed[wanted.key] += stop - start
                return values(start, stop)
            return derived(place, wanted, limit, counting, rows)

        patch.setattr(frozen, "derived", counted)

    def worker(self, **settings):
        return KerasEngine(Settings(str(self.folder), features_bytes=LIMIT, **settings))

    def both(self, recipe, weights, **settings):
        """The outcome with features, and that of a run without."""
        inputs = RunInputs("test_accuracy", weights)
        return self.worker(**settings).run(recipe, 0, inputs), self.plain.run(recipe, 0, inputs)


@pytest.fixture
def workers(worker, tmp_path, monkeypatch):
    return Workers(worker, tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def weights(worker, tiny):
    """Of a pretraining run."""
    outcome = worker.run(edit(tiny, transfer=Transfer("pretrain")), 0, RunInputs("test_accuracy"))
    return {name.removeprefix("weights/"): value for name, value in outcome.arrays.items() if name.startswith("weights/")}


@pytest.fixture(scope="module")
def recipe(tiny):
    return edit(tiny, transfer=Transfer("frozen", (0, 1, 2, 3, 4)), budget__amount=3, data__examples=100)


def same(one, two):
    assert one.scores == two.scores and one.controls == two.controls and one.curves.keys() == two.curves.keys()
    for name in one.curves.keys() - {"seconds"}:
        assert one.curves[name] == two.curves[name], name
    assert all(np.array_equal(one.arrays[name], two.arrays[name]) for name in two.arrays) and one.arrays.keys() == two.arrays.keys()


@pytest.mark.parametrize("changes", [
    {"training__optimizer": "sgd", "training__clip_norm": 0.1, "training__averaging": 0.9, "measure": ("gradient_norms",)},
    {"model__dropout": 0.5, "score_over": 2, "regularization__l2": 0.01, "regularization__l1": 0.001, "regularization__weight_decay": 0.1},
    {"training__early_stopping__patience_epochs": 1, "training__learning_rate": 0.1, "data__normalization": "zscore",
     "regularization__label_smoothing": 0.1}, {"data__validation": 0.0}], ids=["sgd", "penalties", "stopping", "no validation"])
def test_a_run_on_features_gives_the_bits_of_one_on_images(changes, workers, recipe, weights):
    ours, plain = workers.both(edit(recipe, **changes), weights)
    assert workers.computed, "features were computed"
    same(ours, plain)


def test_seeds_epochs_and_arms_share_one_pass(workers, recipe, weights):
    worker, inputs = workers.worker(), RunInputs("test_accuracy", weights)
    for changes in ({}, {"model__dropout": 0.5}, {"regularization__l2": 0.01}, {"training__optimizer": "sgd"}):
        for seed in (0, 1):
            worker.run(edit(recipe, **changes), seed, inputs)
    workers.worker().run(edit(recipe, budget__amount=5), 7, inputs)
    data = worker.data(recipe)
    assert sorted(workers.computed.values()) == sorted(len(part[1]) for part in (data.train, data.validation, data.test))


def test_other_weights_other_data_and_other_scaling_have_features_of_their_own(workers, recipe, weights):
    worker = workers.worker()
    for changed, given in ((recipe, weights), (recipe, {name: value * 1.5 for name, value in weights.items()}),
                           (edit(recipe, data__normalization="none"), weights), (edit(recipe, data__split_seed=1), weights)):
        before = len(workers.computed)
        worker.run(changed, 0, RunInputs("test_accuracy", given))
        assert len(workers.computed) == before + 3


def test_what_the_base_does_not_always_see_alike_is_computed_in_every_step(recipe):
    assert shareable(recipe)
    for changes in ({"augmentation__flip_horizontal": 0.5}, {"augmentation__mixup": 0.2}, {"transfer__mode": "finetune"},
                    {"compression__sparsity": 0.5}, {"compression__bits": 8}, {"distillation__temperature": 2.0}, {"training__xla": True},
                    {"training__loop": "keras"}, {"training__devices": 2}, {"model__precision": "mixed_float16"}):
        assert not shareable(edit(recipe, **changes)), changes


def test_a_base_that_draws_is_not_cut(worker, recipe):
    assert cut(worker.program(recipe).network) is not None
    assert cut(worker.program(edit(recipe, model__spatial_dropout=0.3)).network) is None


def test_features_larger_than_the_limit_are_not_kept(workers, recipe, weights, tmp_path):
    small = KerasEngine(Settings(str(tmp_path), features_bytes=1000))
    same(*(one.run(recipe, 0, RunInputs("test_accuracy", weights)) for one in (small, workers.plain)))
    assert not workers.computed and not (tmp_path / FEATURES).exists()


def test_features_on_disk_give_the_bits_of_those_in_memory(workers, recipe, weights):
    same(*workers.both(recipe, weights, device_bytes=0))


def test_where_one_bit_differs_the_base_is_computed_in_every_step(workers, recipe, weights, monkeypatch, capfd):
    real = frozen.features

    def wrong(*given):
        return lambda start, stop: real(*given)(start, stop) + np.float32(1e-3 * (start == 0))

    monkeypatch.setattr(frozen, "features", wrong)
    same(*workers.both(recipe, weights))
    assert "is computed in every step" in capfd.readouterr().err


def test_damaged_features_are_computed_anew(workers, recipe, weights, tmp_path, capfd):
    ours, plain = workers.both(recipe, weights)
    once = dict(workers.computed)
    for file in (tmp_path / FEATURES).glob("*.npy"):
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    same(workers.worker().run(recipe, 0, RunInputs("test_accuracy", weights)), plain)
    same(ours, plain)
    assert workers.computed == {key: 2 * count for key, count in once.items()}
    assert capfd.readouterr().err.count("was damaged") == 3


def test_a_network_whose_head_reads_the_images_too_is_not_cut():
    inputs = keras.Input((8, 8, 1))
    maps = keras.layers.Conv2D(4, 3, padding="same", name="base", trainable=False)(inputs)
    both = keras.layers.Concatenate()([keras.layers.Flatten()(maps), keras.layers.Flatten()(inputs)])
    assert cut(SimpleNamespace(model=keras.Model(inputs, keras.layers.Dense(3)(both)), base=frozenset(["base"]))) is None


@pytest.mark.parametrize("layer", [
    keras.layers.Dense(4), lambda x: keras.layers.Attention()([x, x]), lambda x: keras.layers.Dot(2)([x, x]),
    lambda x: keras.ops.matmul(x, keras.ops.transpose(x, (0, 2, 1))), keras.layers.EinsumDense("abc,cd->abd", (16, 3))],
    ids=["dense", "attention", "dot", "matmul", "einsum"])
def test_a_base_that_multiplies_matrices_is_not_cut(layer):
    """With AVX2, their bits depend on the size of the batch."""
    def made(between):
        inputs = keras.Input((6, 6, 1))
        maps = keras.layers.Reshape((16, 4))(keras.layers.Conv2D(4, 3, name="base", trainable=False)(inputs))
        flat = keras.layers.Flatten(name="pool")(between(maps))
        model = keras.Model(inputs, keras.layers.Dense(3)(flat))
        base = [one.name for one in model.layers[:model.layers.index(model.get_layer("pool"))]]
        for name in base:
            model.get_layer(name).trainable = False
        return SimpleNamespace(model=model, base=frozenset(base))

    assert cut(made(lambda x: x)) is not None and cut(made(keras.layers.ReLU())) is not None
    assert cut(made(layer)) is None


def test_the_key_is_the_same_in_every_build(workers, recipe, weights):
    keys = []
    for _ in range(2):
        worker = workers.worker()
        program, data = worker.program(recipe), worker.data(recipe)
        worker._make_ready(program, recipe, 0, weights)
        keys.append(frozen.wanted(recipe, program, data, cut(program.network).base, "train"))
    assert keys[0] == keys[1]
