"""Moves the thresholds between classes by the bias of a network's output layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlbench.engines.keras.network.kept import close
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.outputs import called, examples
from dlbench.values.errors import InputError


def output_bias(network: Network, name: str) -> Any:
    """Return the bias that is added to a network's logits; it is changed, and the logits are looked at.

    Args:
        network: keeps its weights.
        name: of the model, for the message.

    Raises:
        InputError: no weight is added to the logits.
    """
    x, model = examples(network.model, network.shape), network.model
    before, ramp = called(model, x, training=False), np.arange(1, network.units + 1, dtype=np.float32)
    for weight in reversed([weight for weight in model.weights if tuple(weight.shape) == ramp.shape]):
        kept = weight.numpy()
        weight.assign(kept + ramp)
        added = close(called(model, x, training=False), before + ramp)
        weight.assign(kept)
        if added:
            return weight
    raise InputError(f"model '{name}': threshold_moving changes the bias of its output layer, and no weight of it is added to its logits; "
                     "accepted: a model that ends in a Dense layer with a bias")


def move_thresholds(network: Network, name: str, logits: np.ndarray) -> None:
    """Add a number to the logit of each class; one logit of two classes gets their difference.

    Args:
        network, name: as of :func:`output_bias`.
        logits: [classes].
    """
    moved = logits if network.units > 1 else logits[1:] - logits[:1]
    bias = output_bias(network, name)
    bias.assign(bias.numpy() + moved)
