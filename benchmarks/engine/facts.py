"""Each fact is a function that measures it once; rounds and medians are the caller's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dlbench.execution.pool import Pool
from dlbench.values.recipe import Recipe, edit, to_dict

EPOCHS = 20
BASE = edit(Recipe(), budget__amount=EPOCHS)
"""The quickstart's model on all the digits."""


@contextmanager
def workers(jobs: int, threads: int = 1) -> Iterator[Pool]:
    """Workers that are ready, with an empty cache of data."""
    with tempfile.TemporaryDirectory() as cache, Pool(jobs, {"data_dir": None, "cache_dir": cache, "threads": threads}) as pool:
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
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    code = "import tensorflow, keras; keras.Sequential"
    return timed(lambda: subprocess.run([sys.executable, "-c", code], check=True, env=quiet, stderr=subprocess.DEVNULL))


def replaced_s() -> float:
    """From the death of a worker, killed in the middle of a run, to the moment when its successor is ready."""
    with workers(1) as pool:
        slot = pool.idle()[0]
        pool.submit(slot, "run", ("run", task(BASE, 0)))
        time.sleep(0.5)
        os.kill(slot.process.pid, signal.SIGKILL)

        def back() -> None:
            while not pool.idle():
                pool.wait(1.0)

        return timed(back)


def runs_s() -> dict[str, float]:
    """A run of the digits with Keras' fit, in the compiled loop with and without its trace, and two side by side."""
    with workers(1) as pool:
        fit = edit(BASE, training__loop="keras")
        first = timed(lambda: run(pool, BASE, 0))
        again = timed(lambda: run(pool, BASE, 1))
        found = {"fit": timed(lambda: run(pool, fit, 0)), "first": first, "again": again}
    with workers(2) as pool:
        side_by_side(pool, 0)
        return found | {"two": timed(lambda: side_by_side(pool, 1))}


def two_threads_s() -> float:
    """The same run, its function traced before, on two threads."""
    with workers(1, threads=2) as pool:
        run(pool, BASE, 0)
        return timed(lambda: run(pool, BASE, 1))


def task(recipe: Recipe, seed: int) -> dict[str, Any]:
    """Arguments of the engine's ``run``."""
    return {"fields": to_dict(recipe), "seed": seed, "metric": "test_accuracy", "weights": None}


def run(pool: Pool, recipe: Recipe, seed: int) -> None:
    """One run on an idle worker.

    Raises:
        RuntimeError: it failed.
    """
    outcome = pool.call("run", task(recipe, seed))
    if outcome.kind != "done" or outcome.value["status"] != "done":
        raise RuntimeError(f"the run failed: {outcome.value}")


def side_by_side(pool: Pool, seed: int) -> None:
    """The same run on every worker at once."""
    waiting = len(pool.idle())
    for number, slot in enumerate(pool.idle()):
        pool.submit(slot, number, ("run", task(BASE, seed + 10 * number)))
    while waiting:
        waiting -= len(pool.wait(1.0))
