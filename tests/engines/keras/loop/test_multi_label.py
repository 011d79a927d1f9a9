"""Several labels an example, trained by the compiled loop: the same as plain Keras ``fit`` with binary cross-entropy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.tasks import labels, multi_label
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tables of 160 rows with two, and with three labels, and images with three, which follow from their values."""
    place, draw = tmp_path_factory.mktemp("labels"), np.random.default_rng(0)
    x = draw.normal(size=(160, 6)).round(3)
    y = (x[:, :3] + 0.5 * draw.normal(size=(160, 3)) > [0, 0.5, 1]).astype(int)
    np.savez(place / "two.npz", x=x, y=y[:, :2])
    np.savez(place / "three.npz", x=x, y=y)
    np.savez(place / "images.npz", x=np.tile(x[:, :, None, None], (1, 1, 8, 1)), y=y)
    return place


@pytest.fixture(scope="module")
def engine(folder):
    return KerasEngine(Settings(str(folder / "cache"), beside=str(folder)))


RECIPE = edit(Recipe(), data__source="npz:three.npz", data__task="multi_label", data__normalization="zscore_channel", model__name="mlp",
              model__options=(("hidden", 16),), budget__amount=3)


def trained(engine, recipe):
    result = engine.run(recipe, 0, RunInputs("test_mean_average_precision"))
    assert result.status == "done"
    return engine.program(recipe).network.weights(), result


@pytest.mark.parametrize("fields", [
    *(pytest.param(fields, marks=pytest.mark.slow) for fields in ({}, {"model__dropout": 0.3})), {"data__source": "npz:two.npz"},
    {"regularization__label_smoothing": 0.2},
    {"data__source": "npz:images.npz", "model__name": "small_cnn", "model__options": (), "augmentation__mixup": 0.4},
])
def test_the_compiled_loop_equals_keras_fit_with_binary_cross_entropy(engine, fields):
    recipe = edit(RECIPE, **fields)
    (ours, mine), (theirs, reference) = trained(engine, recipe), trained(engine, edit(recipe, training__loop="keras"))
    for name, weights in ours.items():
        np.testing.assert_allclose(weights, theirs[name], rtol=1e-3, atol=2e-5)
    if "augmentation__mixup" not in fields:  # Keras counts mixed labels otherwise
        assert mine.curves["train_label_accuracy"] == pytest.approx(reference.curves["train_label_accuracy"], rel=1e-3)


@pytest.mark.parametrize("fields", [pytest.param({}, marks=pytest.mark.slow), {"regularization__label_smoothing": 0.2}])
def test_positive_weights_are_those_of_tensorflow_in_plain_keras_fit(engine, fields, monkeypatch):
    """Keras has no such loss: its ``fit`` is given TensorFlow's, with the odds against each label among the training examples."""
    recipe = edit(RECIPE, imbalance__positive_weights=0.5, **fields)
    y = engine.data(recipe).train[1].numpy()
    odds = ((1 - y).sum(axis=0) / y.sum(axis=0)) ** 0.5
    assert odds.max() > 1.5

    def loss(smoothing):
        def weighted(true, logits):
            true = true * (1 - smoothing) + smoothing / 2
            return keras.ops.mean(tf.nn.weighted_cross_entropy_with_logits(true, logits, tf.constant(odds, tf.float32)), axis=-1)
        return weighted

    monkeypatch.setattr(multi_label, "keras_loss", lambda units, smoothing: loss(smoothing))
    plain = edit(recipe, imbalance__positive_weights=0.0, training__loop="keras")
    (ours, _), (theirs, _) = trained(engine, recipe), trained(engine, plain)
    for name, weights in ours.items():
        np.testing.assert_allclose(weights, theirs[name], rtol=1e-3, atol=2e-5)


def test_scores_are_those_of_the_network_on_the_test_part(engine):
    recipe = edit(RECIPE, budget__amount=60, training__learning_rate=0.01)
    _, result = trained(engine, recipe)
    data, network = engine.data(recipe), engine.program(recipe).model
    known = data.known(data.test[1])
    told = multi_label.predictions(network(data.test[0] * data.inputs.scale + data.inputs.offset, training=False).numpy(), (0, 1))
    for name in labels.OF_EACH:
        assert result.scores[f"test_{name}"] == pytest.approx(getattr(labels, name)(known, told), rel=1e-5), name
        assert result.arrays[f"values/test_{name}"].mean() == pytest.approx(result.scores[f"test_{name}"], rel=1e-5), name
    assert result.scores["test_label_accuracy"] == pytest.approx(1 - result.scores["test_hamming_loss"])
    assert result.scores["test_mean_average_precision"] > 0.8 > known.mean(axis=0).max()
    expected = keras.losses.BinaryCrossentropy()(known, told)
    assert result.scores["test_loss"] == pytest.approx(float(expected), rel=1e-4)


def test_means_over_evaluations_are_means_of_the_values_of_examples(engine):
    _, result = trained(engine, edit(RECIPE, score_over=2))
    for name in (*labels.OF_EACH, "label_accuracy"):
        assert result.arrays[f"values/test_{name}"].mean() == pytest.approx(result.scores[f"test_{name}"], rel=1e-5), name


class Own(keras.Model):
    """Subclassed, with a sigmoid of each unit inside its call."""

    def __init__(self, classes):
        super().__init__()
        self.dense = keras.layers.Dense(classes)

    def call(self, inputs, training=False):
        return keras.ops.sigmoid(self.dense(inputs))


def functional(last, after=None):
    """A functional model of three units."""
    inputs = keras.Input((6,))
    outputs = keras.layers.Dense(3, last)(inputs)
    return keras.Model(inputs, outputs if after is None else after(outputs))


MODELS = {"sigmoid": lambda: functional("sigmoid"), "logits": lambda: functional(None),
          "clipped": lambda: functional("sigmoid", lambda x: keras.ops.clip(x, 1e-6, 1 - 1e-6)), "own": lambda: Own(3)}


def built(shape, classes, kind="sigmoid"):
    """A user's model."""
    return MODELS[kind]() if kind in MODELS else functional(kind)


@pytest.mark.parametrize("kind", MODELS)
def test_a_models_own_sigmoid_is_undone(kind):
    recipe = edit(RECIPE, model__name=f"{__name__}:built", model__options=(("kind", kind),))
    network, x = Network(recipe, (6,), 3), np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
    network.initialise(0, ())
    own = built((6,), 3, kind)
    own(x)
    own.set_weights([weight.numpy() for weight in network.model.weights])
    out = np.asarray(own(x))
    np.testing.assert_allclose(network.model(x) if kind == "logits" else multi_label.predictions(network.model(x).numpy(), (0, 1)), out,
                               atol=1e-5)


@pytest.mark.parametrize(("kind", "classes", "words"), [
    ("softmax", 3, "its output is a softmax over 3 labels, as if an example had one of them; accepted: sigmoid, or no activation"),
    ("sigmoid", 4, "its output has 3 units, the data 4 labels")])
def test_a_model_that_cannot_answer_several_labels_is_refused(kind, classes, words):
    with pytest.raises(InputError, match=words):
        Network(edit(RECIPE, model__name=f"{__name__}:built", model__options=(("kind", kind),)), (6,), classes)
