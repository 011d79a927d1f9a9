"""An engine that trains nothing: a run of zero steps that leaves a record as large as that of 20 epochs on the digits."""

from __future__ import annotations

import hashlib

import numpy as np

from dlbench.engines.protocol import Capability, Description, ExampleImages
from dlbench.values.recipe import to_dict
from dlbench.values.record import Controls, Cost, Outcome

EPOCHS, TESTED, CLASSES, LAYERS = 20, 450, 10, 6
LABELS = (np.arange(TESTED) % CLASSES).astype(np.uint16)
COST = Cost(19_000, 210_000, epochs=EPOCHS, steps=0, examples=0, load_s=0.0, trace_s=0.0, train_s=0.0, evaluate_s=0.0, wall_s=0.0,
            peak_memory_bytes=0)


class Untrained:
    """Answers at once, with numbers made up from recipe and seed."""

    def run(self, recipe, seed, inputs):
        """A record of a run that took no step."""
        digest = hashlib.sha256(f"{to_dict(recipe)} {seed}".encode())
        draw = np.random.default_rng([int.from_bytes(digest.digest()[:8]), seed])
        right = draw.random(TESTED) < 0.95
        classes = np.where(right, LABELS, (LABELS + 1) % CLASSES).astype(np.uint16)
        scores = {"test_accuracy": float(right.mean()), "test_loss": 0.2, "train_accuracy": 0.99, "train_loss": 0.05,
                  "accuracy_gap": 0.99 - float(right.mean()), "validation_accuracy": 0.95, "validation_loss": 0.21}
        arrays = {"test_bits": np.packbits(right), "test_predictions": classes, "test_labels": LABELS}
        return Outcome("done", "", scores, _curves(draw), COST, _controls(seed, classes), arrays)

    def examples(self, recipe, rows):
        """Pictures of test examples for the report: all black."""
        return ExampleImages(np.array(rows), np.zeros((len(rows), 8, 8, 1), np.uint8))


def _curves(draw):
    epochs = np.arange(1.0, EPOCHS + 1)
    accuracy = 0.95 - 0.6 * np.exp(-epochs / 4) + draw.normal(0, 0.003, EPOCHS)
    loss = 2.3 * np.exp(-epochs / 4) + draw.random(EPOCHS) / 100
    columns = {"epoch": epochs, "train_loss": loss, "train_accuracy": accuracy + 0.01, "validation_loss": loss + 0.1,
               "validation_accuracy": accuracy, "learning_rate": np.full(EPOCHS, 1e-3), "seconds": 0.08 * epochs}
    return {name: values.tolist() for name, values in columns.items()}


def _controls(seed, classes):
    """Hashes of what this engine really has: its labels, an order an epoch, values a layer, and its answers in the place of weights."""
    draw = np.random.default_rng(seed)
    init = {f"layer_{place}": _digest(draw.random(4)) for place in range(LAYERS)}
    order = tuple(_digest(draw.permutation(TESTED)) for _ in range(EPOCHS))
    data = _digest(LABELS)
    return Controls(data, data, data, init, touched=(), order=order, weights=_digest(classes), global_draws=(), acted={})


def _digest(values):
    return hashlib.sha256(values.tobytes()).hexdigest()[:16]


def start(_settings):
    """As every engine's ``start``."""
    return Untrained()


ENGINE = Description("untrained", f"{__name__}:start", frozenset({Capability.EXAMPLES}), preload=__name__)
