"""The Keras engine on TensorFlow: networks, data on the device, compiled training loops and what is measured of them.

This module describes the engine to the rest of dlbench and imports neither Keras nor TensorFlow.
"""

from __future__ import annotations

from dlbench.engines.keras.errors import describe_error
from dlbench.engines.protocol import Capability, Description
from dlbench.values.structure import structure

ENGINE = Description(
    name="keras", start="dlbench.engines.keras.engine:start", capabilities=frozenset(Capability), preload="dlbench.engines.keras.engine",
    loader="dlbench.engines.keras.data.resident:fetch", packages=("tensorflow", "keras", "tensorflow-datasets"), decisive=None,
    variables={"TF_ENABLE_ONEDNN_OPTS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "KERAS_BACKEND": "tensorflow"},
    facts={"oneDNN": True}, scheduling_key=structure, describe_error=describe_error)
