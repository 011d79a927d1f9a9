"""What a user's model was compiled with, for studies with ``loss = "model"``: its loss, its metrics and its optimizer."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Labels
from dlbench.engines.keras.network.originals import units
from dlbench.engines.keras.network.outputs import activation, called, examples, probabilities
from dlbench.engines.keras.network.own_demands import chosen_form, demand_compiled, demand_optimizer, own_steps, refusal
from dlbench.engines.keras.tasks import answering
from dlbench.engines.keras.tracing import traced
from dlbench.engines.protocol import one_line
from dlbench.tasks import task
from dlbench.values.augmentation import is_mixing
from dlbench.values.own_compile import CLASS_NUMBERS, OF_MODEL, ONE_HOT
from dlbench.values.recipe import Recipe
from dlbench.values.text import listed

OWN_LOSS = "own_loss"
"""Name of the score that is the model's own loss."""
FORMS = {CLASS_NUMBERS: ", of class numbers", ONE_HOT: ", of a column a class"}
TRIED = 4
"""Examples that loss and metrics are tried on."""


def own_compile(recipe: Recipe, model: keras.Model, shape: tuple[int, ...], classes: int) -> OwnCompile | None:
    """Read what a model was compiled with; None where the recipe leaves loss and optimizer to the study.

    Raises:
        InputError: it was not compiled, or not so that its loss or optimizer can be used.
    """
    training = recipe.training
    if (own := own_steps(model)) and training.loop == "keras" and training.loss != OF_MODEL:
        raise refusal(recipe.model.name, f"it has {' and '.join(own)} of its own, which Keras' fit calls with what it was compiled with",
                      'loss = "model", or loop = "compiled", which does not call it')
    return OwnCompile(recipe, model, shape, classes) if OF_MODEL in (training.loss, training.optimizer) else None


class OwnCompile:
    """What a model was compiled with.

    Args:
        recipe: with the loss or the optimizer of the model.
        model: as its function returned it.
        shape: of an example.
        classes: of the output.

    Attributes:
        trained: whether the model's own loss is trained.
        steps: methods of training that are called in place of Keras' own.
        form: what the loss is given of classes, one of :data:`FORMS`; empty where the task leaves no choice.

    Raises:
        InputError: it was not compiled, or not so that it can be used.
    """

    def __init__(self, recipe: Recipe, model: keras.Model, shape: tuple[int, ...], classes: int) -> None:
        self.name, self.classes, self.answering, self.task = recipe.model.name, classes, answering(recipe.data), task(recipe.data.task)
        self.trained = recipe.training.loss == OF_MODEL
        self.steps = own_steps(model) if self.trained else []
        demand_compiled(recipe, model, self.steps)
        self._loss, self._metrics, self._optimizer = model._compile_loss, model._compile_metrics, model.optimizer
        if recipe.training.optimizer == OF_MODEL:
            demand_optimizer(recipe, self._optimizer)
        outputs, squash = called(model, examples(model, shape), training=False), self.answering.SQUASH
        self.units = units(self.name, outputs.shape, classes, squash)
        self._activation = activation(squash, self.units) if squash and probabilities(outputs, squash) else None
        self.form = self._form(recipe, outputs) if self.trained and self.task.classes and self.units > 1 else ""
        if self.form == CLASS_NUMBERS and is_mixing(recipe.augmentation):
            raise refusal(self.name, f"{self._what()} takes class numbers, and mixed labels are shares of two classes",
                          "a loss that takes a column a class, or no mixup and cutmix")

    def _form(self, recipe: Recipe, outputs: np.ndarray) -> str:
        outputs = outputs[: len(outputs) - (len(outputs) == self.classes)]  # a row of numbers must not pass for a column a class
        labels = tf.constant(np.arange(len(outputs)) % self.classes, tf.int64)

        def takes(form: str) -> bool:
            if self.steps:
                return True
            towards = labels if form == CLASS_NUMBERS else tf.one_hot(labels, self.classes)
            try:
                return np.asarray(self._loss(towards, tf.constant(outputs))).shape == ()
            except Exception:  # the user's code, which the other form may suit
                return False

        return chosen_form(recipe, self._what(), None if self._loss is None else self._loss._user_loss, self.classes, takes)

    def _what(self) -> str:
        """Name what trains, for messages: the loss as the model's code names it, or the methods of the model."""
        if self.steps:
            return f"its own {' and '.join(self.steps)}"
        own = self._loss._user_loss
        name = own if isinstance(own, str) else getattr(own, "__qualname__", type(own).__name__)
        return f"its loss {name.replace('.<locals>', '')}"

    @property
    def learning_rate(self) -> float:
        """The learning rate of the optimizer, as it was written."""
        return float(str(np.float32(self._optimizer.get_config()["learning_rate"])))

    def optimizer(self) -> keras.optimizers.Optimizer:
        """Make an optimizer like the model's, without its state."""
        return type(self._optimizer).from_config(self._optimizer.get_config())

    def outputs(self, logits: tf.Tensor) -> tf.Tensor:
        """Return what the model itself returns, float32 [b, units]: the probabilities of logits, where it ends in probabilities."""
        logits = tf.cast(logits, tf.float32)
        return logits if self._activation is None else self._activation(logits)

    def targets(self, targets: tf.Tensor) -> tf.Tensor:
        """Return targets as the loss takes them: class numbers [b], or [b, units]."""
        return targets if self.form == CLASS_NUMBERS else self.answering.keras_targets(targets, self.units, self.classes)

    def loss(self, targets: tf.Tensor, logits: tf.Tensor, weights: tf.Tensor | None = None) -> tf.Tensor:
        """Return the model's loss of a batch as Keras computes it, with its reduction and its weight, float32.

        Args:
            targets: as the loss takes them.
            logits: [b, units].
            weights: of the examples, [b]; None where all weigh the same.
        """
        return self._loss(targets, self.outputs(logits), weights)

    def losses(self, logits: tf.Tensor, labels: Labels) -> tf.Tensor:
        """Return the loss of a batch for each of its examples, float32 [b]: a loss need not be a mean over examples."""
        targets, weights = labels.blended(self.targets)
        return tf.fill(tf.shape(logits)[:1], self.loss(targets, logits, weights))

    def scores(self, split: str, targets: tf.Tensor, logits: np.ndarray) -> dict[str, float | None]:
        """Compute the model's loss and metrics on a part of the data; None where a score is not a finite number.

        A metric of the task's own name, such as ``accuracy``, is left to the task; one of several numbers has each place after its name.
        """
        if not self.trained:
            return {}
        towards, outputs = self.targets(targets), tf.constant(logits)
        found: dict[str, Any] = {} if self.steps else {OWN_LOSS: self.loss(towards, outputs)}
        if self._metrics is not None:
            self._metrics.reset_state()
            self._metrics.update_state(towards, self.outputs(outputs))
            found |= self._metrics.result()
        taken = {known.name for known in self.task.scored}
        flat = {f"{split}_{name}{place}": float(value) for name, values in found.items() for place, value in _numbered(np.asarray(values))}
        return {name: value if math.isfinite(value) else None for name, value in flat.items() if name not in taken}

    def score_names(self) -> tuple[str, ...]:
        """Name the scores of the test part."""
        return tuple(self.scores("test", *self._examples()))

    def notes(self, recipe: Recipe) -> list[str]:
        """Say for the plan what of the model's compile is used, and what is not."""
        used, unused, kind = list[str](), list[str](), type(self._optimizer).__name__
        if self.trained:
            scaled = "" if self.answering.SQUASH else ", of targets in standard deviations from their mean"
            names = [name for name in self.score_names() if name != f"test_{OWN_LOSS}"]
            used += [f"{self._what()}{FORMS.get(self.form, scaled)}", *([f"its metrics (scores {listed(names)})"] if names else [])]
        else:
            unused.append('its loss and metrics (without loss = "model")')
        if recipe.training.optimizer == OF_MODEL:
            used.append(f"its optimizer {kind}, whose learning rate is {self.learning_rate:g}")
        else:
            unused.append(f"its optimizer {kind} (the study's is {recipe.training.optimizer})")
        return [f"model {self.name}: of what it was compiled with, the study takes {'; '.join(used)}",
                *([f"model {self.name}: of what it was compiled with, the study does not take {'; '.join(unused)}"] if unused else [])]

    def tried(self) -> None:
        """Try loss and metrics once, and trace the loss.

        Raises:
            InputError: one fails, cannot be compiled, or keeps something from one call to the next.
        """
        if not self.trained:
            return
        known, logits = self._examples()
        try:
            self.scores("test", known, logits)
        except Exception as error:  # the user's code
            raise refusal(self.name, f"{self._what()} or one of its metrics fails on a batch: {one_line(error)}",
                          "functions of (y_true, y_pred)") from error
        if self.steps:
            return
        specs = [tf.TensorSpec([None, *part.shape[1:]], part.dtype) for part in (self.targets(known), logits)]
        try:
            variables = traced(self.loss, *specs).graph.variables
        except Exception as error:  # the user's code
            raise refusal(self.name, f"{self._what()} cannot be compiled: {one_line(error)}",
                          "one made of keras.ops or of TensorFlow's functions") from error
        if variables:
            names = listed([variable.name.partition(":")[0] for variable in variables], most=3)
            raise refusal(self.name, f"{self._what()} keeps variables ({names}), so that a run would depend on those before it",
                          'a function of targets and outputs alone, or a train_step of the model with loop = "keras"')

    def _examples(self) -> tuple[tf.Tensor, np.ndarray]:
        """Return a few targets and logits."""
        shape = self.task.shape(self.classes)
        targets = np.arange(TRIED * math.prod(shape)).reshape(TRIED, *shape) % (2 if shape else min(max(self.classes, 2), TRIED))
        drawn = np.random.default_rng(0).normal(size=(TRIED, self.units))
        return tf.constant(targets, self.answering.TARGETS), drawn.astype(np.float32)


def _numbered(values: np.ndarray) -> list[tuple[str, Any]]:
    """Return the numbers of a metric, each with what follows its name: nothing for a single one."""
    return [("", values.item())] if values.size == 1 else [(f"_{place}", value) for place, value in enumerate(values.ravel())]
