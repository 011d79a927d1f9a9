"""Long work: memory and open files stay what they were, and a worker that dies is replaced at once."""

import os
import signal
import statistics
import time

import psutil
import pytest

from dlbench.engines.protocol import Settings, engine_named
from dlbench.execution.backends.local import Pool
from tests.faults.disturb import QUIET, REAL, count, family, said, start

STUDY = """
model = "mlp"
margin = 0.01
seeds = 200
examples = 60
budget = { epochs = 1 }
validation = 0.0
[baseline]
options = { hidden = 16 }
[[arms]]
technique = "dropout"
rate = [0.2, 0.5]
[[arms]]
technique = "l2"
strength = [1e-4, 1e-3, 1e-2]
[[arms]]
technique = "optimizer"
kind = ["sgd", "momentum", "rmsprop"]
[[arms]]
technique = "label_smoothing"
amount = 0.1
"""
RUNS, SETTLED = 2000, 200
PART = 100
"""How many runs the first and the last measurements are averaged over."""
KILLS = 20
pytestmark = pytest.mark.slow


def _usage(processes):
    """Resident memory in MiB and open files of each process."""
    found = []
    for process in processes:
        try:
            found.append((process.memory_info().rss / 2**20, process.num_fds()))
        except psutil.NoSuchProcess:
            return None
    return found


def test_two_thousand_runs_keep_memory_flat_and_files_constant(tmp_path, record_property):
    (tmp_path / "study.toml").write_text(STUDY)
    began, out = time.monotonic(), tmp_path / "out"
    process = start(REAL, tmp_path, "run", "study.toml", "--out", out, *QUIET)
    watched, samples = None, []
    while process.poll() is None:
        done = count(out)
        if done >= PART and watched is None:
            watched = [psutil.Process(process.pid), *sorted(family(process)[1], key=lambda worker: worker.pid)]
        if watched and done < RUNS and (usage := _usage(watched)):
            samples.append((done, usage))
        time.sleep(0.25)
    assert process.returncode == 0, said(tmp_path)
    assert count(out) == RUNS
    first = [usage for done, usage in samples if SETTLED <= done < SETTLED + PART]
    last = [usage for done, usage in samples if done >= RUNS - PART]
    names = ["driver", *(f"worker {number}" for number in range(1, len(watched)))]
    for position, name in enumerate(names):
        memory = [statistics.median(usage[position][0] for usage in part) for part in (first, last)]
        files = [statistics.median(usage[position][1] for usage in part) for part in (first, last)]
        record_property("soak", f"{name}|{memory[0]:.0f}|{memory[1]:.0f}|{memory[1] / memory[0] - 1:+.1%}|{files[0]:.0f}|{files[1]:.0f}")
    record_property("soak_runs", RUNS)
    record_property("soak_s", round(time.monotonic() - began))
    for position, name in enumerate(names):
        before, after = (statistics.median(usage[position][0] for usage in part) for part in (first, last))
        assert after < 1.05 * before, f"{name} grew from {before:.0f} to {after:.0f} MiB"
        assert {usage[position][1] for usage in last} <= {usage[position][1] for usage in first}, f"{name} has other open files"


def test_a_worker_that_dies_is_replaced_at_once(tmp_path, record_property):
    """From the signal to a worker that is ready for a task; the time itself is for the report to judge."""
    with Pool(2, Settings(str(tmp_path)), engine_named()) as pool:
        times = [_replaced(pool) for _ in range(KILLS)]
    record_property("replaced_ms", f"{1000 * statistics.median(times):.0f}|{1000 * max(times):.0f}|{KILLS}")


def _replaced(pool):
    while len(pool.idle()) < len(pool.slots):
        pool.wait(1.0)
    slot = pool.slots[0]
    dead, began = slot.process.pid, time.perf_counter()
    os.kill(dead, signal.SIGKILL)
    while slot.process.pid == dead or not slot.ready:
        pool.wait(1.0)
    return time.perf_counter() - began
