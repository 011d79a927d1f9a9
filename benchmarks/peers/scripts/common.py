"""What the peers' scripts share: reading the case and its arrays, and saying what came out. Numpy only."""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import metadata

import numpy as np

EVALUATION_BATCH = 500


def imported(started: float) -> float:
    """Tell whoever measures that the imports are over; returns how long they took, in seconds."""
    print("imported", file=sys.stderr, flush=True)
    return time.perf_counter() - started


def read() -> tuple[dict, dict[str, np.ndarray]]:
    """The case (with shape, classes and number of examples) and the arrays that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", required=True, help="JSON file: arms, seeds, epochs, model")
    parser.add_argument("--data", required=True, help="the .npz file with the arrays")
    parser.add_argument("--steps-per-execution", action="store_true", help="Keras: many steps a call")
    options = parser.parse_args()
    with open(options.case, encoding="utf-8") as file:
        return with_arrays(json.load(file) | {"many_steps": options.steps_per_execution}, options.data)


def with_arrays(case: dict, path: str) -> tuple[dict, dict[str, np.ndarray]]:
    """A case with shape, classes and number of examples, and its arrays from an .npz file, images as float32 in [0, 1]."""
    with np.load(path, allow_pickle=False) as stored:
        data = {name: stored[name] for name in ("y_train", "y_test")}
        for name in ("x_train", "x_test"):
            data[name] = stored[name].astype(np.float32) / np.float32(stored["full_range"])
        classes = int(stored["classes"])
    return case | {"classes": classes, "shape": list(data["x_train"].shape[1:]), "examples": len(data["x_train"])}, data


class Scores:
    """Collects what each training left: its test accuracy and the steps it took."""

    def __init__(self) -> None:
        self.accuracy: dict[str, list[float]] = {}
        self.steps: dict[str, list[int]] = {}

    def add(self, arm: str, accuracy: float, steps: int) -> None:
        """Note one training."""
        self.accuracy.setdefault(arm, []).append(float(accuracy))
        self.steps.setdefault(arm, []).append(int(steps))

    def tell(self, started: float, import_s: float, packages: tuple[str, ...]) -> None:
        """Print the result as one line of JSON."""
        versions = {name: metadata.version(name) for name in packages}
        print(json.dumps({"accuracy": self.accuracy, "steps": self.steps, "import_s": import_s,
                          "total_s": time.perf_counter() - started, "versions": versions}), flush=True)
