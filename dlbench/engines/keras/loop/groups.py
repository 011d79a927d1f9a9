"""The groups of weights that learn at one rate each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import keras

from dlbench.engines.keras.loop.optimizers import Descent, Keras, rule
from dlbench.engines.keras.network.hooks import Hooked
from dlbench.engines.keras.network.network import Network
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.recipe import Recipe


class Group(NamedTuple):
    """Weights with one learning rate.

    Attributes:
        rule: that updates them, with its state.
        base: whether they learn at the base's own rate.
        above: layers between theirs and the last one of the base, or of the network.
    """

    rule: Keras | Descent
    base: bool
    above: int


def groups(recipe: Recipe, network: Network, hooks: Hooked) -> list[Group]:
    """Make the update rules: of the head, and of the base where it has its own rate; or of each layer of these."""
    weights = network.model.trainable_variables
    owners = [network.owner(weight) for weight in weights]
    based = [recipe.transfer.mode == "finetune" and owner.partition(".")[0] in network.base for owner in owners]
    layers = layer_numbers(weights, owners) if recipe.training.layer_factor else [0] * len(weights)
    last = {base: layer for base, layer in sorted(zip(based, layers))}
    places = [(base, last[base] - layer) for base, layer in zip(based, layers)]
    members = {place: [weight for weight, at in zip(weights, places) if at == place] for place in sorted(set(places))}
    own = network.own if recipe.training.optimizer == OF_MODEL else None

    def kind() -> str | keras.optimizers.Optimizer:
        return hooks.optimizer() or (recipe.training.optimizer if own is None else own.optimizer())

    return [Group(rule(kind(), mine), *place) for place, mine in members.items()]


def layer_numbers(weights: Sequence[keras.Variable], owners: Sequence[str]) -> list[int]:
    """Number the layers of weights, from 0 at the input. One without a matrix or kernel, a normalisation, counts with the one before it.

    Args:
        weights: in the order of the layers.
        owners: the layer of each.

    Example:
        >>> one, two, gain = keras.Variable([[1.0]]), keras.Variable([[1.0]]), keras.Variable([1.0])
        >>> layer_numbers([one, gain, two, gain], ["first", "norm", "second", "second"])
        [0, 0, 1, 1]
    """
    counted = dict.fromkeys(owner for weight, owner in zip(weights, owners) if len(weight.shape) > 1)
    places = {owner: place for place, owner in enumerate(counted)}
    found, last = list[int](), 0
    for owner in owners:
        last = places.get(owner, last)
        found.append(last)
    return found
