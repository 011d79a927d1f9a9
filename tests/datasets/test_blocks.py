"""Blocks of an array: each is computed once, by whoever is there, and nothing of those who left is trusted."""

import subprocess
import sys
import threading
from contextlib import contextmanager

import numpy as np
import pytest

from dlbench.datasets.blocks import DONE, Blocks, remove_abandoned
from tests.calling import environment

SHAPE = (10, 2)


@pytest.fixture
def join(tmp_path):
    mutex = threading.RLock()

    @contextmanager
    def alone():
        with mutex:
            yield

    joined = []

    def join(name=".part"):
        joined.append(Blocks(tmp_path / name, SHAPE, "float32", 3, alone))
        return joined[-1]

    yield join
    for part in joined:
        part._held.close()


def rows(start, stop):
    return np.arange(2 * start, 2 * stop, dtype=np.float32).reshape(-1, 2)


def test_all_who_are_there_compute_and_each_block_is_computed_once(join):
    together, computed = threading.Barrier(2, timeout=60), []
    parts = [join(), join()]

    def compute(part):
        def values(start, stop):
            if start < 6:  # the first two blocks: one for each
                together.wait()
            computed.append((threading.get_ident(), start))
            return rows(start, stop)
        part.compute(values)

    threads = [threading.Thread(target=compute, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(start for _, start in computed) == [0, 3, 6, 9] and len({who for who, _ in computed}) == 2
    assert all(np.array_equal(part.array, rows(0, 10)) for part in parts)


def test_a_block_whose_computation_fails_is_free_for_the_others(join):
    ours, theirs = join(), join()

    def broken(start, stop):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        theirs.compute(broken)
    theirs.leave()
    ours.compute(rows)
    assert np.array_equal(ours.array, rows(0, 10))


KILLED = """
import os, sys
from contextlib import nullcontext
from pathlib import Path
from dlbench.datasets.blocks import Blocks

def values(start, stop):
    return [[1, 1]] * 3 if start == 0 else os._exit(9)

Blocks(Path(".part"), (10, 2), "float32", 3, nullcontext).compute(values)
"""


def killed(folder):
    assert subprocess.run([sys.executable, "-c", KILLED], cwd=folder, env=environment(folder), check=False).returncode == 9


def test_the_block_of_a_killed_process_is_computed_by_one_that_lives_and_what_it_had_done_stays(join, tmp_path):
    ours = join()
    killed(tmp_path)
    ours.compute(rows)
    assert np.array_equal(ours.array[:3], np.ones((3, 2))) and np.array_equal(ours.array[3:], rows(3, 10))


def test_what_is_left_when_all_were_killed_is_begun_anew(join, tmp_path):
    killed(tmp_path)
    ours = join()
    assert not (ours._owners == DONE).any()
    ours.compute(rows)
    assert np.array_equal(ours.array, rows(0, 10))


def test_only_what_nobody_computes_is_abandoned(join, tmp_path):
    killed(tmp_path)
    ours = join(".other")
    remove_abandoned(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {".other", ".other.owners"}
    ours.compute(rows)
    ours.keep(tmp_path / "kept.npy")
    ours.leave()
    assert [file.name for file in tmp_path.iterdir()] == ["kept.npy"] and np.array_equal(np.load(tmp_path / "kept.npy"), rows(0, 10))


def test_the_last_one_removes_what_was_not_kept_and_nothing_that_came_after(join, tmp_path):
    first, second = join(), join()
    first.leave()
    assert (tmp_path / ".part").exists()
    (tmp_path / ".part").unlink()
    later = join()
    second.leave()
    assert (tmp_path / ".part").exists()
    later.leave()
    assert list(tmp_path.iterdir()) == []
