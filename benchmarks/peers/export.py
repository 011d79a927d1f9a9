"""Writes what every peer reads: dlbench's own split of a case's data, once, as one .npz file, and the weights of a frozen base.

It also leaves the decoded data in dlbench's cache, so that no peer's time holds the decoding of the data.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmarks.peers.cases import find, overrides
from benchmarks.peers.scripts.common import PARTS
from dlbench.datasets import Arrays, Places
from dlbench.engines.keras.data.resident import Resident, fetch, resident
from dlbench.engines.keras.measure.scoring import scored_in_training
from dlbench.engines.keras.network.network import Network
from dlbench.study import Plan, load, plan
from dlbench.values.recipe import Recipe

BASE_SEED = 0


def export(work: Path, data_dir: str | None, cache_dir: str) -> None:
    """Write the arrays, the numbers of parameters of dlbench's networks, and where a case wants them, a frozen base's weights.

    Args:
        work: the folder with ``case.json``, from :func:`benchmarks.peers.cases.describe`.
        data_dir, cache_dir: of dlbench.
    """
    case = json.loads((work / "case.json").read_text(encoding="utf-8"))
    planned = plan(load(str(find(case["name"]).study), overrides(case)))
    recipe = planned.study.baseline
    arrays = fetch(recipe.data, Places(None, data_dir), cache_dir)
    data = resident(arrays, recipe.data, recipe.data.normalization)
    np.savez(work / f"{case['name']}.npz", full_range=arrays.full_range, classes=arrays.classes,
             **_parts(data, scored_in_training(recipe, data) if case["sampled"] else slice(0)))
    (work / "parameters.json").write_text(json.dumps(_parameters(planned, case, arrays)), encoding="utf-8")
    if case["base"]:
        write_base(work / case["base"], data.shape)


def _parts(data: Resident, sample: slice | np.ndarray) -> dict[str, np.ndarray]:
    """Raw images ``x_PART`` and labels ``y_PART``."""
    found = {part: (x.numpy(), y.numpy().astype(np.int64)) for part, (x, y) in zip(("train", "validation", "test"), data.parts)}
    found["sample"] = tuple(values[sample] for values in found["train"])
    return {f"{name}_{part}": values for part in PARTS for name, values in zip("xy", found[part])}


def _parameters(planned: Plan, case: dict[str, Any], arrays: Arrays) -> dict[str, dict[str, int]]:
    kept = [arm["name"] for arm in case["arms"]]
    return {arm.name: parameters(arm.recipe, arrays.shape, arrays.classes) for arm in planned.arms if arm.name in kept}


def parameters(recipe: Recipe, shape: tuple[int, ...], classes: int) -> dict[str, int]:
    """Numbers of parameters of dlbench's network of a recipe: those that are ``trainable``, and ``all``, moving averages too."""
    network = Network(recipe, shape, classes)
    return {"trainable": sum(math.prod(weight.shape) for weight in network.model.trainable_weights), "all": network.parameters()}


def write_base(path: Path, shape: tuple[int, ...]) -> None:
    """Write VGG16 with weights from a fixed seed: as Keras' file, and as .npz for who has no Keras.

    Kernels are normal with a variance of 2 / inputs, so that the values stay as large from layer to layer (K. He et al., "Delving deep
    into rectifiers", 2015, https://arxiv.org/abs/1502.01852), biases are zero.
    """
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=shape)
    draws, stored = np.random.default_rng(BASE_SEED), {}
    for layer in base.layers:
        if layer.weights:
            kernel, bias = layer.kernel.shape, np.zeros(layer.bias.shape, np.float32)
            values = draws.normal(0, math.sqrt(2 / math.prod(kernel[:-1])), kernel).astype(np.float32)
            layer.set_weights([values, bias])
            stored |= {f"{layer.name}/kernel": values, f"{layer.name}/bias": bias}
    base.save_weights(path)
    np.savez(path.with_name(path.name.partition(".")[0] + ".npz"), **stored)


def main() -> None:
    """The command: ``python -m benchmarks.peers.export WORK --cache-dir DIR [--data-dir DIR]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--data-dir")
    parser.add_argument("--cache-dir", required=True)
    options = parser.parse_args()
    export(options.work, options.data_dir, options.cache_dir)


if __name__ == "__main__":
    main()
