"""The Keras engine on TensorFlow: networks, data on the device, compiled training loops and what is measured of them.

This module describes the engine to the rest of dlbench and imports neither Keras nor TensorFlow.
"""

from __future__ import annotations

import re

from dlbench.engines.keras.lengths import shared
from dlbench.engines.protocol import TERMINAL_STYLE, Capability, Description, one_line
from dlbench.values.identity import structure


def describe_error(error: BaseException) -> str:
    """Describe an exception in one line; where Keras or TensorFlow wrapped an exception of user code, describe the original."""
    error = _unnamed(error) or error
    text = TERMINAL_STYLE.sub("", str(error))
    original = re.search(r"in user code:.*\n\s+(\w+: .*)", text, re.DOTALL)
    return " ".join(original.group(1).split())[:300] if original else one_line(error)


def _unnamed(error: BaseException | None) -> BaseException | None:
    """Find the exception that Keras replaced by a RuntimeError when it added the layer's name: numpy's MemoryError."""
    while error is not None:
        if getattr(error, "_keras_call_info_injected", False) and type(error) is RuntimeError:
            return None if isinstance(error.__context__, RuntimeError) else error.__context__
        error = error.__context__
    return None


ENGINE = Description(
    name="keras", start="dlbench.engines.keras.engine:start", capabilities=frozenset(Capability), preload="dlbench.engines.keras.preload",
    loader="dlbench.engines.keras.data.resident:fetch", packages=("tensorflow", "keras", "tensorflow-datasets"), decisive=None,
    modules=("tensorflow", "keras"), install="pip install dlbench, in the place of dlbench-core, brings them",
    variables={"TF_ENABLE_ONEDNN_OPTS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "KERAS_BACKEND": "tensorflow"},
    facts={"oneDNN": True}, scheduling_key=structure, describe_error=describe_error, shared=shared)
