"""What a network costs: multiply-accumulates, counted from the operations of one forward pass."""

from __future__ import annotations

import math
from collections.abc import Iterator

import keras
import tensorflow as tf


def macs(model: keras.Model, shape: tuple[int, ...]) -> int:
    """Multiply-accumulates of one forward pass over one example, in convolutions and products of matrices.

    They are counted in the traced graph, whoever wrote the layers; what stands in a loop is not counted.

    Args:
        model: any Keras model.
        shape: of an example.

    Returns:
        The count; normalisation, pooling, activations and biases are not counted.

    Example:
        >>> macs(keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(32, 3)]), (28, 28, 1))
        194688

    Source: counted as by F. Chollet, "Xception", 2017, https://arxiv.org/abs/1610.02357.
    """
    forward = tf.function(lambda x: model(x, training=False))
    return sum(map(_macs, _operations(forward.get_concrete_function(tf.TensorSpec([1, *shape])).graph)))


def training_bytes(model: keras.Model, batch: int) -> int:
    """Return the least memory that training takes: four numbers a weight (its gradient and Adam's moments too), and a batch's activations.

    Args:
        model: of a subclassed one the activations are not known, and count as none.
        batch: examples of a batch.

    Example:
        >>> training_bytes(keras.Sequential([keras.Input((10,)), keras.layers.Dense(5)]), 100)
        6880
    """
    depths = getattr(getattr(model, "_functional", model), "_nodes_by_depth", {})
    outputs = [output.shape[1:] for nodes in depths.values() for node in nodes for output in node.output_tensors]
    activations = sum(math.prod(size or 1 for size in shape) for shape in outputs)
    parameters = sum(math.prod(weight.shape) for weight in model.weights)  # `count_params` raises where a layer is not built
    return 4 * (4 * parameters + batch * activations)


def _operations(graph: tf.Graph) -> Iterator[tf.Operation]:
    """Those of a graph and of the functions that it calls."""
    for op in graph.get_operations():
        yield op
        if op.type in ("PartitionedCall", "StatefulPartitionedCall"):
            yield from _operations(graph._get_function(op.get_attr("f").name).graph)


def _macs(op: tf.Operation) -> int:
    """Count one operation: output elements times the number of products that each sums."""
    if op.type in ("Conv2D", "Conv3D"):
        *window, _ = op.inputs[1].shape
        return math.prod(op.outputs[0].shape) * math.prod(window)
    if op.type == "DepthwiseConv2dNative":
        return math.prod(op.outputs[0].shape) * math.prod(op.inputs[1].shape[:2])
    if op.type in ("MatMul", "BatchMatMul", "BatchMatMulV2"):
        flipped = op.get_attr("transpose_a" if op.type == "MatMul" else "adj_x")
        return math.prod(op.outputs[0].shape) * op.inputs[0].shape[-2 if flipped else -1]
    if op.type == "Einsum":
        terms = op.get_attr("equation").decode().partition("->")[0].split(",")
        sizes = {letter: size for term, tensor in zip(terms, op.inputs) for letter, size in zip(term, tensor.shape)}
        return math.prod(sizes.values())
    return 0
