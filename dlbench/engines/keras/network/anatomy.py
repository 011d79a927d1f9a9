"""Finds the role of each layer of a functional model, and names it independently of the process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import keras
from keras import layers

from dlbench.engines.keras.network.replacements import branches
from dlbench.values.errors import InputError
from dlbench.values.inspection import Build

CONVS = (layers.Conv2D, layers.SeparableConv2D, layers.DepthwiseConv2D)
NORMS = (layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization)
POOLS = {"flatten": layers.Flatten, "average": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}


@dataclass(frozen=True)
class Anatomy:
    """The layers of a functional model by their roles; names are Keras' own.

    Attributes:
        paths: Keras name of each layer, and of each operation that is no layer -> canonical path.
        output: name of the last layer with weights.
        tail: names of the activation layers after it (softmax or sigmoid).
        convs: hidden convolutions, first to last.
        dense: hidden dense layers.
        norms: normalisation layers.
        pool: name of the layer that turns maps into a vector, or None.
        spectrograms: layers that turn sounds into mel spectrograms.
    """

    paths: dict[str, str]
    output: str
    tail: tuple[str, ...]
    convs: tuple[str, ...]
    dense: tuple[str, ...]
    norms: tuple[str, ...]
    pool: str | None
    spectrograms: tuple[str, ...]


def functional(model: keras.Model) -> keras.Model:
    """Turn a model into a functional one on the same layers. A model that is a layer in it is replaced by its layers.

    Raises:
        InputError: the model is subclassed, so its layers cannot be changed.
    """
    if isinstance(model, keras.Sequential):
        inputs = keras.Input(batch_shape=model.inputs[0].shape, dtype=model.inputs[0].dtype)
        x = inputs
        for layer in model.layers:
            x = layer(x)
        model = keras.Model(inputs, x)
    if not has_graph(model):
        raise InputError("the model is subclassed; give a functional or Sequential one, whose layers can be named and changed")
    if isinstance(model.input, dict):  # whose keys would have to be the names of the inputs
        model = keras.Model(model.inputs[0], model.output, name=model.name)
    elif model.compiled:  # Keras copies what a model was compiled with beside it, which closures do not survive
        model = keras.Model(model.input, model.output, name=model.name)
    if any(has_graph(layer) for layer in model.layers):
        return functional(keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=_inlined))
    return model


def has_graph(layer: keras.Layer) -> bool:
    """Return whether a layer is a functional or Sequential model, all of which its layers are: its class has no ``call`` of its own."""
    of_layers = isinstance(layer, keras.Sequential) or hasattr(layer, "_run_through_graph")
    return of_layers and (type(layer).call.__module__ or "").startswith("keras.")


def _inlined(layer: keras.Layer, *args, **kwargs):
    """Call a layer, or the layers of one that is itself a model, each as the model was called: in training, in inference, or as may be."""
    if not has_graph(layer):
        return layer(*args, **kwargs)
    inner = layer._functional if isinstance(layer, keras.Sequential) else layer
    training = kwargs.get("training")
    mode = {} if training is None else {"training": training}

    def called(operation: keras.Operation, *given, **stated):
        takes_mode = isinstance(operation, keras.Layer) and operation._call_has_training_arg
        return operation(*given, **({**stated, **mode} if takes_mode else stated))

    return inner._run_through_graph(args[0], operation_fn=lambda operation: operation, call_fn=called)


def kind_of(layer: keras.Operation) -> str:
    """Return the class of a layer as part of a name.

    Example:
        >>> kind_of(layers.MaxPooling2D())
        'max_pooling2d'
    """
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(layer).__name__).lower()
    return kind.replace("conv2_d", "conv2d").replace("2_d", "2d")


def numbered(some: Iterable[keras.Operation]) -> Iterator[tuple[keras.Operation, str]]:
    """Name each layer by its kind and its number among those of this kind, such as ``conv2d_2``."""
    counts: Counter[str] = Counter()
    for layer in some:
        kind = kind_of(layer)
        counts[kind] += 1
        yield layer, f"{kind}_{counts[kind]}"


def anatomy(model: keras.Model) -> Anatomy:
    """Find the role of each layer of a functional model.

    Raises:
        InputError: it has no layer with weights.
    """
    plain = (operation for operation in model.operations if not isinstance(operation, keras.Layer))
    paths = {layer.name: name for layer, name in numbered(model.layers)} | {one.name: f"op_{name}" for one, name in numbered(plain)}
    weighted = [layer for layer in model.layers if layer.weights]
    if not weighted:
        raise InputError("the model has no weights to train")
    output = weighted[-1]
    after = model.layers[model.layers.index(output) + 1 :]
    hidden = [layer for layer in weighted if layer is not output]
    pools = [layer.name for layer in model.layers if isinstance(layer, tuple(POOLS.values()))]

    def names(kinds) -> tuple[str, ...]:
        return tuple(layer.name for layer in hidden if isinstance(layer, kinds))

    tail = tuple(layer.name for layer in after if isinstance(layer, (layers.Activation, layers.Softmax)))
    spectrograms = tuple(layer.name for layer in model.layers if isinstance(layer, layers.MelSpectrogram))
    return Anatomy(paths, output.name, tail, names(CONVS), names(layers.Dense), names(NORMS), pools[-1] if pools else None, spectrograms)


def renamed(model: keras.Model) -> keras.Model:
    """Name the layers and operations of a model by their canonical paths, and return it."""
    paths = anatomy(model).paths
    for operation in model.operations:
        operation.name = paths[operation.name]
    for tensor in model.inputs:  # copies of the model take its name
        tensor.name = tensor._keras_history.operation.name
    return model


def build_of(model: keras.Model, parts: Anatomy) -> Build:
    """Describe a functional model as far as techniques need."""
    maps = bool(parts.convs) and parts.pool is not None and len(model.get_layer(parts.pool).input.shape) == 4
    return Build("functional", len(parts.convs), len(parts.dense), len(parts.norms), parts.pool is not None, maps, bool(branches(model)),
                 model.count_params(), spectrograms=len(parts.spectrograms))
