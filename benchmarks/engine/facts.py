"""Each fact is a function that measures it once; rounds and medians are the caller's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dlbench.engines.protocol import RunInputs, Settings, engine_named
from dlbench.execution.backends.local import Pool
from dlbench.values.recipe import Recipe, edit

KERAS = engine_named("keras")
ENDLESS = 10_000
"""Epochs of a run that is killed long before it ends."""


def digits(epochs: int) -> Recipe:
    """The quickstart's model on all the digits."""
    return edit(Recipe(), budget__amount=epochs)


@contextmanager
def workers(jobs: int, threads: int = 1) -> Iterator[Pool]:
    """Workers that are ready, with an empty cache of data."""
    with tempfile.TemporaryDirectory() as cache, Pool(jobs, Settings(cache, threads=threads), KERAS) as pool:
        while len(pool.idle()) < jobs:
            pool.wait(1.0)
        yield pool


def timed(work: Callable[[], Any]) -> float:
    """Seconds that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def import_s() -> float:
    """A fresh process that imports TensorFlow and Keras, and does nothing else."""
    call = [sys.executable, "-c", "import tensorflow, keras; keras.Sequential"]
    return timed(lambda: subprocess.run(call, check=True, env=os.environ | KERAS.variables, stderr=subprocess.DEVNULL))


def replaced_s() -> float:
    """From the death of a worker, killed in the middle of a run, to the moment when its successor is ready."""
    with workers(1) as pool:
        slot = pool.idle()[0]
        pool.submit(slot, "run", ("run", task(digits(ENDLESS), 0)))
        time.sleep(0.5)
        os.kill(slot.process.pid, signal.SIGKILL)

        def back() -> None:
            while not pool.idle():
                pool.wait(1.0)

        return timed(back)


def runs_s(recipe: Recipe) -> dict[str, float]:
    """A run with Keras' fit, in the compiled loop with and without its trace, and two side by side."""
    with workers(1) as pool:
        fit = edit(recipe, training__loop="keras")
        first = timed(lambda: run(pool, recipe, 0))
        again = timed(lambda: run(pool, recipe, 1))
        found = {"fit": timed(lambda: run(pool, fit, 0)), "first": first, "again": again}
    with workers(2) as pool:
        side_by_side(pool, recipe, 0)
        return found | {"two": timed(lambda: side_by_side(pool, recipe, 1))}


def two_threads_s(recipe: Recipe) -> float:
    """A run, its function traced before, on two threads."""
    with workers(1, threads=2) as pool:
        run(pool, recipe, 0)
        return timed(lambda: run(pool, recipe, 1))


def task(recipe: Recipe, seed: int) -> dict[str, Any]:
    """Arguments of the engine's ``run``."""
    return {"recipe": recipe, "seed": seed, "inputs": RunInputs("test_accuracy")}


def run(pool: Pool, recipe: Recipe, seed: int) -> None:
    """One run on an idle worker.

    Raises:
        RuntimeError: it failed.
    """
    outcome = pool.call("run", task(recipe, seed))
    if outcome.kind != "done" or outcome.value.status != "done":
        raise RuntimeError(f"the run failed: {outcome.value}")


def side_by_side(pool: Pool, recipe: Recipe, seed: int) -> None:
    """The same run on every worker at once."""
    waiting = len(pool.idle())
    for number, slot in enumerate(pool.idle()):
        pool.submit(slot, number, ("run", task(recipe, seed + 10 * number)))
    while waiting:
        waiting -= len(pool.wait(1.0))


def profile_us(model: str, shape: tuple[int, ...], batch_size: int) -> dict[str, float]:
    """Microseconds a training step by group of operations, in a process of its own, set up as a worker is."""
    call = [sys.executable, "-m", "benchmarks.engine.profile", model, *map(str, (*shape, batch_size))]
    return json.loads(subprocess.run(call, check=True, env=os.environ | KERAS.variables, stdout=subprocess.PIPE, text=True).stdout)
