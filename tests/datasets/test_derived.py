"""Arrays that are computed once: kept by their key, checked when they are read, the oldest removed first."""

import os
import threading
from collections import Counter

import numpy as np
import pytest

from dlbench.datasets import derived as cache
from dlbench.datasets.derived import Wanted, derived, listed_arrays, remove_array

LIMIT = 10**6


def wanted(key="0f", rows=10):
    return Wanted(key, f"features {key}", (rows, 3), "float32")


class Values:
    """Gives numbers, and counts how often each row was asked for."""

    def __init__(self):
        self.calls = Counter()

    def __call__(self, start, stop):
        self.calls.update(range(start, stop))
        return np.arange(3 * start, 3 * stop, dtype=np.float32).reshape(-1, 3)

    def times(self):
        """How often the rows were asked for, which is equally often."""
        (times,) = set(self.calls.values())
        return times


@pytest.fixture
def values():
    return Values()


def test_an_array_is_computed_once_and_comes_back_as_it_was(tmp_path, values):
    for _ in range(3):
        array = derived(tmp_path, wanted(), LIMIT, values)
        assert array.dtype == np.float32 and np.array_equal(array, np.arange(30).reshape(10, 3))
    assert values.times() == 1 and not array.flags.writeable


def test_two_at_once_compute_it_once(tmp_path, values):
    found = []
    threads = [threading.Thread(target=lambda: found.append(derived(tmp_path, wanted(), LIMIT, values))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values.times() == 1 and len(found) == 4 and all(array is not None for array in found)


@pytest.mark.parametrize("spoil", [
    lambda file: file.write_bytes(file.read_bytes()[:-1] + b"x"), lambda file: file.write_bytes(b""),
    lambda file: file.write_bytes(file.read_bytes()[:100]), lambda file: file.with_suffix(".json").unlink(),
    lambda file: file.with_suffix(".json").write_text("{}"), lambda file: np.save(file, np.zeros((10, 3), np.float64)),
    lambda file: np.save(file, np.array([{}] * 10, object), allow_pickle=True)])
def test_one_that_is_not_as_it_was_written_is_computed_anew(spoil, tmp_path, values, capfd):
    derived(tmp_path, wanted(), LIMIT, values)
    file = tmp_path / "0f.npy"
    spoil(file)
    os.utime(file, (1, 1))
    assert np.array_equal(derived(tmp_path, wanted(), LIMIT, values), np.arange(30).reshape(10, 3))
    assert values.times() == 2 and "was damaged" in capfd.readouterr().err


def test_those_that_were_used_longest_ago_go_first(tmp_path, values):
    size = derived(tmp_path, wanted("a"), LIMIT, values).nbytes + 128
    derived(tmp_path, wanted("b"), LIMIT, values)
    for position, key in enumerate("ab"):
        os.utime(tmp_path / f"{key}.json", (position + 1, position + 1))
    derived(tmp_path, wanted("a"), LIMIT, values)  # used again
    derived(tmp_path, wanted("c"), 2 * size + 100, values)
    assert sorted(file.stem for file, _ in listed_arrays(tmp_path)) == ["a", "c"]
    assert derived(tmp_path, wanted("d", rows=1000), 3 * size, values) is None, "larger than the limit"


def test_a_disk_without_room_and_a_folder_that_cannot_be_made_are_said(tmp_path, values, capfd, monkeypatch):
    (tmp_path / "file").write_text("")
    assert derived(tmp_path / "file", wanted(), LIMIT, values) is None
    monkeypatch.setattr(cache, "_demand_room", lambda folder, size: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert derived(tmp_path / "full", wanted(), LIMIT, values) is None
    said = capfd.readouterr().err
    assert "File exists" in said and "No space left on device" in said and said.count("is computed in every run") == 2
    assert [file.name for file in (tmp_path / "full").iterdir()] == [cache.LOCK]


def test_what_fails_while_it_is_computed_leaves_nothing(tmp_path, values):
    def broken(start, stop):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        derived(tmp_path, wanted(), LIMIT, broken)
    assert list(listed_arrays(tmp_path)) == [] and not list(tmp_path.glob(".*"))
    (tmp_path / ".999999999.0f").write_text("left by a process that was killed")
    derived(tmp_path, wanted(), LIMIT, values)
    assert not list(tmp_path.glob(".*"))


def test_arrays_are_listed_and_removed_whole(tmp_path, values):
    assert list(listed_arrays(tmp_path / "nowhere")) == []
    derived(tmp_path, wanted(), LIMIT, values)
    ((file, known),) = listed_arrays(tmp_path)
    assert known == wanted()
    remove_array(file)
    assert [file.name for file in tmp_path.iterdir()] == [cache.LOCK]
