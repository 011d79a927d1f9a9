import keras
import numpy as np
import pytest
import tensorflow as tf

from dlbench.kernels import reference_layers as reference
from dlbench.kernels.losses import cross_entropy, focal, predicted, soft_threshold

LOGITS = np.random.default_rng(0).normal(size=(50, 10)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 10, 50)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_cross_entropy_equals_keras(smoothing):
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction="none")
    wanted = loss(tf.one_hot(LABELS, 10), LOGITS).numpy()
    given = tf.constant(smoothing) if smoothing else 0.0
    np.testing.assert_allclose(cross_entropy(tf.constant(LOGITS), tf.constant(LABELS), given), wanted, rtol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_binary_cross_entropy_equals_keras(smoothing):
    logits, labels = LOGITS[:, :1], LABELS % 2
    loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing, reduction="none")
    wanted = loss(labels[:, None].astype(np.float32), logits).numpy()
    np.testing.assert_allclose(cross_entropy(tf.constant(logits), tf.constant(labels), smoothing), wanted, rtol=1e-5)


def test_the_least_smoothed_loss_of_ten_classes_is_not_zero():
    target = np.full(10, 0.01)
    target[0] = 0.91
    loss = cross_entropy(tf.constant(np.log(target)[None], tf.float32), tf.constant([0], tf.int64), tf.constant(0.1))
    assert float(loss[0]) == pytest.approx(0.500288, abs=1e-6)


def test_predictions():
    np.testing.assert_array_equal(predicted(tf.constant(LOGITS)), LOGITS.argmax(1))
    np.testing.assert_array_equal(predicted(tf.constant(LOGITS[:, :1])), LOGITS[:, 0] > 0)


def test_soft_threshold_minimises_its_objective():
    w, threshold = np.float32([0.5, -0.3, 0.05, 0.0]), 0.1
    got = soft_threshold(tf.constant(w), threshold).numpy()
    grid = np.linspace(-1, 1, 20_001)
    best = [grid[np.argmin(0.5 * (grid - v) ** 2 + threshold * np.abs(grid))] for v in w]
    np.testing.assert_allclose(got, best, atol=1e-4)
    assert got[2] == 0


def values(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("size", [0, 1, 1001])
def test_the_proximal_step_equals_plain_numpy(size):
    w = values(size)
    np.testing.assert_allclose(soft_threshold(tf.constant(w), 0.5), reference.soft_threshold(w, 0.5), atol=1e-7)


@pytest.mark.parametrize("examples, classes", [(0, 10), (1, 3), (33, 10), (4, 1000)])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_equals_plain_numpy(examples, classes, smoothing):
    logits, labels = 5 * values(examples, classes), np.random.default_rng(1).integers(0, classes, examples)
    got = cross_entropy(tf.constant(logits), tf.constant(labels), smoothing)
    np.testing.assert_allclose(got, reference.cross_entropy(logits, labels, smoothing), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0, 5.0])
@pytest.mark.parametrize("units", [10, 1])
def test_focal_loss_equals_keras_and_without_gamma_it_is_cross_entropy(units, gamma, smoothing):
    many = units > 1
    logits, labels = tf.constant(LOGITS[:, :units]), tf.constant(LABELS if many else LABELS % 2)
    kind, own = (keras.losses.CategoricalFocalCrossentropy, {"alpha": 1.0}) if many else (keras.losses.BinaryFocalCrossentropy, {})
    loss = kind(gamma=gamma, from_logits=True, label_smoothing=smoothing, reduction="none", **own)
    ours = focal(logits, labels, tf.constant(gamma), smoothing)
    np.testing.assert_allclose(ours, loss(tf.one_hot(labels, 10) if many else tf.cast(labels[:, None], tf.float32), logits), rtol=2e-5)
    if not gamma:
        np.testing.assert_allclose(ours, cross_entropy(logits, labels, smoothing), rtol=1e-6)


@pytest.mark.parametrize("units", [2, 1])
@pytest.mark.parametrize("gamma", [0.3, 2.0])
def test_the_gradient_of_focal_loss_is_finite_where_an_example_is_surely_right_or_wrong(units, gamma):
    logits = tf.constant([[-200.0, 200.0], [200.0, -200.0], [-20.0, 20.0]])[:, :units]
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = focal(logits, tf.constant([1, 1, 1], tf.int64), tf.constant(gamma))
    assert np.isfinite(loss).all() and np.isfinite(tape.gradient(loss, logits)).all()
