"""A recipe without dlbench: its network as a file of Keras', its data, and a script that trains it with Keras alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlbench.engines.keras.data.ondisk import OnDisk
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.plain.model import write_model
from dlbench.engines.keras.plain.script import demand_plain, script
from dlbench.values.augmentation import Augmentation
from dlbench.values.errors import InputError
from dlbench.values.packed import Packed, taken_apart
from dlbench.values.recipe import Recipe

MODEL, DATA, SCRIPT = "model.keras", "data.npz", "train.py"


def write_plain(recipe: Recipe, seed: int, program: Program, data: Resident, folder: Path) -> list[str]:
    """Write a recipe as plain Keras.

    Args:
        recipe, seed: the run.
        program: reset to the run, so that its network has the run's initial weights.
        data: of the run.
        folder: that is there.

    Returns:
        The names of the files.

    Raises:
        InputError: the recipe does what no plain script says here, the data is too large for one file, or a layer is the user's own.
    """
    demand_plain(recipe)
    if isinstance(data.shape, Packed) and recipe.augmentation != Augmentation():
        raise InputError("no plain Keras script is written for augmentation of one of several inputs; `dlbench run` trains it")
    if program.reversed or any(isinstance(x, OnDisk) for x, _ in data.parts):
        raise InputError("the inputs are those of pretrained networks, or stream from disk; accepted: data that fits into memory")
    write_model(program.network, recipe, data, folder / MODEL)
    arrays: dict[str, Any] = {}
    for name, (x, y) in zip(("train", "validation", "test"), data.parts):
        arrays |= {f"y_{name}": data.known(y)}
        if isinstance(data.shape, Packed):
            arrays |= {f"x_{name}_{one}": values for one, values in taken_apart(np.asarray(x), data.shape).items()}
        else:
            arrays |= {f"x_{name}": np.asarray(x)}
    np.savez_compressed(folder / DATA, **arrays)
    (folder / SCRIPT).write_text(script(recipe, seed, program.network.units, data), encoding="utf-8")
    return [MODEL, DATA, SCRIPT]
