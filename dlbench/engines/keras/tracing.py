"""Traces functions on tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def traced(function: Callable, *specs: Any):
    """Trace a function, without autograph where possible: rewriting Python's ``if`` and ``for`` takes most of a trace."""
    try:
        return tf.function(function, autograph=False).get_concrete_function(*specs)
    except tf.errors.OperatorNotAllowedInGraphError:
        return tf.function(function).get_concrete_function(*specs)
