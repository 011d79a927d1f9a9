"""``python -m tests.engines.keras.mirrored DEVICES NAME…``: each variant trained on one device and on several, and how far apart they end.

A process of its own, for devices must be made before TensorFlow computes anything. Prints one JSON object a variant.
"""

import json
import sys
import tempfile

import numpy as np

from dlbench.engines.keras.engine import start
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit
from tests.engines.keras.loop.test_program import RARE, VARIANTS

TINY = edit(Recipe(), data__examples=100, budget__amount=2, model__options=(("hidden", 16), ("width", 4)), training__learning_rate=3e-4)
BATCH = {2: 33, 3: 49}
"""Devices -> examples of a batch: it divides unevenly, and the last of 100 examples are fewer than devices (33, 33, 33, 1; 49, 49, 2)."""
MLP = {"model__name": "mlp", "model__options": (("hidden", 16),)}
TEXT = {"data__source": "tests.engines.keras.samples:sentences", "data__vocabulary": 100, "model__name": "text_cnn", "data__examples": None,
        "model__options": (("filters", 4), ("width", 8))}
OWN = {
    "mlp": {**MLP, "model__dropout": 0.5, "regularization__l2": 1e-2},
    "everything": {"model__dropout": 0.5, "model__spatial_dropout": 0.3, "model__dropout_place": "both", "regularization__l2": 1e-2,
                   "training__clip_norm": 0.05, "augmentation__rotate_degrees": 10.0, "augmentation__mixup": 0.4,
                   "training__optimizer": "sgd", "training__learning_rate": 0.03, "measure": ("gradient_norms",)},
    "residual": {"model__name": "resnet20", "model__options": (("blocks", 1), ("width", 4)), "training__optimizer": "sgd",
                 "model__stochastic_depth": 0.3},
    "moved thresholds": {**RARE, "imbalance__thresholds": 1.0},
    "text": TEXT, "averaging": {**MLP, "training__averaging": 0.9}, "pruning": {**MLP, "compression__sparsity": 0.5},
    "float16": {**MLP, "model__precision": "mixed_float16"}, "taught": {**MLP, "distillation__temperature": 4.0},
    "fine-tune": {"transfer__mode": "finetune", "transfer__base_learning_rate": 1e-4, "training__layer_factor": 1.5},
    "keras dropout": {"model__name": "tests.engines.keras.samples:dropped", "model__options": ()},
    "opaque": {"model__name": "tests.engines.keras.network.test_originals:inside", "model__options": (), "training__optimizer": "sgd"},
    "steps": {**MLP, "budget__unit": "steps", "budget__amount": 3, "training__batch_size": 40},
    "own loss": {"model__name": "tests.engines.keras.samples:lossy", "model__options": ()},
}
ALL = {name: fields for name, fields in (VARIANTS | OWN).items() if "lion" not in name}
SAME = ("data", "split", "order", "evaluation", "init", "touched", "global_draws")


def weights_for(worker, recipe):
    """The weights of a teacher, where the recipe has one."""
    lesson = pretraining(recipe)
    if lesson is None:
        return None
    found = worker.run(lesson, 0, RunInputs("test_accuracy")).arrays
    return {name.removeprefix("weights/"): value for name, value in found.items() if name.startswith("weights/")}


def trained(worker, recipe, given):
    """A run's result, its weights, and those that it began with."""
    result = worker.run(recipe, 0, RunInputs("test_accuracy", given))
    program = worker.program(recipe)
    ended = program.network.weights()
    program.reset(recipe, 0)
    return result, ended, program.network.weights()


def apart(weights, others, began):
    """How far apart two trainings end, as a share of the way that they went: the most of any weight that does not stand still.

    A bias before a normalisation has no gradient: it goes where rounding takes it.
    """
    ways = {name: np.max(np.abs(others[name] - start)) for name, start in began.items()}
    least = 1e-4 * max(ways.values())
    return max(float(np.max(np.abs(weights[name] - others[name])) / way) for name, way in ways.items() if way > least)


def compared(worker, recipe, count):
    """What differs between a run on one device and on several."""
    given = weights_for(worker, recipe)
    (one, ours, began), (two, theirs, _) = (trained(worker, edit(recipe, training__devices=n), given) for n in (1, count))
    again = trained(worker, edit(recipe, training__devices=count), given)[0]
    return {"apart": apart(theirs, ours, began), "same": [name for name in SAME if getattr(one.controls, name) ==
            getattr(two.controls, name)], "again": again.controls.weights == two.controls.weights,
            "steps": [one.cost.steps, two.cost.steps],
            **{name: [one.curves[name][-1], two.curves[name][-1]] for name in one.curves if name != "seconds"},
            **{name: [one.scores[name], two.scores[name]] for name in ("test_loss", "validation_loss")}}


def main():
    """Compare the variants that are named."""
    count, *names = sys.argv[1:]
    worker = start(Settings(tempfile.mkdtemp(), devices=int(count)))
    for name in names or ALL:
        recipe = edit(TINY, **{"training__batch_size": BATCH[int(count)], **ALL[name]})
        try:
            worker.prepare([edit(recipe, training__devices=int(count))])
            found = compared(worker, recipe, int(count))
        except InputError as error:
            found = {"refused": str(error)}
        print(json.dumps({"name": name, **found}), flush=True)


if __name__ == "__main__":
    main()
