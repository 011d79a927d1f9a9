"""Calls the functions of plug-ins that a recipe names, see :class:`dlbench.values.hooks.Hooks`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, cast

import keras
import tensorflow as tf

from dlbench.engines.keras.data.batches import Acting
from dlbench.engines.keras.network.anatomy import Anatomy, anatomy, functional
from dlbench.engines.keras.network.initial import keep_given
from dlbench.engines.keras.network.replacements import config_of, own_objects
from dlbench.kernels.draws import Draws
from dlbench.references import call, resolve
from dlbench.values.augmentation import parts
from dlbench.values.errors import InputError
from dlbench.values.hooks import Call, Hooks
from dlbench.values.packed import Packed, acted_shape
from dlbench.values.recipe import Recipe, is_weighted

SMALL = 2
"""Examples in the batch that every hook is tried on before anything runs."""


class Hooked:
    """A recipe's hooks, resolved.

    Args:
        hooks: of the recipe.

    Raises:
        InputError: a function cannot be found.
    """

    def __init__(self, hooks: Hooks) -> None:
        self._images, self._gradients = list(_resolved(hooks.images)), list(_resolved(hooks.gradients))
        self._loss, self._optimizer = (next(iter(_resolved(calls)), None) for calls in (hooks.loss, hooks.optimizer))

    def images(self, images: tf.Tensor, seeds: tf.Tensor, span: tf.Tensor) -> tf.Tensor:
        """Apply the hooks to a training batch.

        Args:
            images: [b, H, W, C] float32 raw values.
            seeds: [b, 2] uint32, the examples' own.
            span: [2]: smallest possible value and full range.
        """
        for reference, function in self._images:
            shares = (images - span[0]) / span[1]
            images = span[0] + span[1] * _shaped(reference, function(shares, Draws(seeds, reference)), images)
        return images

    def gradients(self, gradients: list, weights: list) -> list:
        """Apply the hooks to the gradients."""
        for reference, function in self._gradients:
            changed = list(function(gradients, weights))
            if len(changed) != len(gradients):
                raise InputError(f"hook '{reference}': wanted {len(gradients)} gradients, one a weight, got {len(changed)}")
            gradients = changed
        return gradients

    def losses(self, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor | None:
        """Compute the loss of each example, float32 [b]; None without such a hook."""
        if self._loss is None:
            return None
        reference, function = self._loss
        return _shaped(reference, function(logits, labels), logits[:, 0])

    def optimizer(self) -> keras.optimizers.Optimizer | None:
        """Make the optimizer that replaces the recipe's; None without such a hook."""
        if self._optimizer is None:
            return None
        reference, function = self._optimizer
        made = _called(reference, function)
        if not isinstance(made, keras.optimizers.Optimizer):
            raise InputError(f"hook '{reference}': wanted a keras.optimizers.Optimizer, got {type(made).__name__}")
        return made

    def tried(self, shape: tuple[int, ...], units: int, targets: tf.Tensor) -> None:
        """Call every function that takes tensors once, on a small batch.

        Args:
            shape: of an input.
            units: of the output.
            targets: some, whose type and shape count.

        Raises:
            InputError: a function raises, or gives something else than it should.
        """
        images, seeds = tf.zeros([SMALL, *acted_shape(shape)]), tf.zeros([SMALL, 2], tf.uint32)
        for reference, function in self._images:
            _shaped(reference, _called(reference, function, images, Draws(seeds, reference)), images)
        if self._loss is not None:
            _called(self._loss[0], self.losses, tf.zeros([SMALL, units]), tf.zeros([SMALL, *targets.shape[1:]], targets.dtype))
        self.optimizer()


def acting(recipe: Recipe, shape: tuple[int, ...]) -> Acting:
    """Collect what acts on the images of a recipe's batches, of examples of this shape."""
    hooks = Hooked(recipe.hooks).images if recipe.hooks.images else None
    found = Acting(parts(recipe.augmentation), hooks, weighted=is_weighted(recipe))
    acted = shape.acted() if isinstance(shape, Packed) else None
    return found if acted is None else replace(found, place=cast(Packed, shape).place(acted.name), shape=acted.shape)


def changed_model(model: keras.Model, calls: tuple[Call, ...]) -> keras.Model:
    """Apply the recipe's hooks to a functional model; each gets a copy of its own.

    Raises:
        InputError: a hook cannot be found, raises, or gives something that is no functional model of the same input and output.
    """
    for reference, function in _resolved(calls):
        made = _called(reference, function, keras.models.clone_model(model, clone_function=_copied))
        if not isinstance(made, keras.Model):
            raise InputError(f"hook '{reference}': wanted a keras.Model, got {type(made).__name__}")
        if (made.input_shape, made.output_shape) != (model.input_shape, model.output_shape):
            raise InputError(f"hook '{reference}': wanted a model {model.input_shape} -> {model.output_shape}, "
                             f"got {made.input_shape} -> {made.output_shape}")
        made = functional(made)
        _carry_over(model, made)
        model = made
    return model


def _copied(layer: keras.Layer) -> keras.Layer:
    config = config_of(layer)
    return layer if config is None else type(layer).from_config({**config, **own_objects(layer)})


def _carry_over(model: keras.Model, changed: keras.Model) -> None:
    """Keep the values that the model's own code gave the weights of layers that are still there."""
    copies = {layer.name: layer for layer in changed.layers}
    for layer in model.layers:
        copy = copies.get(layer.name)
        if copy is not None and [weight.shape for weight in layer.weights] == [weight.shape for weight in copy.weights]:
            keep_given(layer, copy)


def canonical(original: keras.Model, hooked: keras.Model) -> tuple[Anatomy, set[str]]:
    """Name the layers of a model that hooks have changed: old ones by their canonical paths, new ones by their place.

    Returns:
        The parts, and the paths of layers that are new, of another kind, or whose weights start in another way.
    """
    before = anatomy(original).paths
    new = [layer for layer in hooked.layers if layer.name not in before and not isinstance(layer, keras.layers.InputLayer)]
    names = {layer.name: f"hook_{place}_{type(layer).__name__.lower()}" for place, layer in enumerate(new, start=1)}
    paths = {layer.name: before.get(layer.name) or names.get(layer.name) or str(layer.name) for layer in hooked.layers}
    paths |= {name: path for name, path in anatomy(hooked).paths.items() if name not in paths}
    there = {layer.name: _start(layer) for layer in original.layers}
    touched = {paths[layer.name] for layer in hooked.layers if layer.weights and there.get(layer.name) != _start(layer)}
    for operation in hooked.operations:
        operation.name = paths[operation.name]
    return replace(anatomy(hooked), paths={path: path for path in paths.values()}), touched


def _start(layer: keras.Layer) -> tuple:
    """Describe what decides a layer's initial weights."""
    settings = {key: str(value) for key, value in layer.get_config().items() if key.endswith("_initializer")}
    return type(layer), settings, [tuple(weight.shape) for weight in layer.weights]


def _resolved(calls: Iterable[Call]) -> Iterable[tuple[str, Callable]]:
    for reference, options in calls:
        yield reference, partial(call(f"hook '{reference}'", resolve, reference), **dict(options))


def _called(reference: str, function: Callable, *arguments: Any) -> Any:
    return call(f"hook '{reference}'", function, *arguments)


def _shaped(reference: str, got: Any, wanted: tf.Tensor) -> tf.Tensor:
    """Check that the result of a hook has the shape and type of what it replaces, and return it."""
    got = tf.convert_to_tensor(got)
    if not got.shape.is_compatible_with(wanted.shape) or got.dtype != wanted.dtype:
        raise InputError(f"hook '{reference}': wanted {wanted.dtype.name} {wanted.shape.as_list()}, "
                         f"got {got.dtype.name} {got.shape.as_list()}")
    return got
