"""What planning learns of a model: its layers, whether the copy equals it, and whether it scales its inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlbench.engines.keras.data.ondisk import OnDisk
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.network.fidelity import demand_faithful
from dlbench.engines.keras.network.network import SHIPPED, Network
from dlbench.engines.keras.network.oddities import demand_unbounded, oddities
from dlbench.engines.keras.network.scaling import wants_raw
from dlbench.engines.keras.tasks import answering
from dlbench.models import architecture
from dlbench.values.errors import InputError
from dlbench.values.inspection import Build
from dlbench.values.recipe import Recipe

SAMPLE = 256
"""Training examples that show whether a model scales its inputs."""
RAW = ("model {}: it scales its inputs itself, so it is handed raw values (normalize kind = 'none'); a normalize technique in the "
       "study's baseline says otherwise")


def inspected(recipe: Recipe, network: Network, data: Resident, kind: str) -> tuple[Build, list[str]]:
    """Inspect the model of a recipe: whether its copy equals it, and how it wants its inputs.

    Args:
        recipe: of a study's baseline.
        network: of that recipe.
        data: that it is trained on.
        kind: of the examples: ``image``, ``row`` or ``text``.

    Returns:
        What it is made of and how it wants its inputs, and sentences for the plan.

    Raises:
        InputError: it cannot be built, or trained as it is.
    """
    name, build = recipe.model.name, network.build
    if architecture(name).build.startswith(SHIPPED):
        return build, []
    notes = [*demand_faithful(recipe, data.shape, data.classes).notes, *_odd(recipe, network, data)]
    if kind != "text" and _wants_raw(network, data, kind):
        return replace(build, raw=True), [*notes, RAW.format(name)]
    return build, notes


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


def _wants_raw(network: Network, data: Resident, kind: str) -> bool:
    raw = np.asarray(_first(data), np.float32)
    if kind in ("row", "sequence"):
        examples = tuple(range(raw.ndim - 1))  # and steps
        scaled = (raw - raw.mean(axis=examples)) / np.maximum(raw.std(axis=examples), 1e-12)
    else:
        scaled = raw * data.inputs.scale.numpy() + data.inputs.offset.numpy()
    return wants_raw(network.model, raw, scaled)


def _first(data: Resident) -> np.ndarray:
    images = data.train[0][:SAMPLE]
    return images.read(slice(None)) if isinstance(images, OnDisk) else images.numpy()
