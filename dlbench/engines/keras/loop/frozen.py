"""Trains the head of a network on the outputs of its frozen base, which are computed once for all epochs, seeds and arms.

That is done where it changes no bit: a step and an evaluation of the head alone are compared with those of the whole network, once for each
structure and kind of processor.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf

from dlbench.datasets.derived import FEATURES, Wanted, derived
from dlbench.engines.keras.data.batches import Acting, Epoch, Inputs
from dlbench.engines.keras.data.ondisk import OnDisk
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.program import EVALUATION_BATCH, Program
from dlbench.engines.keras.loop.train import draw
from dlbench.engines.keras.network.network import Network
from dlbench.values.augmentation import Augmentation, parts
from dlbench.values.files import remembered
from dlbench.values.identity import structure
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.processor import processor
from dlbench.values.recipe import Data, Recipe
from dlbench.values.scoring import Scoring

BATCH = 64
"""Examples that the base computes at once."""
SMALL = 8
"""Examples of each part whose evaluation is compared, and the largest last batch of an evaluation that is compared too: kernels differ for
very few examples at a time."""
PARTS = ("train", "validation", "test")
ALIKE = ("convolutional", "normalization", "pooling", "activations", "merging", "reshaping", "regularization", "preprocessing")
"""Kinds of Keras' layers that give an example the same bits in a batch of any size above one, with AVX2 and with AVX-512. A product of
matrices does not: with AVX2, an example's bits depend on its place in the batch."""


@dataclass(frozen=True)
class Cut:
    """A network in two: ``base`` gives the features of images, ``head`` the logits of features. Both are made of its own layers."""

    base: keras.Model
    head: keras.Model


def shareable(recipe: Recipe) -> bool:
    """Return whether a recipe trains on images that its frozen base always sees alike, by the plain step.

    Example:
        >>> from dlbench.values.recipe import Transfer, edit
        >>> frozen = edit(Recipe(), transfer=Transfer("frozen"))
        >>> shareable(frozen), shareable(edit(frozen, augmentation__flip_horizontal=0.5)), shareable(Recipe())
        (True, False, False)
    """
    training = recipe.training
    plain = training.loop == "compiled" and training.devices == 1 and not training.xla and recipe.model.precision == "float32"
    whole = recipe.compression.sparsity or recipe.compression.bits or recipe.distillation.temperature or recipe.scoring != Scoring()
    seen_alike = recipe.augmentation == Augmentation() and not any(parts(recipe.augmentation).values()) and not recipe.hooks.images
    own = OF_MODEL in (training.loss, training.optimizer)
    return recipe.transfer.mode == "frozen" and plain and not whole and seen_alike and not own and not training.resizing.start


def cut(network: Network) -> Cut | None:
    """Cut a network behind its frozen base; None where that is not possible, gives other trainable weights, or leaves a base that draws or
    whose bits may depend on the size of a batch."""
    model = network.model
    if not network.base or getattr(model, "operations", None) is None or len(model.inputs) > 1:
        return None
    hidden = (layer for layer in model.layers if layer.name not in network.base and not isinstance(layer, keras.layers.InputLayer))
    first = next(hidden, None)
    if first is None or not isinstance(first.input, keras.KerasTensor):
        return None
    try:
        base, head = keras.Model(model.inputs[0], first.input), keras.Model(first.input, model.output)
    except ValueError:  # the head reads from more than one place of the base
        return None
    same = [id(weight) for weight in head.trainable_variables] == [id(weight) for weight in model.trainable_variables]
    drawing = any(layer._seed_generators for layer in base._flatten_layers(include_self=False))
    shaped = first.input.dtype == "float32" and None not in first.input.shape[1:]
    fits = same and shaped and not drawing and not base.trainable_variables and all(map(_rounds_alike, base.operations))
    return Cut(base, head) if fits else None


def features_size(recipe: Recipe, network: Network, examples: Sequence[int]) -> int:
    """Return how many bytes the features of so many examples take; 0 where a recipe's runs do not share them."""
    pieces = cut(network) if shareable(recipe) else None
    return 0 if pieces is None else 4 * sum(examples) * math.prod(pieces.base.output_shape[1:])


def _rounds_alike(operation: keras.Operation) -> bool:
    place = type(operation).__module__.split(".")
    of_keras = place[:3] == ["keras", "src", "layers"] and len(place) > 3 and place[3] in ALIKE
    return isinstance(operation, keras.layers.InputLayer) or (of_keras and not isinstance(operation, keras.layers.Dot))


class Head(Program):
    """The program of a network's head, on features instead of images; it shares all state with the program of the whole network.

    Attributes:
        base: the part below the head.
        features: ``features(images, scale, offset)`` computes what the base makes of raw images.
    """

    def __init__(self, whole: Program, pieces: Cut) -> None:
        vars(self).update(vars(whole))
        self.model, self.step, self.reversed, self._finite, self._fused = pieces.head, copy.copy(whole.step), False, False, None
        self.step.model, self._step = pieces.head, self.step
        self.acting = self._in_graph = Acting(dict.fromkeys(whole.acting.parts, False), weighted=whole.acting.weighted)
        self._train, self._score, self._otherwise = None, None, {}
        self.base, self.features = pieces.base, tf.function(
            lambda x, scale, offset: pieces.base(whole._ordered(tf.cast(x, tf.float32) * scale + offset), training=False),
            autograph=False, reduce_retracing=True)


def wanted(recipe: Recipe, program: Program, data: Resident, base: keras.Model, part: str) -> Wanted:
    """Describe the features of a part of the data."""
    images, inputs = getattr(data, part)[0], data.inputs
    state = hashlib.sha256()
    for layer in base.layers:
        for weight in layer.weights:
            state.update(weight.numpy().tobytes())
    scaling = [value.numpy().tobytes().hex() for value in (inputs.scale, inputs.offset)]
    content = [state.hexdigest(), _settings(base) or repr(recipe.model), recipe.code, scaling,
               program.reversed, data.digests[part], machine()]
    key = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
    return Wanted(key, f"features of {recipe.data.source}", (images.shape[0], *base.output_shape[1:]), "float32")


def _settings(base: keras.Model) -> str | None:
    """Write what the layers of a network compute as text, without the names of inputs, which differ from one build to the next."""
    try:
        config = base.get_config()
    except NotImplementedError:
        return None
    text = json.dumps(config | {"name": ""}, sort_keys=True, default=lambda value: type(value).__name__)
    for number, tensor in enumerate(base.inputs):
        for name in (tensor._keras_history.operation.name, tensor.name):
            text = text.replace(f'"{name}"', f'"input {number}"')
    return text


def machine() -> list[str]:
    """Name what decides the bits of a forward pass beside its inputs: versions, and the processor's instructions."""
    return [tf.__version__, keras.__version__, processor()]


def features(compute: Callable, data: Resident, part: str) -> Callable[[int, int], np.ndarray]:
    """Return what computes the features of some examples of a part, in batches of one size."""
    images, scaling = getattr(data, part)[0], (data.inputs.scale, data.inputs.offset)

    def values(start: int, stop: int) -> np.ndarray:
        first = min(start, max(images.shape[0] - BATCH, 0))  # the last batch is as large as the others, and computes some again
        span = slice(first, first + BATCH)
        batch = tf.constant(images.read(span)) if isinstance(images, OnDisk) else images[span]
        return compute(batch, *scaling).numpy()[start - first : stop - first]

    return values


class Frozen:
    """Gives runs the features of their frozen base, where that changes no bit.

    Args:
        cache_dir: where features are kept.
        limit_bytes: how much they may take; 0: none are kept.
        device_bytes: how large features may be to be kept on the device; larger ones stay on disk.
    """

    def __init__(self, cache_dir: str, limit_bytes: int, device_bytes: int) -> None:
        self.folder, self.limit_bytes, self.device_bytes = Path(cache_dir) / FEATURES, limit_bytes, device_bytes

    def wanted(self, recipe: Recipe) -> bool:
        """Whether a recipe's run may train on features."""
        return self.limit_bytes > 0 and shareable(recipe) and not tf.config.list_logical_devices("GPU")

    def on_features(self, recipe: Recipe, program: Program, data: Resident, ready: Callable[[], None]) -> tuple[Program, Resident]:
        """Return the program and the data that a run trains with: the head's and features, or those that were given.

        Args:
            recipe: of the run.
            program, data: of the whole network; it has the weights of the run's start.
            ready: gives the network these weights again.
        """
        if not self.wanted(recipe) or (head := _head(program)) is None:
            return program, data
        stated = {part: wanted(recipe, program, data, head.base, part) for part in PARTS if len(getattr(data, part)[1])}
        if sum(one.size_bytes for one in stated.values()) > self.limit_bytes:
            return program, data
        arrays = {part: derived(self.folder, one, self.limit_bytes, features(head.features, data, part), BATCH)
                  for part, one in stated.items()}
        if any(array is None for array in arrays.values()):
            return program, data
        reduced = self._reduced(data, arrays)
        if not head.traced:
            head.trace(reduced.train[0])
        same = remembered(self.folder / "proofs" / f"{_proof_key(recipe, data, head.base)}.json",
                          lambda: _equal(recipe, (program, data), (head, reduced), ready))
        ready()
        if not same:
            print(f"'{recipe.model.name}' gives other bits for batches of {recipe.training.batch_size} than for features that are computed "
                  "once: its frozen base is computed in every step", file=sys.stderr, flush=True)
        return (head, reduced) if same else (program, data)

    def _reduced(self, data: Resident, arrays: dict[str, Any]) -> Resident:
        """The data with features in the place of images."""
        on_disk = sum(array.nbytes for array in arrays.values()) > self.device_bytes

        def images(part: str) -> Any:
            if part not in arrays:
                return getattr(data, part)[0]
            return OnDisk(arrays[part], np.arange(len(arrays[part]))) if on_disk else tf.constant(np.asarray(arrays[part]))

        channels = arrays["train"].shape[-1]
        as_they_are = Inputs(tf.ones([channels]), tf.constant(-0.0, shape=[channels]), data.inputs.span)  # 0 + -0.0 is 0, and -0.0 stays
        return replace(data, inputs=as_they_are, **{part: (images(part), getattr(data, part)[1]) for part in PARTS})


def _head(program: Program) -> Head | None:
    """The head's program, made once for each program; None where its network cannot be cut."""
    if program.head is None and (pieces := cut(program.network)) is not None:
        program.head = Head(program, pieces)
    return cast("Head | None", program.head)


def _proof_key(recipe: Recipe, data: Resident, base: keras.Model) -> str:
    """Hash what decides whether the bits are equal: the step's structure, and how many examples are computed at once."""
    batch, examples = recipe.training.batch_size, len(data.positions)
    sizes = [batch, min(examples, batch), examples % batch, *(sorted(_sizes(len(y))) for _, y in data.parts)]
    content = [structure(replace(recipe, data=Data())), _settings(base), sizes, data.shape, data.classes, machine()]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _equal(recipe: Recipe, whole: tuple[Program, Resident], head: tuple[Program, Resident], ready: Callable[[], None]) -> bool:
    """Whether the head gives the bits of the whole network: after steps with batches of both sizes that an epoch has, and in scores."""
    if not whole[0].traced:
        whole[0].trace(whole[1].train[0])
    one, two = (_probed(recipe, *side, ready) for side in (whole, head))
    return len(one) == len(two) and all(np.array_equal(ours, theirs, equal_nan=True) for ours, theirs in zip(one, two))


def _probed(recipe: Recipe, program: Program, data: Resident, ready: Callable[[], None]) -> list[np.ndarray]:
    """Losses, weights and answers after two steps."""
    ready()
    batch, examples = recipe.training.batch_size, len(data.positions)
    rows = np.arange(min(examples, batch + examples % batch), dtype=np.int32)
    rates = np.full(math.ceil(len(rows) / batch), recipe.training.learning_rate, np.float32)
    tally = program.train(*data.train, data.inputs, Epoch(rows, rates, *draw(recipe, 0, data, 0)), batch)
    answers = [program.evaluate(x[:size], y[:size], data.inputs)[2] for x, y in data.parts
               for size in _sizes(len(y))]
    return [np.array([tally.loss, tally.correct]), *program.network.weights().values(), *answers]


def _sizes(examples: int) -> Sequence[int]:
    """Choose how many examples are evaluated for a comparison: some, and as few as the last batch has where those are very few."""
    last = examples % EVALUATION_BATCH
    return [size for size in {min(examples, SMALL), last if last <= SMALL else 0} if size]
