"""The arms in plain Keras, for the Keras script, for KerasTuner and for :mod:`benchmarks.decision`."""

from __future__ import annotations

import math

import keras
from keras import layers


def trained(arm: dict, case: dict, data: dict, seed: int, evaluation_batch: int) -> tuple[float, int]:
    """Build, compile, fit and evaluate an arm; returns its test accuracy and the steps that it took."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model = build(arm, case)
    model.fit(data["x_train"], data["y_train"], batch_size=arm["batch_size"], epochs=case["epochs"], verbose=0)
    _, accuracy = model.evaluate(data["x_test"], data["y_test"], batch_size=evaluation_batch, verbose=0)
    return float(accuracy), int(model.optimizer.iterations.numpy())


def build(arm: dict, case: dict) -> keras.Model:
    """An arm's model, compiled."""
    model = keras.Sequential([keras.Input(case["shape"]), *augmentation(arm, case["shape"])])
    for layer in {"small_cnn": small_cnn, "guide_cnn": guide_cnn}[case["model"]](arm):
        model.add(layer)
    if arm["dropout"]:
        model.add(layers.Dropout(arm["dropout"]))
    model.add(layers.Dense(case["classes"], kernel_regularizer=penalty(arm)))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate(arm, case)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution(arm, case),
    )
    return model


def small_cnn(arm: dict) -> list[keras.Layer]:
    """A convolution, pooling, two more convolutions, one hidden dense layer."""
    return [
        *convolution(arm, 16, first=True, padding="same"),
        layers.MaxPooling2D(),
        *convolution(arm, 32, padding="same"),
        *convolution(arm, 32, padding="same"),
        layers.Flatten(),
        layers.Dense(64, activation="relu", kernel_regularizer=penalty(arm)),
    ]


def guide_cnn(arm: dict) -> list[keras.Layer]:
    """The handwritten-digit guide's network."""
    return [
        *convolution(arm, 32, first=True),
        layers.MaxPooling2D(),
        *convolution(arm, 64),
        layers.MaxPooling2D(),
        *convolution(arm, 64),
        layers.Flatten(),
        layers.Dense(64, activation="relu", kernel_regularizer=penalty(arm)),
    ]


def convolution(arm: dict, filters: int, first: bool = False, padding: str = "valid") -> list[keras.Layer]:
    """A convolution with its activation, separable and normalised as the arm says."""
    activation = None if arm["normalization"] else "relu"
    if arm["separable"] and not first:
        layer = layers.SeparableConv2D(filters, 3, padding=padding, activation=activation,
                                       depthwise_regularizer=penalty(arm), pointwise_regularizer=penalty(arm))
    else:
        layer = layers.Conv2D(filters, 3, padding=padding, activation=activation, kernel_regularizer=penalty(arm))
    if arm["normalization"] == "batch":
        return [layer, layers.BatchNormalization(momentum=0.9), layers.Activation("relu")]
    return [layer]


def augmentation(arm: dict, shape: list[int]) -> list[keras.Layer]:
    """Random rotation and translation; they act in training only."""
    found = []
    if arm["rotate_degrees"]:
        found.append(layers.RandomRotation(arm["rotate_degrees"] / 360, fill_mode="constant"))
    if arm["shift_px"]:
        height, width = arm["shift_px"] / shape[0], arm["shift_px"] / shape[1]
        found.append(layers.RandomTranslation(height, width, fill_mode="constant"))
    return found


def penalty(arm: dict) -> keras.regularizers.Regularizer | None:
    """The weight penalty of every kernel."""
    return keras.regularizers.L1L2(arm["l1"], arm["l2"]) if arm["l1"] or arm["l2"] else None


def learning_rate(arm: dict, case: dict):
    """A number, or a schedule over all steps."""
    if arm["schedule"] == "cosine":
        return keras.optimizers.schedules.CosineDecay(arm["learning_rate"], case["epochs"] * steps_per_epoch(arm, case))
    return arm["learning_rate"]


def steps_per_epoch(arm: dict, case: dict) -> int:
    """Batches in an epoch, the last of which may be smaller."""
    return math.ceil(case["examples"] / arm["batch_size"])


def steps_per_execution(arm: dict, case: dict) -> int:
    """How many steps one call runs: 1 is Keras' default; else the largest divisor of an epoch's steps up to 100."""
    if not case["many_steps"]:
        return 1
    steps = steps_per_epoch(arm, case)
    return max(size for size in range(1, 101) if steps % size == 0)
