"""Traces one program for all runs of one structure: a ``tf.function`` that trains whole epochs.

Numbers in which such runs differ (seed, rates, λ, learning rate, schedule, augmentation strength, batch size) are tensors and variables;
weights, optimizer state and streams are reset between runs.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.ahead import FEWEST_VALUES, fused_pass
from dlbench.engines.keras.data.batches import Epoch, Inputs, batch, specs
from dlbench.engines.keras.data.ondisk import Images, OnDisk, whole_batches
from dlbench.engines.keras.loop.devices import devices
from dlbench.engines.keras.loop.step import SUMS, Step
from dlbench.engines.keras.network.hooks import acting
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.pretrained import input_kind
from dlbench.engines.keras.network.sampling import demanded_dropouts, drawing_from, kept_on
from dlbench.engines.keras.network.sizes import any_size, macs_at
from dlbench.engines.keras.tasks import answering
from dlbench.engines.keras.tracing import global_draws, traced
from dlbench.kernels.resize import resized
from dlbench.kernels.views import seen
from dlbench.tasks import task
from dlbench.techniques.preprocessing import ARTICLE
from dlbench.techniques.transfer_learning import teaching
from dlbench.values.recipe import Recipe, flatten
from dlbench.values.record import Unproven
from dlbench.values.scoring import Scoring, forward_passes, of_one, views

EVALUATION_BATCH = 500


@dataclass(frozen=True)
class Tally:
    """Sums over a stretch of training: loss of examples, what the task counts of them (right answers), steps with a clipped gradient, and
    gradient norms by layer.
    """

    loss: float
    correct: float
    clipped: float
    norms: tuple[float, ...] = ()


@dataclass(frozen=True)
class Member:
    """A trained network of an ensemble: its weights, and the streams that it draws from where it is scored."""

    weights: list[np.ndarray]
    streams: tuple[int, tuple[str, ...]]


class Program:
    """A network, its optimizer, and the traced functions that train and score it.

    Attributes:
        scoring: what its network's predictions are averaged over.
        head: the program of the network's head alone, once a run has needed it; see :mod:`dlbench.engines.keras.loop.frozen`.

    Args:
        recipe: decides the structure.
        shape: of an input image.
        classes: of the output.
    """

    def __init__(self, recipe: Recipe, shape: tuple[int, int, int], classes: int) -> None:
        self.devices, self.task, lesson = devices(recipe.training.devices), answering(recipe.data), teaching(recipe)
        self.targets, self.scoring = task(recipe.data.task).shape(classes), of_one(recipe.scoring)
        with self.devices.scope():
            self.network = Network(recipe, shape, classes)
            self.network.penalise(recipe)
            self.teacher = Network(lesson, shape, classes) if lesson is not None else None
            self.step = Step(recipe, self.network, self.teacher, self.devices)
        self.model = self.network.model
        self.devices.adapt(self.model)
        self._dropouts = demanded_dropouts(recipe.model.name, self.model) if recipe.scoring.passes else []
        self.acting, kind = acting(recipe, shape), input_kind(recipe)
        self.reversed, self._finite = kind == "caffe", kind != ARTICLE
        self._fused, self._in_graph = None, self.acting
        self._step = self.devices.over(tf.function(self.step.__call__, jit_compile=True) if recipe.training.xla else self.step)
        self.head: Program | None = None
        self._otherwise: dict[tuple[Scoring, bool], Program] = {}
        self._train: Any = None
        self._accepted: tuple[Any, ...] = ()
        self._resized: dict[tuple[int, int], Any] = {}
        self._macs: dict[tuple[int, int], int] = {}
        self._score: Any = None

    @property
    def traced(self) -> bool:
        """Whether training and scoring have been traced."""
        return self._score is not None

    def trace(self, x: Images) -> None:
        """Trace training and scoring for images of ``x``'s shape and type, and any number of them."""
        if self._finite and math.prod(x.shape[1:]) >= FEWEST_VALUES:
            self._fused, self._in_graph = fused_pass(self.acting, x.shape[1:], x.dtype)
        data, inputs = self._specs(x, None if self._fused is None else tf.float32)
        rows, size, rates = tf.TensorSpec([2, None], tf.int32), tf.TensorSpec([], tf.int32), tf.TensorSpec([None])
        self._accepted = *data, inputs, rows, rates, specs(), size
        self._train = traced(self._epochs_at(None), *self._accepted)
        self._resized = {}
        self.trace_score(x)

    def trace_score(self, x: Images) -> None:
        """Trace scoring alone."""
        data, inputs = self._specs(x)
        self._score = traced(self._score_in_graph, *data, inputs[:2])

    def scored_by(self, recipe: Recipe, x: Images) -> Program:
        """Return this program, or one of the same network that scores as a recipe that is trained alike: it averages predictions as the
        recipe does, and weights only where the recipe does. It is traced for images like ``x``."""
        scoring, averaging = key = of_one(recipe.scoring), bool(recipe.training.averaging)
        if key == (self.scoring, self.step.averages is not None):
            return self
        if key not in self._otherwise:
            self._otherwise[key] = program = copy.copy(self)
            program.step = self.step if averaging else self.step.without_averages()
            if scoring != self.scoring:
                program.scoring = scoring
                program._dropouts = demanded_dropouts(recipe.model.name, self.model) if scoring.passes else []
                program.trace_score(x)
        return self._otherwise[key]

    def macs_at(self, size: tuple[int, int] | None) -> int:
        """Return the multiply-accumulates of a forward pass over an image of this size; None: of its own."""
        if size is None:
            return self.network.macs
        if size not in self._macs:
            self._macs[size] = macs_at(self.network, size)
        return self._macs[size]

    def networks(self) -> Iterator[Network]:
        """Yield the network."""
        yield self.network

    def member(self) -> Member:
        """Return the network as it is now, as a member of an ensemble."""
        return Member(self.model.get_weights(), self.network.streams)

    def become(self, member: Member) -> None:
        """Give the network the weights and streams of a member."""
        self.model.set_weights(member.weights)
        self.network.streams = member.streams

    def reset(self, recipe: Recipe, seed: int) -> None:
        """Set the numbers, initial weights, optimizer state and streams of a run."""
        self.network.set_numbers(flatten(recipe))
        self.network.initialise(seed, recipe.redrawn)
        self.step.reset(seed, recipe.redrawn)

    def state(self) -> list[np.ndarray] | None:
        """Return the values of all that a training step reads or writes: weights, optimizer state, streams and counters; None where it has
        a resource that is no variable."""
        variables = self._variables()
        if any(variable is None for variable in variables):
            return None
        with self.step.trained():
            return [variable.numpy() for variable in variables]

    def restore(self, state: list[np.ndarray]) -> None:
        """Go back to a state that :meth:`state` returned."""
        for variable, value in zip(self._variables(), state, strict=True):
            variable.assign(value)

    def _variables(self) -> list[Any]:
        """The variable of each resource that the traced training takes, whether it reads it or an operation changes it by its handle."""
        known = {id(variable.handle): variable for variable in (*self._train.variables, *self.step.rule_variables())}
        return [known.get(id(taken)) for taken in self._train.captured_inputs if taken.dtype == tf.resource]

    def train(self, x: Images, y: tf.Tensor, inputs: Inputs, epoch: Epoch, batch_size: int) -> Tally:
        """Train over ``epoch.order``, one step a learning rate.

        Args:
            x: [n, H, W, C] raw training images, on the device or on disk; the result is the same to the bit.
            y: targets, [n] or [n, labels].
            inputs: how values are scaled.
            epoch: order, learning rates and augmentation.
            batch_size: examples a step; the last may have fewer.
        """
        if self._fused is None and not isinstance(x, OnDisk):
            sums = self._stretch(x, y, inputs, epoch, batch_size)
        else:
            sums = np.concatenate(list(self._streamed(x, y, inputs, epoch, batch_size)))
        loss, correct, clipped, *norms = sums.sum(axis=0, dtype=np.float64).tolist()
        return Tally(loss, correct, clipped, tuple(norms))

    def _streamed(self, x: Images, y, inputs: Inputs, epoch: Epoch, batch_size: int) -> Iterator[np.ndarray]:
        """Train over an epoch in stretches of whole batches, which bound how many images are read or augmented at once."""
        size = whole_batches(math.prod(x.shape[1:]) * (x.dtype if self._fused is None else tf.float32).size, batch_size)
        spans = [slice(first, first + size) for first in range(0, len(epoch.order), size)]
        rows, values = [epoch.consumed(span) for span in spans], tuple(inputs.span.numpy().tolist())
        stretches = x.stream(rows) if isinstance(x, OnDisk) else (np.asarray(x)[consumed] for consumed in rows)
        for span, consumed, raw in zip(spans, rows, stretches):
            part = epoch.part(span, batch_size)
            images = raw if self._fused is None else tf.constant(self._fused(np.asarray(raw), part, values, batch_size))
            yield self._stretch(images, tf.gather(y, consumed), inputs, part, batch_size)

    def _stretch(self, x, y, inputs: Inputs, epoch: Epoch, batch_size: int) -> np.ndarray:
        rows, rates = tf.constant(epoch.rows), tf.constant(epoch.rates, tf.float32)
        scaling = (inputs.scale, inputs.offset, inputs.span)
        return self._trained_on(epoch.size)(x, y, scaling, rows, rates, epoch.drawn(), tf.constant(batch_size)).numpy()

    def _trained_on(self, size: tuple[int, int] | None) -> Any:
        """Return the traced function that trains on images of this size, None being their own; trace it where it is missing."""
        if size is None:
            return self._train
        if size not in self._resized:
            with any_size(self.model):
                self._resized[size] = traced(self._epochs_at(size), *self._accepted)
        return self._resized[size]

    def _epochs_at(self, size: tuple[int, int] | None) -> Callable[..., tf.Tensor]:
        """Return what trains over a stretch of an epoch on images of this size, None being their own."""
        def train(x, y, inputs, rows, rates, drawn, batch_size):  # noqa: PLR0913  (each is an input of the traced program)
            return self._epoch(x, y, inputs, rows, rates, drawn, batch_size, size)

        return train

    def evaluate(self, x: Images, y: tf.Tensor, inputs: Inputs) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the mean loss in nats (no penalty, no smoothing), the answers, of the targets' shape, and the outputs, float32 [n, K]."""
        parts = [(slice(None), x)]
        if isinstance(x, OnDisk):
            spans = x.spans(x.whole_batches(EVALUATION_BATCH))
            parts = zip(spans, x.stream(spans))
        with drawing_from(self._dropouts, self.network.scoring_seed):
            scored = [self._score(images, y[span], (inputs.scale, inputs.offset)) for span, images in parts]
        losses, answers, outputs = (np.concatenate([part.numpy() for part in parts]) for parts in zip(*scored))
        return float(losses.mean(dtype=np.float64)), answers, outputs

    def _epoch(self, x, y, inputs, rows, rates, drawn, batch_size, size):  # noqa: PLR0913  (inputs of the traced program; size)
        steps = tf.size(rates)
        kept = tf.TensorArray(tf.float32, steps, element_shape=[SUMS + len(self.step.measured)])

        def body(step, kept):
            mine = rows[:, step * batch_size : (step + 1) * batch_size]
            images, labels = batch(self._in_graph, (x, y), inputs, mine, drawn)
            images = images if size is None else resized(images, size)
            return step + 1, kept.write(step, self._step(self._ordered(images), labels, rates[step]))

        _, kept = tf.while_loop(lambda step, _: step < steps, body, (tf.constant(0), kept), parallel_iterations=1)
        return kept.stack()

    def _ordered(self, images):
        """Put channels into the order with which the network's base was trained."""
        return images[..., ::-1] if self.reversed else images

    def _score_in_graph(self, x, y, inputs):
        chunks = tf.cast(tf.math.ceil(tf.shape(x)[0] / EVALUATION_BATCH), tf.int32)
        kept = ((tf.float32, [None]), (self.task.ANSWERS, [None, *self.targets]), (tf.float32, [None, self.network.units]))
        start = [tf.TensorArray(kind, chunks, infer_shape=False, element_shape=shape) for kind, shape in kept]

        def body(chunk, losses, answers, kept):
            span = slice(chunk * EVALUATION_BATCH, (chunk + 1) * EVALUATION_BATCH)
            outputs = self._outputs(self._ordered(tf.cast(x[span], tf.float32) * inputs[0] + inputs[1]))
            losses = losses.write(chunk, self.task.losses(outputs, y[span]))
            return chunk + 1, losses, answers.write(chunk, self.task.answers(outputs)), kept.write(chunk, outputs)

        def more(chunk, *_):
            return chunk < chunks

        _, *kept = tf.while_loop(more, body, (tf.constant(0), *start), parallel_iterations=1)
        return [part.concat() for part in kept]

    def _outputs(self, images):
        """Return what the network says of scaled images, or the mean of what it says in several passes over them, float32 [b, K]."""
        with kept_on(self._dropouts):
            if (count := forward_passes(self.scoring)) == 1:
                return self.model(images, training=False)
            each, passes = self._seen(images), max(self.scoring.passes, 1)
            answers = tf.map_fn(lambda place: self.model(each[place // passes], training=False), tf.range(count), parallel_iterations=1,
                                fn_output_signature=tf.TensorSpec([None, self.network.units]))
        return self.task.averaged(answers)

    def _seen(self, images):
        """Return the views of scaled images, [views, b, ...]."""
        if len(by := views(self.scoring)) == 1:
            return images[None]
        if self.acting.place is None:
            return seen(images, by)
        return tf.stack([self.acting.on_packed(images, lambda image, view=view: seen(image, [view])[0]) for view in by])

    def _specs(self, x: Images, dtype: tf.DType | None = None) -> tuple[tuple, tuple]:
        """Return the specs of (images, targets) and of (scale, offset, span); ``dtype`` overrides that of the images."""
        data = tf.TensorSpec([None, *x.shape[1:]], dtype or x.dtype), tf.TensorSpec([None, *self.targets], self.task.TARGETS)
        return data, (tf.TensorSpec([x.shape[-1]]), tf.TensorSpec([x.shape[-1]]), tf.TensorSpec([2]))

    def global_draws(self) -> tuple[str, ...] | Unproven:
        """Name the operations of the traced training step that draw from a generator which no stream controls."""
        return global_draws(self._train.graph)
