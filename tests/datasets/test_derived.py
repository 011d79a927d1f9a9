"""Arrays that are computed once: kept by their key, checked when they are read, the oldest removed first."""

import os
import threading

import numpy as np
import pytest

from dlbench.datasets import derived as cache
from dlbench.datasets.derived import Wanted, derived, listed_arrays, remove_array

LIMIT = 10**6


def wanted(key="0f", rows=10):
    return Wanted(key, f"features {key}", (rows, 3), "float32")


class Fill:
    """Writes numbers, and counts how often."""

    def __init__(self):
        self.calls = 0

    def __call__(self, array):
        self.calls += 1
        array[:] = np.arange(array.size, dtype=np.float32).reshape(array.shape)


@pytest.fixture
def fill():
    return Fill()


def test_an_array_is_computed_once_and_comes_back_as_it_was(tmp_path, fill):
    for _ in range(3):
        array = derived(tmp_path, wanted(), LIMIT, fill)
        assert array.dtype == np.float32 and np.array_equal(array, np.arange(30).reshape(10, 3))
    assert fill.calls == 1 and not array.flags.writeable


def test_two_at_once_compute_it_once(tmp_path, fill):
    found = []
    threads = [threading.Thread(target=lambda: found.append(derived(tmp_path, wanted(), LIMIT, fill))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fill.calls == 1 and len(found) == 4 and all(array is not None for array in found)


@pytest.mark.parametrize("spoil", [
    lambda file: file.write_bytes(file.read_bytes()[:-1] + b"x"), lambda file: file.write_bytes(b""),
    lambda file: file.write_bytes(file.read_bytes()[:100]), lambda file: file.with_suffix(".json").unlink(),
    lambda file: file.with_suffix(".json").write_text("{}"), lambda file: np.save(file, np.zeros((10, 3), np.float64)),
    lambda file: np.save(file, np.array([{}] * 10, object), allow_pickle=True)])
def test_one_that_is_not_as_it_was_written_is_computed_anew(spoil, tmp_path, fill, capfd):
    derived(tmp_path, wanted(), LIMIT, fill)
    file = tmp_path / "0f.npy"
    spoil(file)
    os.utime(file, (1, 1))
    assert np.array_equal(derived(tmp_path, wanted(), LIMIT, fill), np.arange(30).reshape(10, 3))
    assert fill.calls == 2 and "was damaged" in capfd.readouterr().err


def test_those_that_were_used_longest_ago_go_first(tmp_path, fill):
    size = derived(tmp_path, wanted("a"), LIMIT, fill).nbytes + 128
    derived(tmp_path, wanted("b"), LIMIT, fill)
    for position, key in enumerate("ab"):
        os.utime(tmp_path / f"{key}.json", (position + 1, position + 1))
    derived(tmp_path, wanted("a"), LIMIT, fill)  # used again
    derived(tmp_path, wanted("c"), 2 * size + 100, fill)
    assert sorted(file.stem for file, _ in listed_arrays(tmp_path)) == ["a", "c"]
    assert derived(tmp_path, wanted("d", rows=1000), 3 * size, fill) is None, "larger than the limit"


def test_a_disk_without_room_and_a_folder_that_cannot_be_made_are_said(tmp_path, fill, capfd, monkeypatch):
    (tmp_path / "file").write_text("")
    assert derived(tmp_path / "file", wanted(), LIMIT, fill) is None
    monkeypatch.setattr(cache, "_demand_room", lambda folder, size: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert derived(tmp_path / "full", wanted(), LIMIT, fill) is None
    said = capfd.readouterr().err
    assert "File exists" in said and "No space left on device" in said and said.count("is computed in every run") == 2
    assert not [file for file in (tmp_path / "full").iterdir() if file.suffix != ".lock"]


def test_what_fails_while_it_is_computed_leaves_nothing(tmp_path, fill):
    def broken(array):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        derived(tmp_path, wanted(), LIMIT, broken)
    assert list(listed_arrays(tmp_path)) == [] and not list(tmp_path.glob(".*.0f"))
    (tmp_path / ".999999999.0f").write_text("left by a process that was killed")
    derived(tmp_path, wanted(), LIMIT, fill)
    assert not list(tmp_path.glob(".9*"))


def test_arrays_are_listed_and_removed_whole(tmp_path, fill):
    assert list(listed_arrays(tmp_path / "nowhere")) == []
    derived(tmp_path, wanted(), LIMIT, fill)
    ((file, known),) = listed_arrays(tmp_path)
    assert known == wanted()
    remove_array(file)
    assert list(tmp_path.iterdir()) == []
