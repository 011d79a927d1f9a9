"""What planning learns of a model: its layers, whether the copy equals it, and whether it scales its inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlbench.engines.keras.data.ondisk import OnDisk
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.network.fidelity import demand_faithful
from dlbench.engines.keras.network.network import SHIPPED, Network
from dlbench.engines.keras.network.oddities import demand_unbounded, oddities
from dlbench.engines.keras.network.scaling import DEFAULT, faint, own_scaling
from dlbench.engines.keras.tasks import answering
from dlbench.models import architecture
from dlbench.values.errors import InputError
from dlbench.values.inspection import Build
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.packed import Packed
from dlbench.values.recipe import Recipe

BYTES = 255.0
"""The full range of 8-bit images."""
SAMPLE = 256
"""Training examples that show whether a model scales its inputs."""
HANDED = {"none": "raw values", "bytes": "values of 0 to 255, the range of 8-bit images"}
SCALES = ("model {}: it scales its inputs itself, so it is handed {} (normalize kind = '{}'); a normalize technique in the study's "
          "baseline says otherwise")


def inspected(recipe: Recipe, network: Network, data: Resident, kind: str) -> tuple[Build, list[str]]:
    """Inspect the model of a recipe: whether its copy equals it, and how it wants its inputs.

    Args:
        recipe: of a study's baseline.
        network: of that recipe.
        data: that it is trained on.
        kind: of the examples: ``image``, ``row``, ``text`` or ``several``.

    Returns:
        What it is made of and how it wants its inputs, and sentences for the plan.

    Raises:
        InputError: it cannot be built, or trained as it is.
    """
    name, (build, compiled) = recipe.model.name, _compiled(recipe, network)
    if architecture(name).build.startswith(SHIPPED):
        return build, []
    notes = [*compiled, *demand_faithful(recipe, data.shape, data.classes).notes, *_odd(recipe, network, data)]
    if kind == "text":
        return build, notes
    offered = _offered(data, kind)
    own = own_scaling(network.model, offered)
    if own:
        notes = [*notes, SCALES.format(name, HANDED[own], own)]
    return replace(build, scaling=own), [*notes, *_faint(name, network, offered[own or DEFAULT])]


def _compiled(recipe: Recipe, network: Network) -> tuple[Build, list[str]]:
    """Return the build with the learning rate that the model was compiled with, and what of its compile is used, where the recipe asks."""
    own = network.own
    if own is None:
        return network.build, []
    own.tried()
    rate = own.learning_rate if recipe.training.optimizer == OF_MODEL else None
    return replace(network.build, learning_rate=rate, scores=own.score_names()), own.notes(recipe)


def _odd(recipe: Recipe, network: Network, data: Resident) -> list[str]:
    """Say what is odd about a model of classes or labels; refuse one of numbers that cannot predict any number."""
    name = recipe.model.name
    if squash := answering(recipe.data).SQUASH:
        return [f"model {name}: {note}" for note in oddities(network.model, data.shape, squash)]
    try:
        demand_unbounded(network.model)
    except InputError as refused:
        raise InputError(f"model '{name}': {refused}") from None
    return []


def _offered(data: Resident, kind: str) -> dict[str, np.ndarray]:
    """Return some training examples in each scaling that a model may want, [n, ...] float32."""
    raw = np.asarray(_first(data), np.float32)
    if kind in ("row", "sequence"):
        examples = tuple(range(raw.ndim - 1))  # and steps
        scaled = (raw - raw.mean(axis=examples)) / np.maximum(raw.std(axis=examples), 1e-12)
        numbers = raw.shape[-1] - data.coded
        return {DEFAULT: np.concatenate([scaled[..., :numbers], raw[..., numbers:]], axis=-1), "none": raw}
    if isinstance(data.shape, Packed):
        return _of_several(raw, data, data.shape)
    full_range = float(data.inputs.span.numpy()[1])
    scaled = {DEFAULT: raw * data.inputs.scale.numpy() + data.inputs.offset.numpy(), "none": raw}
    return scaled | ({} if full_range == BYTES else {"bytes": raw * (BYTES / full_range)})


def _of_several(raw: np.ndarray, data: Resident, shape: Packed) -> dict[str, np.ndarray]:
    """Return packed examples with their images scaled, and as they are."""
    offered = {DEFAULT: raw * data.inputs.scale.numpy() + data.inputs.offset.numpy()}
    offered["none"] = offered[DEFAULT].copy()
    for one, place in shape.places():
        if one.kind != "row":
            offered["none"][:, place] = raw[:, place]
    return offered


def _faint(name: str, network: Network, handed: np.ndarray) -> list[str]:
    spread = faint(network.model, handed)
    return [] if spread is None else [
        f"model {name}: what it makes of its inputs reaches its first layer with a standard deviation of {spread:.1g}, from which little "
        "can be learned; does it scale them twice, or for another range?"]


def _first(data: Resident) -> np.ndarray:
    images = data.train[0][:SAMPLE]
    return images.read(slice(None)) if isinstance(images, OnDisk) else images.numpy()
