"""Layers that techniques put in the place of others."""

from __future__ import annotations

import warnings

import keras
from keras import layers

from dlbench.values.errors import InputError

INITIALIZERS = {"glorot": "glorot_uniform", "he": "he_uniform", "lecun": "lecun_uniform"}
DRAWN = {"kernel_initializer", "depthwise_initializer", "pointwise_initializer"}
"""Keys of a layer's config that say how its kernels are drawn."""
KEPT = ("name", "dtype", "filters", "kernel_size", "strides", "padding", "dilation_rate", "activation", "use_bias", "bias_initializer")


def config_of(layer: keras.Layer) -> dict | None:
    """Return the config of a layer from which a copy can be made; None where the layer cannot be copied."""
    try:
        type(layer).from_config(stated_config(layer))  # some classes take their config apart
        return stated_config(layer)
    except (NotImplementedError, TypeError, ValueError, KeyError):
        return None


def stated_config(layer: keras.Layer) -> dict:
    """Return what ``get_config`` of a layer returns, without Keras' warning of functions in it, which is of files that others load."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return layer.get_config()


def own_objects(layer: keras.Layer) -> dict:
    """Return a layer's initializers, regularizers and constraints as objects, so that a user need not register them with Keras."""
    kinds = ("_initializer", "_regularizer", "_constraint")
    return {key: getattr(layer, key) for key in stated_config(layer) if key.endswith(kinds) and hasattr(layer, key)}


def with_activation(config: dict, kind: str) -> dict:
    """Replace the fused activation in a config that has one."""
    fused = config.get("activation")
    return {**config, "activation": kind} if fused not in (None, "linear") else config


def plain_conv(layer: keras.Layer) -> bool:
    """Whether a layer is a convolution over both positions and channels."""
    return type(layer) is layers.Conv2D and max(layer.kernel_size) > 1 and layer.groups == 1


def separable(config: dict, multiplier: int) -> keras.Layer:
    """Make the depthwise separable form of a convolution.

    Source: F. Chollet, "Xception", 2017, https://arxiv.org/abs/1610.02357.
    """
    init = config["kernel_initializer"]
    return layers.SeparableConv2D(
        **{key: config[key] for key in KEPT}, depth_multiplier=multiplier, depthwise_initializer=init, pointwise_initializer=init)


def article_separable(config: dict, per_channel: float) -> keras.Layer:
    """Make the article's separable form: no pointwise step, so that each output depends on one input channel.

    Raises:
        InputError: the filters cannot be shared out over the input channels.
    """
    if per_channel != int(per_channel):
        raise InputError(f"the article's separable convolution needs a multiple of its input's channels as filters; "
                         f"{config['name']} has {per_channel:.3g} filters a channel")
    chosen = {key: config[key] for key in KEPT if key != "filters"}
    return layers.DepthwiseConv2D(**chosen, depth_multiplier=int(per_channel), depthwise_initializer=config["kernel_initializer"])


def norm_layer(kind: str, shape: tuple, path: str, dtype: str = "float32") -> keras.Layer:
    """Make a normalisation: batch (over batch and positions), layer (channels), layer_all, instance (each map), group (of 8 channels)."""
    if kind == "none":
        return layers.Identity(name=path, dtype=dtype)
    if kind == "batch":
        return layers.BatchNormalization(momentum=0.9, name=path, dtype=dtype)  # Keras' 0.99 needs hundreds of steps to settle
    if kind == "layer":
        return layers.LayerNormalization(axis=-1, epsilon=1e-5, name=path, dtype=dtype)
    if kind == "layer_all":
        return layers.LayerNormalization(axis=list(range(1, len(shape))), epsilon=1e-5, name=path, dtype=dtype)
    channels = shape[-1]
    groups = channels if kind == "instance" else next(n for n in range(max(channels // 8, 1), 0, -1) if channels % n == 0)
    return layers.GroupNormalization(groups=groups, epsilon=1e-5, name=path, dtype=dtype)


def branches(model: keras.Model) -> dict[str, tuple[int, float]]:
    """Find the residual connections of a functional model.

    Returns:
        Name of each layer or operation that adds two tensors of one shape -> which of them is the branch (the one with more layers
        behind it), and the addition's place among all, as a share: 1 for the last.
    """
    added = {operation.name: tensors for operation in model.operations if len(tensors := _summands(operation)) == 2}
    known: dict = {}
    lengths = {name: [_length(tensor, known) for tensor in tensors] for name, tensors in added.items()}
    return {name: (int(pair[1] > pair[0]), (place + 1) / len(added)) for place, (name, pair) in enumerate(lengths.items())}


def _summands(operation: keras.Operation) -> list:
    """List the tensors that an operation adds; none where it does not add tensors of one shape."""
    if not isinstance(operation, layers.Add) and (isinstance(operation, keras.Layer) or type(operation).__name__ != "Add"):
        return []
    tensors = operation._inbound_nodes[0].input_tensors
    return list(tensors) if len({tensor.shape for tensor in tensors}) == 1 else []


def _length(tensor, known: dict) -> int:
    """Count the layers between a tensor and the input on the longest path."""
    layer, node, _ = tensor._keras_history
    if (key := (id(layer), node)) not in known:
        known[key] = 1 + max((_length(before, known) for before in layer._inbound_nodes[node].input_tensors), default=0)
    return known[key]
