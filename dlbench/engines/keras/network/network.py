"""A network whose initial weights and dropout draws come from named streams."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.network.anatomy import CONVS, build_of, functional
from dlbench.engines.keras.network.cost import macs
from dlbench.engines.keras.network.hooks import canonical, changed_model
from dlbench.engines.keras.network.initial import drawing, remembered, weights_of
from dlbench.engines.keras.network.kept import close
from dlbench.engines.keras.network.layers import Penalty
from dlbench.engines.keras.network.originals import SHIPPED, number, opaque, original, subclassed, units
from dlbench.engines.keras.network.outputs import UNDONE, Head, called, demand_independent, examples, probabilities, squashed
from dlbench.engines.keras.network.own_compile import own_compile
from dlbench.engines.keras.network.surgery import Surgeon
from dlbench.engines.keras.tasks import answering
from dlbench.models import architecture
from dlbench.models.fit import misfit
from dlbench.values.errors import InputError
from dlbench.values.identity import NUMBERS
from dlbench.values.inspection import Build
from dlbench.values.recipe import Model, Recipe
from dlbench.values.seeds import derive


class Network:
    """The model of a recipe, with the variables that hold its numbers.

    Args:
        recipe: decides the model and its changes.
        shape: of an example: height, width and channels, or columns.
        classes: of the output.

    Attributes:
        model: the Keras model; its output are logits.
        build: what the model is made of, before any technique.
        units: of its output.
        numbers: recipe field -> variable that holds its value.
        touched: layers that the recipe's changes inserted, replaced or reshaped.
        kernels: weights that penalties apply to, by scope.
        base: layers below the head, which transfer carries over.
        own: what the model was compiled with, where the recipe asks for that; else None.
        streams: the seed of the run that it was drawn for, and the streams that are redrawn.
    """

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], classes: int) -> None:
        self.numbers, self.shape = {path: tf.Variable(0.0, trainable=False) for path in NUMBERS}, shape
        with remembered():
            model = original(recipe, shape, classes)
            self.own = own_compile(recipe, model, shape, classes)
            if subclassed(model) or (self.own is not None and self.own.steps):
                output = self._whole(model, recipe, shape)
            else:
                model_of_layers = functional(model)
                head = _head(model_of_layers, recipe, self.numbers, shape)
                output = self._operated(_surgeon(model_of_layers, recipe, self.numbers, head))
                self.build = replace(self.build, kind="sequential" if isinstance(model, keras.Sequential) else "functional")
        self.units = units(recipe.model.name, output, classes, answering(recipe.data).SQUASH)
        if not self.model.trainable_weights:
            raise InputError(f"model '{recipe.model.name}': none of its weights is trainable; accepted: a model of which training changes "
                             "a weight (trainable = True of a layer)")
        self.layers = {layer.name: layer for layer in self.model.layers}
        if recipe.transfer.mode == "frozen":
            for name in self.base:
                self.layers[name].trainable = False
        self.kernels = _kernels(self.model)
        self._initializers = dict(_initializers(self.model))
        self.streams: tuple[int, tuple[str, ...]] = (0, ())

    def _operated(self, surgeon: Surgeon) -> tuple:
        """Take the model with its changed layers, and return the shape of its output."""
        self.model = surgeon.operate()
        self.touched = sorted(surgeon.touched)
        self.base = _base(self.model, surgeon.parts)
        for layer in self.model.layers:
            number(layer, f"{layer.name}.")
        self.build = build_of(surgeon.model, surgeon.parts)
        return self.model.output_shape

    def _whole(self, model: keras.Model, recipe: Recipe, shape: tuple[int, ...]) -> tuple:
        """Take a subclassed model, or one with a training step of its own, unchanged, and return the shape of its output."""
        if recipe.hooks.model:
            raise InputError(f"hook '{recipe.hooks.model[0][0]}' changes layers, and model '{recipe.model.name}' is subclassed; accepted: "
                             "a functional or Sequential one")
        if (why := misfit(recipe.model, Build("subclassed"))) is not None:
            raise InputError(why)
        as_built = self.own is not None and bool(self.own.steps)
        self.model, output = opaque(recipe.model.name, model, shape, answering(recipe.data).SQUASH, as_built)
        self.touched, self.base = [], frozenset([layer.name for layer in self.model.layers if layer.weights][:-1])
        self.build = Build("subclassed", parameters=model.count_params())
        return output

    def penalise(self, recipe: Recipe) -> None:
        """Attach the recipe's L1 and L2 penalties to the kernels they cover."""
        terms = recipe.regularization
        subgradient = bool(terms.l1) and terms.l1_form == "subgradient"
        l1 = self.kernels[terms.l1_scope] if subgradient else []
        l2 = self.kernels[terms.l2_scope] if terms.l2 else []
        for kernel in self.kernels["all"]:
            mine = [self.numbers[f"regularization.{name}"] if holds(group, kernel) else None
                    for name, group in (("l1", l1), ("l2", l2))]
            if any(term is not None for term in mine):
                kernel.regularizer = Penalty(mine[0], mine[1], kernel.regularizer)

    def set_numbers(self, values: dict[str, Any]) -> None:
        """Set the variables to the values of a recipe's fields."""
        for path, variable in self.numbers.items():
            variable.assign(float(values[path] or 0.0))

    def initialise(self, seed: int, redrawn: tuple[str, ...]) -> None:
        """Draw every weight from its layer's stream, and restart the dropout streams."""
        self.streams = seed, redrawn
        for (layer, name), (variable, initializer) in self._initializers.items():
            variable.assign(initializer(stream_seed(seed, "init", redrawn, layer, name)))
        for layer in self.model._flatten_layers(include_self=True):
            for place, generator in enumerate(layer._seed_generators):
                start = stream_seed(seed, "dropout", redrawn, layer.name, *([place] if place else []))
                generator.state.assign(tf.constant([start % 2**32, 0], tf.uint32))

    def scoring_seed(self, layer: str, generator: int) -> int:
        """Derive the seed from which a dropout layer draws while the network is scored."""
        seed, redrawn = self.streams
        return stream_seed(seed, "dropout", redrawn, layer, "scoring", generator)

    def hashes(self) -> dict[str, str]:
        """Map each layer with weights to 16 hexadecimal digits of their SHA-256."""
        named: dict[str, Any] = {}
        for (layer, _), (variable, _) in self._initializers.items():
            named.setdefault(layer, hashlib.sha256()).update(variable.numpy().tobytes())
        return {layer: state.hexdigest()[:16] for layer, state in named.items()}

    def weights(self) -> dict[str, np.ndarray]:
        """Map ``layer/weight`` to the value, for every weight."""
        return {"/".join(key): variable.numpy() for key, (variable, _) in self._initializers.items()}

    def load(self, weights: Mapping[str, np.ndarray], whole: bool = False) -> None:
        """Load weights into the base layers, or into all layers.

        Raises:
            InputError: a weight is missing or has another shape.
        """
        for (layer, name), (variable, _) in self._initializers.items():
            if not whole and layer.partition(".")[0] not in self.base:
                continue
            value = weights.get(f"{layer}/{name}")
            if value is None or value.shape != tuple(variable.shape):
                there = "nothing" if value is None else list(value.shape)
                raise InputError(f"the pretrained weights do not fit: {layer}/{name} is {list(variable.shape)} here, and {there} there")
            variable.assign(value)

    def owner(self, weight) -> str:
        """Return the layer of a weight; an inserted layer is named after the layer that it follows."""
        return next(layer for (layer, _), (variable, _) in self._initializers.items() if variable is weight)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of one forward pass over one example; see :func:`dlbench.engines.keras.network.cost.macs`."""
        return macs(self.model, self.shape)

    def parameters(self) -> int:
        """Number of weights, trainable or not."""
        return int(sum(np.prod(variable.shape) for variable, _ in self._initializers.values()))


def stream_seed(seed: int, stream: str, redrawn: tuple[str, ...], *scope: str | int) -> int:
    """Derive the seed of a part of a stream; a redrawn stream has other ones."""
    return derive(seed, stream, *(("redrawn",) if stream in redrawn else ()), *scope)


def _head(model: keras.Model, recipe: Recipe, numbers: dict[str, tf.Variable], shape: tuple[int, ...]) -> Head:
    """Choose how the output of a functional model becomes logits; of the user's own, by looking at what it returns."""
    if not (squash := answering(recipe.data).SQUASH):
        return Head.AS_IS
    if architecture(recipe.model.name).build.startswith(SHIPPED) or len(model.outputs) > 1:
        return Head.WITHOUT_SQUASH
    x = examples(model, shape)
    out = called(model, x, training=False)
    demand_independent(recipe.model.name, out, squash)
    otherwise = UNDONE[squash] if out.ndim == 2 and probabilities(out, squash) else Head.AS_IS
    try:
        logits = called(Surgeon(model, Model(recipe.model.name), numbers).without_squash(), x, training=False)
    except InputError:  # its output layer cannot be copied, or is followed by others, such as dropout of probabilities
        return otherwise
    if otherwise == Head.AS_IS and np.isfinite(out).all() and out.ndim == 2 and out.shape[1] > 1 and close(keras.ops.sigmoid(logits), out):
        raise InputError(f"model '{recipe.model.name}': its output is a sigmoid for each of {out.shape[1]} classes, as if an example could "
                         "have several; accepted: softmax, or no activation; or `task = \"multi_label\"`")
    same = close(logits if otherwise == Head.AS_IS else squashed(logits, squash), out)
    return Head.WITHOUT_SQUASH if same else otherwise


def _surgeon(model: keras.Model, recipe: Recipe, numbers: dict[str, tf.Variable], head: Head) -> Surgeon:
    """Return what changes the layers of a model, after a plug-in's hooks have changed it."""
    if not recipe.hooks.model:
        return Surgeon(model, recipe.model, numbers, head=head)
    hooked = changed_model(model, recipe.hooks.model)
    parts, touched = canonical(model, hooked)
    surgeon = Surgeon(hooked, recipe.model, numbers, parts, head)
    surgeon.touched |= touched
    return surgeon


def _base(model: keras.Model, parts: Any) -> frozenset[str]:
    """Return the layers before the pooling head or, where none of them has weights, all but the output layer."""
    names = [layer.name for layer in model.layers]
    before = names[: names.index(parts.paths[parts.pool])] if parts.pool else []
    if any(model.get_layer(name).weights for name in before):
        return frozenset(before)
    return frozenset(names[: names.index(parts.paths[parts.output])])


def _kernels(model: keras.Model) -> dict[str, list]:
    kernels: dict[str, list] = {"all": [], "conv": []}
    for layer in model._flatten_layers(include_self=False, recursive=True):
        mine = [weight for weight in layer._trainable_variables if weight.name.endswith("kernel") and not holds(kernels["all"], weight)]
        kernels["all"] += mine
        kernels["conv"] += mine if isinstance(layer, CONVS) else []
    return kernels


def holds(group: list, kernel) -> bool:
    """Whether a weight is in a list; comparing weights by value would be slow and wrong."""
    return any(kernel is other for other in group)


def _initializers(model: keras.Model):
    """((layer, weight), (variable, draw)) for every weight; one that several layers share is the first one's."""
    known = set()
    for layer in model._flatten_layers(include_self=True, recursive=True):
        for name, variable in weights_of(layer):
            if id(variable) not in known:
                yield (layer.name, name), (variable, drawing(variable))
            known.add(id(variable))
