"""What a network costs: parameters and multiply-accumulates, counted exactly from its layers."""

from __future__ import annotations

import math

import keras
from keras import layers


def macs(model: keras.Model) -> int:
    """Multiply-accumulates of one forward pass over one example, in convolutions and dense layers.

    Args:
        model: functional; its layers' output shapes are known.

    Returns:
        The count; normalisation, pooling, activations and biases are not counted.

    Example:
        >>> macs(keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(32, 3)]))
        194688

    Source: counted as by F. Chollet, "Xception", 2017, https://arxiv.org/abs/1610.02357.
    """
    return sum(_layer_macs(layer) for layer in model._flatten_layers(include_self=False, recursive=True))


def _layer_macs(layer: keras.Layer) -> int:
    if isinstance(layer, layers.SeparableConv2D):
        places = math.prod(layer.output.shape[1:3])
        return places * (math.prod(layer.depthwise_kernel.shape) + math.prod(layer.pointwise_kernel.shape))
    if isinstance(layer, layers.DepthwiseConv2D):
        return math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
    if isinstance(layer, (layers.Conv1D, layers.Conv2D)):
        return math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    if isinstance(layer, layers.Dense):
        return math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    return 0
