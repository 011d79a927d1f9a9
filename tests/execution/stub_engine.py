"""An engine without TensorFlow for tests of what runs it: scores come from a function, faults from the recipe's model options."""

import os
import signal
import time
from pathlib import Path

import numpy as np

from dlbench.datasets.places import Places
from dlbench.engines.protocol import Capability, Description
from dlbench.values.recipe import Data, to_dict
from dlbench.values.record import Outcome
from tests.execution.fakes import accuracy, controls

DATA = Data("tests.execution.stub_engine:data")
LOG = "DLBENCH_TEST_LOADS"
FAULTS = {"kill": lambda: os.kill(os.getpid(), signal.SIGKILL), "hang": lambda: time.sleep(600)}


def fetch(data, _places, _cache_dir):
    """A dataset; each time that it is loaded is a line in a file."""
    with Path(os.environ[LOG]).open("a", encoding="utf-8") as log:
        log.write(f"{data.source}\n")
    return np.arange(1000)


class Worker:
    def __init__(self, load):
        self.load = load

    def prepare(self, recipes):
        assert self.load(DATA, Places(), "").sum() == 499_500
        return [(0, 0) for _ in recipes]

    def run(self, recipe, seed, inputs):
        fields, options = to_dict(recipe), dict(recipe.model.options)
        time.sleep(options.get("pause", 0.0))
        if recipe.model.dropout == 0.5 and seed == 1:
            FAULTS.get(options.get("fault"), lambda: None)()
        self.prepare([])
        return Outcome("done", scores={"test_accuracy": accuracy({0.5: 0.01})(fields, seed)}, controls=controls(fields, seed))


def start(settings):
    return Worker(settings.load)


ENGINE = Description("stub", f"{__name__}:start", frozenset({Capability.PREPARE}), loader=f"{__name__}:fetch")
