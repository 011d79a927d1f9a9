"""The Keras engine, which also counts how many examples its runs send through a frozen base, and times one pass over the data."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.features.measured import WHOLE, Ran, Timed
from dlbench.engines.keras import engine
from dlbench.engines.keras.loop import frozen
from dlbench.engines.keras.loop.frozen import BATCH, Head, cut
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.recipe import Recipe


@dataclass(frozen=True)
class Clock:
    """Seconds on the wall and of this process' threads since it was started."""

    wall: float
    processor: float

    @classmethod
    def started(cls) -> Clock:
        """Start a clock."""
        return cls(time.perf_counter(), time.process_time())

    def seconds(self) -> tuple[float, float]:
        """Return wall seconds and processor seconds."""
        return time.perf_counter() - self.wall, time.process_time() - self.processor


class Counting(engine.KerasEngine):
    """A worker that counts and times what it does."""

    def counted_run(self, recipe: Recipe, seed: int, inputs: RunInputs) -> Ran:
        """Carry out a run as :meth:`run` does."""
        with counted() as examples:
            clock = Clock.started()
            outcome = self.run(recipe, seed, inputs)
            return Ran(seed, outcome.status, outcome.reason, *clock.seconds(), dict(examples))

    def passes(self, recipe: Recipe, rounds: int, sample: int) -> list[Timed]:
        """Time the base on the first training examples, by the function that computes features, which is traced before.

        Args:
            recipe: of a frozen arm.
            rounds: how often.
            sample: examples; whole batches of them, where there are as many.
        """
        data, program = self.data(recipe), self.program(recipe, traced=False)
        self._make_ready(program, recipe, 0, None)
        head = Head(program, cut(program.network))
        values, rows = frozen.features(head.features, data, "train"), min(sample, len(data.train[1]))
        rows = rows // BATCH * BATCH or rows
        values(0, min(BATCH, rows))
        return [_timed(values, rows) for _ in range(rounds)]

    def sizes(self, recipe: Recipe) -> dict[str, int]:
        """Return how many examples each part has, and the bytes that all features take."""
        data = self.data(recipe)
        parts = {name: len(getattr(data, name)[1]) for name in frozen.PARTS}
        return parts | {"bytes": frozen.features_size(recipe, self.program(recipe, traced=False).network, list(parts.values()))}


def _timed(values: Callable[[int, int], np.ndarray], rows: int) -> Timed:
    clock = Clock.started()
    for start in range(0, rows, BATCH):
        values(start, min(start + BATCH, rows))
    return Timed(rows, *clock.seconds())


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the examples that go through the base of a network meanwhile: those of each part whose features are computed, and those of
    steps and evaluations of whole networks (``whole network``)."""
    counts: Counter[str] = Counter()
    features, train, evaluate = frozen.features, Program.train, Program.evaluate

    def counted_features(compute: Callable[..., Any], data: Any, part: str) -> Callable[[int, int], np.ndarray]:
        def counting(images: Any, *scaling: Any) -> Any:
            counts[part] += len(images)
            return compute(images, *scaling)

        return features(counting, data, part)

    def counted_train(program: Program, *given: Any) -> Any:
        counts[WHOLE] += 0 if isinstance(program, Head) else len(given[3].order)
        return train(program, *given)

    def counted_evaluate(program: Program, x: Any, *given: Any) -> Any:
        counts[WHOLE] += 0 if isinstance(program, Head) else len(x)
        return evaluate(program, x, *given)

    with patch.object(frozen, "features", counted_features), patch.object(Program, "train", counted_train), \
            patch.object(Program, "evaluate", counted_evaluate):
        yield counts


def start(settings: Settings) -> Counting:
    """Make this process a worker."""
    engine.start(settings)
    return Counting(settings)

