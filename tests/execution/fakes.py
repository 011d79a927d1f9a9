"""A pool that trains nothing: scores come at once from a function of recipe and seed."""

from dataclasses import replace

import numpy as np

from dlbench.execution.backends.local import Slot, TaskResult
from dlbench.values.recipe import to_dict
from dlbench.values.record import Controls, Cost, Outcome


class FakePool:
    """What the driver sees of a pool.

    Args:
        score: (recipe fields, seed) -> test accuracy; None where the run fails.
        stop_after: after so many runs, the driver is interrupted, as by Ctrl-C.
    """

    def __init__(self, score, stop_after=None):
        self.score, self.stop_after, self.ran = score, stop_after, []
        self.slots = [Slot(ready=True), Slot(ready=True)]

    def __call__(self, *_):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for slot in self.slots:
            slot.task, slot.prepared = None, []

    def idle(self):
        return [slot for slot in self.slots if slot.task is None]

    def call(self, method, _arguments):
        assert method == "prepare"
        return TaskResult(None, "done", None)

    def submit(self, slot, task, call, _timeout=None):
        slot.task, slot.call = task, call[1]

    def wait(self, _seconds):
        if self.stop_after is not None and len(self.ran) >= self.stop_after:
            raise KeyboardInterrupt
        return [self._end(slot) for slot in self.slots if slot.task is not None]

    def _end(self, slot):
        fields, seed, task = to_dict(slot.call["recipe"]), slot.call["seed"], slot.task
        slot.task, outcome = None, self._outcome(fields, seed)
        self.ran.append((fields.get("model.dropout", 0.0), seed))
        if outcome is None:
            return TaskResult(task, "killed", "the worker was killed by signal 9")
        others = tuple(self._outcome(to_dict(recipe), seed) for recipe in slot.call["inputs"].others)
        return TaskResult(task, "done", replace(outcome, others=others))

    def _outcome(self, fields, seed):
        value = self.score(fields, seed)
        if value is None:
            return None
        epochs = int(fields.get("budget.amount", 20))
        slower = epochs if fields.get("training.schedule.kind") == "cosine" else 0
        curves = {"epoch": [epoch + 1.0 for epoch in range(epochs)], "train_loss": [1 / (epoch + 1 + slower) for epoch in range(epochs)]}
        return Outcome("done", scores={"test_accuracy": value}, curves=curves, cost=Cost(wall_s=1.0), controls=controls(fields, seed))


class Silent:
    """A listener that keeps the names of phases."""

    def __init__(self):
        self.phases = []

    def phase(self, name, _total):
        self.phases.append(name)

    def update(self, *_):
        pass

    def note(self, _text):
        pass


class Heard(Silent):
    """A listener that keeps notes too."""

    def __init__(self):
        super().__init__()
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def controls(fields, seed):
    """Those of a controlled run."""
    return Controls("d", "s", "e", {"dense": "i"}, order=("o",), weights=f"{fields} {seed}", global_draws=())


def accuracy(gains, noise=0.002):
    """Scores that share a part by seed: 0.8, the gain of the arm's dropout rate, and noise."""
    def score(fields, seed):
        rate = fields.get("model.dropout", 0.0)
        draw = np.random.default_rng([seed, int(1000 * rate)]).normal()
        shared = np.random.default_rng(seed).normal()
        return float(0.8 + gains.get(rate, 0.0) + 0.01 * shared + (noise if rate else 0.0) * draw)
    return score
