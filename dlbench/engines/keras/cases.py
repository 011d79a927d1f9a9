"""Prepares the training cases: epochs on made-up images, and one whole small run."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np

from dlbench.datasets import Arrays
from dlbench.engines.keras.data.batches import Epoch
from dlbench.engines.keras.data.resident import resident
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import draw, epoch_order
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.kernels.samples import images
from dlbench.values.augmentation import Augmentation
from dlbench.values.case import Prepared
from dlbench.values.recipe import Data, Recipe, edit

CLASSES = 10


def steps(model: str, shape: tuple[int, int, int], examples: int, batch: int, augmentation: tuple = ()) -> Prepared:
    """Train one epoch with its augmentation, from the same start each time. The mean loss must be plausible.

    Args:
        model: a name of the catalogue.
        shape: height, width and channels.
        examples: of the training part.
        batch: examples a step.
        augmentation: fields of :class:`dlbench.values.augmentation.Augmentation` and their values.
    """
    x = images(shape, examples + 2)
    data = resident(Arrays(x, np.arange(len(x)) % CLASSES, examples, CLASSES, 255.0), Data(validation=0.0), "scale")
    recipe = edit(Recipe(), model__name=model, training__batch_size=batch, augmentation=Augmentation(**dict(augmentation)))
    program = Program(recipe, shape, CLASSES)
    program.trace(data.train[0])
    rates = np.full(-(-examples // batch), recipe.training.learning_rate, np.float32)

    def call() -> float:
        program.reset(recipe, 0)
        epoch = Epoch(epoch_order(0, (), 0, examples), rates, *draw(recipe, 0, data, 0))
        return program.train(*data.train, data.inputs, epoch, batch).loss / examples

    return Prepared(call, lambda: np.log(CLASSES), view=lambda loss: bool(0 < loss < 1.2 * np.log(CLASSES)))


def run(epochs: int, examples: int) -> Prepared:
    """Carry out a whole run on the digits: reset, train, score. The weights must be the same each time.

    Args:
        epochs: of training.
        examples: of the training part.
    """
    folder = tempfile.TemporaryDirectory(prefix="dlbench-case-")
    engine = KerasEngine(Settings(folder.name))
    recipe = edit(Recipe(), data__examples=examples, budget__amount=epochs)

    def call() -> Any:
        return folder and engine.run(recipe, 0, RunInputs("test_accuracy")).controls.weights

    return Prepared(call, call, (0, 0))
