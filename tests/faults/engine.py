"""An engine that trains nothing, for `tests.faults.toy`. ``DLBENCH_TOY`` names faults, each of which strikes the runs of some seeds."""

import os
import time
from dataclasses import replace

import numpy as np

from dlbench.engines.protocol import Capability, engine_named
from dlbench.values.recipe import to_dict
from dlbench.values.record import Cost, Outcome
from tests.execution.fakes import accuracy, controls

RUN_S = 0.03
SIZE = 2000
QUANTITIES = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate")
SCORE = accuracy({0.2: 0.01, 0.5: -0.02})


def _allocate():
    return np.ones(2**50)  # no machine has a pebibyte


FAULTS = {"memory": _allocate, "kill": lambda: os.kill(os.getpid(), 9), "abort": lambda: os._exit(134), "hang": lambda: time.sleep(600)}


class Worker:
    """Scores that are a function of recipe and seed."""

    def prepare(self, recipes):
        return [(0, 0) for _ in recipes]

    def run(self, recipe, seed, inputs):
        fields, weights = to_dict(recipe), inputs.weights
        for turn, fault in enumerate(os.environ.get("DLBENCH_TOY", "").split(), start=2):
            if seed == turn:
                FAULTS[fault]()
        time.sleep(float(os.environ.get("DLBENCH_TOY_S", RUN_S)))
        draw = np.random.default_rng([seed, len(str(fields))])
        found = {"test_predictions": draw.integers(0, 10, SIZE, np.uint16), "test_labels": np.arange(SIZE, dtype=np.uint16)}
        if fields.get("transfer.mode") == "pretrain":
            found["weights/dense/kernel"] = draw.normal(size=(50, 50)).astype(np.float32)
        elif weights:
            found["started_from"] = np.asarray([float(value.sum()) for value in weights.values()])
        curves = {name: [float(draw.normal())] for name in QUANTITIES} | {"epoch": [1], "seconds": [time.perf_counter()]}
        return Outcome("done", "", {"test_accuracy": SCORE(fields, seed), "validation_accuracy": 0.5}, curves,
                       Cost(parameters=10, wall_s=time.perf_counter()), controls(fields, seed), found)


def start(_settings):
    return Worker()


ENGINE = replace(engine_named(), name="toy", start=f"{__name__}:start", preload=__name__, capabilities=frozenset({Capability.PREPARE}))

