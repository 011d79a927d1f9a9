"""What the peers' scripts share: reading the case and its arrays, and saying what came out. Numpy only."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from importlib import metadata

import numpy as np

EVALUATION_BATCH = 500
PARTS = ("train", "validation", "sample", "test")
"""Parts of the arrays: ``validation`` is evaluated after each epoch, ``sample`` (of the training part) and ``test`` at the end."""


@dataclass(frozen=True)
class Training:
    """What one training left.

    Attributes:
        accuracy: on the test part.
        steps: of the optimizer.
        evaluated: how many examples it evaluated in all.
        trainable: parameters that training changes.
        parameters: all of them, moving averages too.
    """

    accuracy: float
    steps: int
    evaluated: int
    trainable: int
    parameters: int


def imported(started: float) -> float:
    """Tell whoever measures that the imports are over; returns how long they took, in seconds."""
    print("imported", file=sys.stderr, flush=True)
    return time.perf_counter() - started


def read() -> tuple[dict, dict[str, np.ndarray]]:
    """The case (with shape, classes and number of examples) and the arrays that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", required=True, help="JSON file: arms, seeds, epochs, model; a frozen base's weights lie beside it")
    parser.add_argument("--data", required=True, help="the .npz file with the arrays")
    parser.add_argument("--steps-per-execution", action="store_true", help="Keras: many steps a call")
    options = parser.parse_args()
    with open(options.case, encoding="utf-8") as file:
        case = json.load(file)
    return with_arrays(case | {"many_steps": options.steps_per_execution, "folder": os.path.dirname(options.case)}, options.data)


def with_arrays(case: dict, path: str) -> tuple[dict, dict[str, np.ndarray]]:
    """A case with shape, classes and number of examples, and its arrays from an .npz file, images as float32 in [0, 1].

    A part that the file lacks is empty.
    """
    data = {}
    with np.load(path, allow_pickle=False) as stored:
        for part in PARTS:
            x, y = (stored[name] if name in stored else stored[f"{name[:2]}train"][:0] for name in (f"x_{part}", f"y_{part}"))
            data |= {f"x_{part}": x.astype(np.float32) / np.float32(stored["full_range"]), f"y_{part}": y}
        classes = int(stored["classes"])
    return case | {"classes": classes, "shape": list(data["x_train"].shape[1:]), "examples": len(data["x_train"])}, data


class Scores:
    """Collects what each training left."""

    def __init__(self) -> None:
        self.trainings: dict[str, list[Training]] = {}

    def add(self, arm: str, training: Training) -> None:
        """Note one training."""
        self.trainings.setdefault(arm, []).append(training)

    def tell(self, started: float, import_s: float, packages: tuple[str, ...]) -> None:
        """Print the result as one line of JSON: accuracies by arm, and of all trainings together the steps and evaluated examples."""
        every = [training for trainings in self.trainings.values() for training in trainings]
        print(json.dumps({
            "accuracy": {arm: [one.accuracy for one in trainings] for arm, trainings in self.trainings.items()},
            "steps": sum(one.steps for one in every), "evaluated": sum(one.evaluated for one in every),
            "parameters": {arm: {"trainable": one.trainable, "all": one.parameters} for arm, (one, *_) in self.trainings.items()},
            "import_s": import_s, "total_s": time.perf_counter() - started,
            "versions": {name: metadata.version(name) for name in packages}}), flush=True)
