"""The arms in plain Keras, for the Keras script, for KerasTuner and for :mod:`benchmarks.decision`."""

from __future__ import annotations

import math

import keras
from keras import layers

from benchmarks.peers.scripts.common import EVALUATION_BATCH, Training
from benchmarks.peers.scripts.keras_networks import NETWORKS


def trained(arm: dict, case: dict, data: dict, seed: int) -> Training:
    """Build, compile, fit and evaluate an arm."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    return fitted(build(arm, case), arm, case, data)


def fitted(model: keras.Model, arm: dict, case: dict, data: dict) -> Training:
    """Fit and evaluate an arm's model; the validation part is evaluated after each epoch, where there is one."""
    validated = len(data["y_validation"])
    history = model.fit(
        data["x_train"], data["y_train"], batch_size=arm["batch_size"], epochs=case["epochs"], verbose=0,
        validation_data=(data["x_validation"], data["y_validation"]) if validated else None, validation_batch_size=EVALUATION_BATCH)
    evaluated, accuracy = validated * len(history.history.get("val_loss", ())), 0.0
    for part in ("sample", "test"):
        x, y = data[f"x_{part}"], data[f"y_{part}"]
        if len(y):
            _, accuracy = model.evaluate(x, y, batch_size=EVALUATION_BATCH, verbose=0)
            evaluated += len(y)
    sizes = (sum(math.prod(weight.shape) for weight in weights) for weights in (model.trainable_weights, model.weights))
    return Training(float(accuracy), int(model.optimizer.iterations.numpy()), evaluated, *sizes)


def build(arm: dict, case: dict) -> keras.Model:
    """An arm's model, compiled."""
    model = keras.Sequential([keras.Input(case["shape"]), *augmentation(arm, case["shape"])])
    for layer in NETWORKS[case["model"]](arm, case):
        model.add(layer)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate(arm, case)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution(arm, case),
    )
    return model


def augmentation(arm: dict, shape: list[int]) -> list[keras.Layer]:
    """Random mirroring, rotation and translation; they act in training only."""
    found = []
    if arm["flip_horizontal"]:
        found.append(layers.RandomFlip("horizontal"))
    if arm["rotate_degrees"]:
        found.append(layers.RandomRotation(arm["rotate_degrees"] / 360, fill_mode="constant"))
    if arm["shift_px"]:
        height, width = arm["shift_px"] / shape[0], arm["shift_px"] / shape[1]
        found.append(layers.RandomTranslation(height, width, fill_mode="constant"))
    return found


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
