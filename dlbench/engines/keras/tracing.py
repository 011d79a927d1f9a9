"""Traces functions on tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from dlbench.values.record import Unproven


def traced(function: Callable, *specs: Any):
    """Trace a function, without autograph where possible: rewriting Python's ``if`` and ``for`` takes most of a trace."""
    try:
        return tf.function(function, autograph=False).get_concrete_function(*specs)
    except tf.errors.OperatorNotAllowedInGraphError:
        return tf.function(function).get_concrete_function(*specs)


def global_draws(graph: tf.Graph) -> tuple[str, ...] | Unproven:
    """Name the operations of a traced training step that draw from a generator which no stream controls.

    Draws of a step that calls back into Python do not appear in its graph, so nothing is proven of it.
    """
    stateful = {"RandomUniform", "RandomStandardNormal", "RandomUniformInt", "TruncatedNormal", "Multinomial",
                "RandomGamma", "RandomPoissonV2", "RandomShuffle", "StatefulUniform", "StatefulStandardNormalV2",
                "StatefulUniformFullInt", "StatefulTruncatedNormal", "RngReadAndSkip"}
    definition = graph.as_graph_def()
    nodes = [*definition.node, *(node for inner in definition.library.function for node in inner.node_def)]
    kinds = {node.op for node in nodes}
    calls = sorted(kinds & {"PyFunc", "PyFuncStateless", "EagerPyFunc"})
    if calls and not kinds & stateful:
        return Unproven(f"the step calls Python code ({', '.join(calls)}), whose draws are not watched")
    return tuple(sorted(kinds & stateful))
