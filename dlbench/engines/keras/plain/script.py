"""The text of a script that trains a recipe with Keras alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pprint import pformat
from typing import Any

import numpy as np

from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.tasks import answering
from dlbench.kernels.maps import default_crop_px
from dlbench.values.errors import InputError
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.packed import Packed, taken_apart
from dlbench.values.recipe import DEFAULTS, Recipe, Schedule, flatten
from dlbench.values.text import listed
from dlbench.values.window import total_steps

IN_FILES = ("data.", "model.", "regularization.l1", "regularization.l2", "code")
"""Beginnings of fields that the model's and the data's files hold; of code, what builds the network and gives the data: what else it does
stands in other fields."""
IN_SCRIPT = (
    "regularization.weight_decay", "regularization.label_smoothing", "training.optimizer", "training.batch_size", "training.learning_rate",
    "training.clip_norm", "training.xla", "training.schedule.", "training.early_stopping.", "budget.", "augmentation.crop_px",
    "augmentation.flip_")
UNTOUCHED = ("training.loop", "training.devices", "score_over", "target", "redrawn", "measure", "metrics", "transfer.fits")
"""Fields that change how a run is carried out or measured, and not what is trained."""

OPTIMIZERS = {
    "sgd": "SGD(LEARNING_RATE{})", "momentum": "SGD(LEARNING_RATE, momentum=0.9{})",
    "nesterov": "SGD(LEARNING_RATE, momentum=0.9, nesterov=True{})", "rmsprop": "RMSprop(LEARNING_RATE{})", "adam": "Adam(LEARNING_RATE{})",
    "lion": "Lion(LEARNING_RATE{})"}
SCALED = "np.asarray(x, np.float32) * np.float32(SCALE) + np.float32(OFFSET)"
SEVERAL_SCALED = "{name: np.asarray(x[name], np.float32) * np.float32(SCALE[name]) + np.float32(OFFSET[name]) for name in SCALE}"
COSINE = "FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * {})) / 2"
FACTORS = {
    "step": "FACTOR ** (step // STEPS_PER_EPOCH // EVERY_EPOCHS)", "exponential": "FACTOR ** t", "cosine": COSINE.format("t"),
    "warmup_cosine": f"t / WARMUP if t < WARMUP else {COSINE.format('(t - WARMUP) / (1 - WARMUP)')}",
    "one_cycle": "FLOOR + (1 - FLOOR) * min(t / max(WARMUP, 1e-12), (1 - t) / (1 - WARMUP))"}
"""Kind of schedule -> the factor on the learning rate, as :func:`dlbench.techniques.schedules.factors` has it."""


def demand_plain(recipe: Recipe) -> None:
    """Refuse a recipe of which the script would say something else than what its runs did.

    Raises:
        InputError: naming the fields.

    Example:
        >>> from dlbench.values.recipe import edit
        >>> demand_plain(edit(Recipe(), augmentation__mixup=0.2))
        Traceback (most recent call last):
        dlbench.values.errors.InputError: no plain Keras script is written for augmentation.mixup = 0.2; `dlbench run` trains it
    """
    known, values = (*IN_FILES, *IN_SCRIPT, *UNTOUCHED), flatten(recipe)
    other = [path for path, value in values.items() if value != DEFAULTS[path] and not path.startswith(known)]
    other += [path for path, only in (("model.precision", "float32"), ("regularization.l1_form", "subgradient")) if values[path] != only]
    other += ["training.optimizer"] * (recipe.training.optimizer == OF_MODEL)
    other += ["data.weight"] * (recipe.data.weight is not None)
    other += ["budget.unit"] * (recipe.budget.unit == "seconds")
    if other:
        told = listed([f"{path} = {values[path]}" for path in other], most=6)
        raise InputError(f"no plain Keras script is written for {told}; `dlbench run` trains it")


def script(recipe: Recipe, seed: int, units: int, data: Resident) -> str:
    """Write the script.

    Args:
        recipe, seed: the run; :func:`demand_plain` has accepted it.
        units: of the network's output.
        data: of the run.
    """
    training, per_epoch = recipe.training, math.ceil(len(data.positions) / recipe.training.batch_size)
    steps = total_steps(recipe.budget, len(data.positions), training.batch_size) or 0
    augmented = bool(recipe.augmentation.crop_px or recipe.augmentation.flip_horizontal or recipe.augmentation.flip_vertical)
    stepped = training.schedule.kind in FACTORS or steps % per_epoch != 0
    parts = [
        _head(recipe, seed, data, steps, per_epoch),
        *([_batches(recipe, data)] if augmented else []),
        *(["\n".join(_steps(training.schedule))] if stepped else []),
        "\n".join(_training(recipe, units, data, augmented, stepped))]
    return "\n\n\n".join(parts) + "\n"


def _head(recipe: Recipe, seed: int, data: Resident, steps: int, per_epoch: int) -> str:
    schedule = recipe.training.schedule
    constants: dict[str, object] = {
        "SEED": seed, "BATCH_SIZE": recipe.training.batch_size, "LEARNING_RATE": recipe.training.learning_rate, "STEPS": steps,
        "STEPS_PER_EPOCH": per_epoch, "SCALE": _by_channel(data.inputs.scale.numpy(), data),
        "OFFSET": _by_channel(data.inputs.offset.numpy(), data)}
    constants |= dict(zip(("CENTRE", "SPREAD"), data.scaling)) if data.scaling != (0.0, 1.0) else {}
    used = FACTORS.get(schedule.kind, "")
    constants |= {name: value for name, value in {"FACTOR": schedule.factor, "EVERY_EPOCHS": schedule.every_epochs,
                                                  "WARMUP": schedule.warmup, "FLOOR": schedule.floor}.items() if name in used}
    lines = [f"{name} = {pformat(value, width=120, compact=True)}" for name, value in constants.items()]
    return f'''"""Trains model.keras on data.npz with Keras alone, as dlbench trained it: same initial weights, other order of examples."""

import math
from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent
{chr(10).join(lines)}


def scaled(x):
    """Raw values as the network takes them."""
    return {SEVERAL_SCALED if isinstance(data.shape, Packed) else SCALED}'''


def _by_channel(values: np.ndarray, data: Resident) -> Any:
    """Return the numbers of each channel or column; of several inputs by their names."""
    if not isinstance(data.shape, Packed):
        return values.tolist()
    return {name: part[0].reshape(-1, part.shape[-1])[0].tolist() for name, part in taken_apart(values[None], data.shape).items()}


def _batches(recipe: Recipe, data: Resident) -> str:
    pad, (height, width) = recipe.augmentation.crop_px, data.shape[:2]
    pad = default_crop_px((height, width, data.shape[2])) if isinstance(pad, str) else pad
    crop = f'''
        padded = np.pad(x, ((0, 0), ({pad}, {pad}), ({pad}, {pad}), (0, 0)))
        corners = self.random.integers(0, {2 * pad + 1}, (len(x), 2))
        x = np.stack([image[row : row + {height}, column : column + {width}] for image, (row, column) in zip(padded, corners)])'''
    flips = "".join(f'''
        flipped = self.random.random(len(x)) < {share}
        x[flipped] = x[flipped{axis}]''' for share, axis in (
            (recipe.augmentation.flip_horizontal, ", :, ::-1"), (recipe.augmentation.flip_vertical, ", ::-1")) if share)
    return f'''class Augmented(keras.utils.PyDataset):
    """Batches of training examples in a new order each epoch, each augmented anew."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y, self.random = x, y, np.random.default_rng(SEED)
        self.on_epoch_end()

    def __len__(self):
        return STEPS_PER_EPOCH

    def on_epoch_end(self):
        self.order = self.random.permutation(len(self.x))

    def __getitem__(self, batch):
        rows = self.order[batch * BATCH_SIZE : (batch + 1) * BATCH_SIZE]
        x = self.x[rows]{crop if pad else ""}{flips}
        return scaled(x), self.y[rows]'''


def _steps(schedule: Schedule) -> Iterator[str]:
    yield '''class Steps(keras.callbacks.Callback):
    """Sets the learning rate of each step, and ends training after the last one."""
'''
    if schedule.kind in FACTORS:
        yield f'''    def on_train_batch_begin(self, batch, logs=None):
        step = int(self.model.optimizer.iterations)
        t = step / STEPS
        self.model.optimizer.learning_rate = LEARNING_RATE * ({FACTORS[schedule.kind]})
'''
    yield '''    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations) >= STEPS:
            self.model.stop_training = True'''


def _training(recipe: Recipe, units: int, data: Resident, augmented: bool, stepped: bool) -> Iterator[str]:
    training, terms = recipe.training, recipe.regularization
    plain = answering(recipe.data).plain(units, data.classes, terms.label_smoothing)
    (counted, metric), (watched, of_loss) = plain.counted, plain.watched
    yield '''keras.utils.set_random_seed(SEED)
data = np.load(HERE / "data.npz")'''
    for part in ("train", "validation", "test"):
        targets = plain.targets.format(known=f'data["y_{part}"]')
        of_inputs = f'{{name: data[f"x_{part}_{{name}}"] for name in SCALE}}'
        examples = of_inputs if isinstance(data.shape, Packed) else f'data["x_{part}"]'
        yield f"x_{part}, y_{part} = {examples}, {targets}"
    yield f'''model = keras.models.load_model(HERE / "model.keras")
optimizer = keras.optimizers.{OPTIMIZERS[training.optimizer].format(_options(recipe))}'''
    if terms.weight_decay:
        yield 'optimizer.exclude_from_weight_decay([w for w in model.trainable_variables if not w.name.endswith("kernel")])'
    compiled = ", jit_compile=True" if training.xla else ""
    yield f'''model.compile(optimizer, {plain.loss},
              metrics=[{metric}, {of_loss}]{compiled})'''
    first = "Augmented(x_train, y_train)" if augmented else "scaled(x_train), y_train, batch_size=BATCH_SIZE"
    callbacks = ", ".join([*(["Steps()"] if stepped else []), *_callbacks(recipe, watched)])
    beside = "validation_data=(scaled(x_validation), y_validation), " * bool(len(data.validation[1]))
    yield f'''history = model.fit({first}, epochs=math.ceil(STEPS / STEPS_PER_EPOCH), verbose=2,
                    {beside}callbacks=[{callbacks}]).history
_, {counted}, {watched} = model.evaluate(scaled(x_test), y_test, batch_size=500, verbose=0)
print(f"test {counted.replace("_", " ")} {{{counted}{plain.unit}:.4f}}, test loss {{{watched}:.4f}}")
model.save(HERE / "trained.keras")'''


def _options(recipe: Recipe) -> str:
    given = {"global_clipnorm": recipe.training.clip_norm, "weight_decay": recipe.regularization.weight_decay or None}
    return "".join(f", {name}={value}" for name, value in given.items() if value is not None)


def _callbacks(recipe: Recipe, loss: str) -> Iterator[str]:
    schedule, stopping = recipe.training.schedule, recipe.training.early_stopping
    watched = f'"val_{loss}", mode="min"'
    if schedule.kind == "plateau":
        yield (f"keras.callbacks.ReduceLROnPlateau({watched}, factor={schedule.factor}, patience={schedule.patience_epochs}, "
               f"min_delta={schedule.min_delta}, min_lr={schedule.floor} * LEARNING_RATE)")
    if stopping.patience_epochs:
        yield (f"keras.callbacks.EarlyStopping({watched}, patience={stopping.patience_epochs}, min_delta={stopping.min_delta}, "
               f"restore_best_weights={stopping.restore_best})")
