"""A built network whose initial weights and dropout draws come from named streams."""

from __future__ import annotations

import hashlib
import inspect
import pkgutil
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlbench.engine.layers import Penalty
from dlbench.engine.surgery import CONVS, Surgeon, functional
from dlbench.models import architecture
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe
from dlbench.values.seeds import derive


class Network:
    """The model of a recipe, with the variables that hold its numbers.

    Args:
        recipe: decides the model and its changes.
        shape: of an example: height, width and channels, or columns.
        classes: of the output.

    Attributes:
        model: the Keras model; its output are logits.
        numbers: recipe field -> variable that holds its value.
        touched: layers that the recipe's changes inserted, replaced or reshaped.
        kernels: weights that penalties apply to, by scope.
        base: layers below the head, which transfer carries over.
    """

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], classes: int) -> None:
        self.numbers = {path: tf.Variable(0.0, trainable=False) for path in _NUMBERS}
        surgeon = Surgeon(functional(original(recipe, shape, classes)), recipe.model, self.numbers)
        self.model = surgeon.operate()
        self.touched = sorted(surgeon.touched)
        self.layers = {layer.name: layer for layer in self.model.layers}
        self.base = _base(self.model, surgeon.parts)
        if recipe.transfer.mode == "frozen":
            for name in self.base:
                self.layers[name].trainable = False
        self.kernels = _kernels(self.model)
        self._initializers = dict(_initializers(self.model))

    def penalise(self, recipe: Recipe) -> None:
        """Attach the recipe's L1 and L2 penalties to the kernels they cover."""
        terms = recipe.regularization
        subgradient = bool(terms.l1) and terms.l1_form == "subgradient"
        l1 = self.kernels[terms.l1_scope] if subgradient else []
        l2 = self.kernels[terms.l2_scope] if terms.l2 else []
        for kernel in self.kernels["all"]:
            mine = [self.numbers[f"regularization.{name}"] if _holds(group, kernel) else None
                    for name, group in (("l1", l1), ("l2", l2))]
            if any(term is not None for term in mine):
                kernel.regularizer = Penalty(*mine, kernel.regularizer)

    def set_numbers(self, values: dict[str, Any]) -> None:
        """Give the variables the values of a recipe's fields."""
        for path, variable in self.numbers.items():
            variable.assign(float(values[path] or 0.0))

    def initialise(self, seed: int, redrawn: tuple[str, ...]) -> None:
        """Draw every weight anew from its layer's stream, and start the dropout streams over."""
        for (layer, name), (variable, initializer) in self._initializers.items():
            variable.assign(initializer(_stream(seed, "init", redrawn, layer, name), variable.shape))
        for layer in self.model._flatten_layers(include_self=False):
            generator = getattr(layer, "seed_generator", None)
            if generator is not None:
                start = _stream(seed, "dropout", redrawn, layer.name)
                generator.state.assign(tf.constant([start % 2**32, 0], tf.uint32))

    def hashes(self) -> dict[str, str]:
        """Layer -> 16 hexadecimal digits of the SHA-256 of its weights, for layers that have any."""
        named: dict[str, Any] = {}
        for (layer, _), (variable, _) in self._initializers.items():
            named.setdefault(layer, hashlib.sha256()).update(variable.numpy().tobytes())
        return {layer: state.hexdigest()[:16] for layer, state in named.items()}

    def weights(self) -> dict[str, np.ndarray]:
        """``layer/weight`` -> value, for every weight."""
        return {"/".join(key): variable.numpy() for key, (variable, _) in self._initializers.items()}

    def load(self, weights: dict[str, np.ndarray], whole: bool = False) -> None:
        """Take weights over from elsewhere: those of the base layers, or all.

        Raises:
            InputError: a weight is missing or has another shape.
        """
        for (layer, name), (variable, _) in self._initializers.items():
            if not whole and layer.partition(".")[0] not in self.base:
                continue
            value = weights.get(f"{layer}/{name}")
            if value is None or value.shape != tuple(variable.shape):
                found = "nothing" if value is None else list(value.shape)
                raise InputError(f"the pretrained weights do not fit: {layer}/{name} is {list(variable.shape)} here, and {found} there")
            variable.assign(value)

    def owner(self, weight) -> str:
        """The layer of the model that a weight belongs to."""
        return next(layer for (layer, _), (variable, _) in self._initializers.items() if variable is weight).partition(".")[0]

    def parameters(self) -> int:
        """Number of weights, trainable or not."""
        return int(sum(np.prod(variable.shape) for variable in self.model.weights if "seed" not in variable.name))


_NUMBERS = (
    "model.dropout", "model.spatial_dropout", "model.stochastic_depth", "training.clip_norm", "training.learning_rate",
    "training.averaging", "transfer.base_learning_rate", "distillation.temperature", "distillation.weight",
    "regularization.l1", "regularization.l2", "regularization.weight_decay", "regularization.label_smoothing",
)


def _stream(seed: int, stream: str, redrawn: tuple[str, ...], *scope: str) -> int:
    return derive(seed, stream, *(("redrawn",) if stream in redrawn else ()), *scope)


def original(recipe: Recipe, shape: tuple[int, ...], classes: int) -> keras.Model:
    """The model of a recipe as its function builds it, before any technique.

    Raises:
        InputError: it cannot be built for this data and its classes.
    """
    entry = architecture(recipe.model.name)
    if entry.smallest_px > 1 and len(shape) != 3:
        raise InputError(f"model '{entry.name}' takes images; an example of this data has the shape {list(shape)} (model 'mlp' takes any)")
    if min(shape[:2]) < entry.smallest_px:
        raise InputError(f"model '{entry.name}' needs images of at least {entry.smallest_px} px; these are {shape[0]}x{shape[1]}")
    options = dict(recipe.model.options)
    try:
        build = pkgutil.resolve_name(entry.build)
        if "vocabulary" in inspect.signature(build).parameters:
            options.setdefault("vocabulary", recipe.data.vocabulary)
        model = build(shape, classes, **options)
    except (TypeError, ValueError, ImportError, AttributeError) as error:
        raise InputError(f"model '{entry.name}' with options {options}: {error}") from error
    if not isinstance(model, keras.Model):
        raise InputError(f"model '{entry.name}': wanted a keras.Model, got {type(model).__name__}")
    units = model.output_shape[-1]
    if units != classes and not (classes == 2 and units == 1):
        raise InputError(f"model '{entry.name}': its output has {units} units, the data {classes} classes")
    return model


def _base(model: keras.Model, parts: Any) -> frozenset[str]:
    """The layers before the pooling head; where none of those has weights, all but the output layer."""
    names = [layer.name for layer in model.layers]
    before = names[: names.index(parts.paths[parts.pool])] if parts.pool else []
    if any(model.get_layer(name).weights for name in before):
        return frozenset(before)
    return frozenset(names[: names.index(parts.paths[parts.output])])


def _kernels(model: keras.Model) -> dict[str, list]:
    found: dict[str, list] = {"all": [], "conv": []}
    for layer in model._flatten_layers(include_self=False, recursive=True):
        mine = [weight for weight in layer._trainable_variables if weight.name.endswith("kernel")]
        found["all"] += mine
        found["conv"] += mine if isinstance(layer, CONVS) else []
    return found


def _holds(group: list, kernel) -> bool:
    return any(kernel is other for other in group)


def _initializers(model: keras.Model):
    """((layer, weight), (variable, draw)) for every weight of every layer."""
    for layer in model._flatten_layers(include_self=False, recursive=True):
        for variable in (*layer._trainable_variables, *layer._non_trainable_variables):
            if "seed" in variable.name:
                continue
            own = next((getattr(layer, name) for name in _attributes(variable.name) if hasattr(layer, name)), None)
            if own is None:
                raise InputError(f"layer {layer.name}: weight '{variable.name}' has no attribute '{variable.name}_initializer', "
                                 "so its initial value cannot be drawn from a stream of its own")
            yield (layer.name, variable.name), (variable, _Draw(own))


def _attributes(weight: str) -> tuple[str, ...]:
    own = f"{weight}_initializer", f"{weight.removesuffix('_kernel')}_initializer"
    return (*own, "depthwise_initializer") if weight == "kernel" else own


class _Draw:
    """Calls an initializer with a seed of our choice."""

    def __init__(self, initializer: Any) -> None:
        self.kind, self.config = type(initializer), initializer.get_config()
        self.initializer = initializer

    def __call__(self, seed: int, shape: tuple[int, ...]):
        if "seed" not in self.config:
            return self.initializer(shape)
        return self.kind.from_config({**self.config, "seed": seed % 2**32})(shape)
