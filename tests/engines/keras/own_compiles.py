"""Models that come compiled, as users write them."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


def rows():
    """120 rows of three numbers, and the number that follows from them."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(120, 3))
    return x, 500 + 40 * x.sum(axis=1) + draw.normal(size=120)


def labelled():
    """The same rows, and two labels that follow from them."""
    x, _ = rows()
    return x, (x[:, :2] > 0.2).astype(int)


def _net(shape, units, activation=None, kind=keras.Model, hidden=16):
    inputs = keras.Input(shape)
    x = layers.Dense(hidden, activation="relu")(layers.Flatten()(inputs))
    return kind(inputs, layers.Dense(units, activation=activation)(x))


def confident(penalty):
    """A closure: cross-entropy of columns, and a price of small entropies."""
    def loss(y_true, y_pred):
        logs = ops.log(y_pred + 1e-7)
        return -ops.sum(y_true * logs, axis=-1) + penalty * ops.sum(y_pred * logs, axis=-1)
    return loss


def overlap(y_true, y_pred):
    """A loss of a batch, no mean over examples: one less the Dice coefficient of all columns."""
    return 1 - 2 * ops.sum(y_true * y_pred) / (ops.sum(y_true) + ops.sum(y_pred))


def of_numbers(y_true, y_pred):
    """A loss of class numbers."""
    labels = ops.cast(y_true, "int32")
    return -ops.log(ops.take_along_axis(y_pred, labels[:, None], axis=1)[:, 0] + 1e-7)


def even(y_true, y_pred):
    """A loss that can be given either form of targets."""
    return ops.std(y_pred) + 0 * ops.mean(y_true)


def distance(y_true, y_pred):
    """A metric: the mean distance of probabilities from a column a class."""
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


def closure(shape, classes):
    model = _net(shape, classes, "softmax")
    model.compile(keras.optimizers.SGD(0.05, momentum=0.8), confident(0.1), metrics=["accuracy", distance, keras.metrics.F1Score()])
    return model


def batchwise(shape, classes):
    model = _net(shape, classes, "softmax")
    model.compile(keras.optimizers.RMSprop(0.002), overlap)
    return model


def sparse(shape, classes):
    model = _net(shape, classes)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum"), loss_weights=[0.25])
    return model


def numbered(shape, classes):
    model = _net(shape, classes, "softmax")
    model.compile(keras.optimizers.AdamW(0.003, weight_decay=0.01, clipnorm=0.5), of_numbers)
    return model


def hinge(shape, classes):
    model = _net(shape, classes)
    model.compile(keras.optimizers.Adagrad(0.05), "categorical_hinge")
    return model


def one_unit(shape, classes):
    model = _net(shape, 1, "sigmoid")
    model.compile(keras.optimizers.SGD(0.1), keras.losses.BinaryFocalCrossentropy(gamma=1.5), metrics=[keras.metrics.Precision()])
    return model


def number(shape, classes):
    model = _net(shape, 1)
    model.compile(keras.optimizers.SGD(0.01), keras.losses.Huber(0.5), metrics=["mae", "mse"])
    return model


def tags(shape, classes):
    model = _net(shape, classes, "sigmoid")
    model.compile(keras.optimizers.SGD(0.1), "binary_focal_crossentropy", metrics=[keras.metrics.AUC(name="area", multi_label=True)])
    return model


class Whole(keras.Model):
    """A subclass with a call of its own."""

    def __init__(self, classes):
        super().__init__()
        self.flat, self.hidden = layers.Flatten(), layers.Dense(16, activation="relu")
        self.out = layers.Dense(classes, activation="softmax")

    def call(self, inputs):
        return self.out(self.hidden(self.flat(inputs)))


def whole(shape, classes):
    model = Whole(classes)
    model.compile(keras.optimizers.SGD(0.05), confident(0.2))
    return model


class Sharpness(keras.Model):
    """A training step of its own: the gradient at a point that ascends from the weights (P. Foret et al., 2021)."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        steps = [0.05 * gradient / (tf.linalg.global_norm(gradients) + 1e-12) for gradient in gradients]
        for weight, step in zip(self.trainable_variables, steps):
            weight.assign_add(step)
        with tf.GradientTape() as tape:
            ahead = self.compute_loss(x, y, self(x, training=True))
        gradients = tape.gradient(ahead, self.trainable_variables)
        for weight, step in zip(self.trainable_variables, steps):
            weight.assign_sub(step)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"loss": loss}


def own_step(shape, classes):
    model = _net(shape, classes, "softmax", Sharpness)
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy")
    return model


class Weighted(keras.Model):
    """A loss of its own that is computed from all that a step has."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(keras.losses.categorical_crossentropy(y, y_pred) * (1 + ops.mean(x, axis=(1, 2, 3))))


def own_loss(shape, classes):
    model = _net(shape, classes, "softmax", Weighted)
    model.compile(keras.optimizers.SGD(0.05))
    return model


class Silent(keras.Model):
    """A step that names its loss otherwise."""

    def train_step(self, data):
        return {"cost": tf.constant(0.0)}


class Fitted(keras.Model):
    """A fit of its own."""

    def fit(self, *args, **kwargs):
        return super().fit(*args, **kwargs)


def _compiled(model, *args, **kwargs):
    model.compile(*args, **kwargs)
    return model


class Counting(keras.losses.Loss):
    """A loss that counts its calls."""

    def __init__(self):
        super().__init__()
        self.calls = keras.Variable(0.0, trainable=False)

    def call(self, y_true, y_pred):
        self.calls.assign_add(1.0)
        return keras.losses.categorical_crossentropy(y_true, y_pred) * (1 + 0.01 * self.calls)


def eager(y_true, y_pred):
    return tf.constant(float(y_pred.numpy().mean()))


def random(y_true, y_pred):
    return -ops.sum(y_true * ops.log(y_pred + 1e-7), axis=-1) * tf.random.uniform([])


class Stubborn(keras.optimizers.SGD):
    """An optimizer that cannot be made anew."""

    def __init__(self, rate):
        super().__init__(rate)


def two_outputs(shape, classes):
    inputs = keras.Input(shape)
    flat = layers.Flatten()(inputs)
    return _compiled(keras.Model(inputs, [layers.Dense(classes)(flat), layers.Dense(classes)(flat)]), "sgd", "categorical_hinge")


def uncompiled(shape, classes):
    return _net(shape, classes, "softmax")


def lossless(shape, classes):
    return _compiled(uncompiled(shape, classes), "adam")


def either(shape, classes):
    return _compiled(uncompiled(shape, classes), "adam", even)


def counting(shape, classes):
    return _compiled(uncompiled(shape, classes), "adam", Counting())


def in_numpy(shape, classes):
    return _compiled(uncompiled(shape, classes), "adam", eager)


def drawing(shape, classes):
    return _compiled(uncompiled(shape, classes), keras.optimizers.SGD(0.05), random)


def bad_metric(shape, classes):
    return _compiled(uncompiled(shape, classes), "adam", "categorical_crossentropy", metrics=[lambda y_true: y_true])


def scheduled(shape, classes):
    return _compiled(uncompiled(shape, classes), keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10)),
                     "categorical_crossentropy")


def averaging(shape, classes):
    return _compiled(uncompiled(shape, classes), keras.optimizers.SGD(0.1, use_ema=True), "categorical_crossentropy")


def stubborn(shape, classes):
    return _compiled(uncompiled(shape, classes), Stubborn(0.1), "categorical_crossentropy")


def decaying(shape, classes):
    return _compiled(uncompiled(shape, classes), keras.optimizers.AdamW(0.1, clipnorm=1.0), "categorical_crossentropy")


def silent(shape, classes):
    return _compiled(_net(shape, classes, "softmax", Silent), "sgd", "categorical_crossentropy")


def fitted(shape, classes):
    return _compiled(_net(shape, classes, "softmax", Fitted), "sgd", "categorical_crossentropy")
