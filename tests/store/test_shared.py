"""The file of all studies' runs: what is given comes back as it was, and the runs that were used longest ago go first."""

import itertools
import threading

import numpy as np
import pytest

from dlbench.store import shared
from dlbench.store.database import LABELS, Store
from dlbench.store.shared import Kept, SharedRuns, arrays_of, empty, origin_array, origins, record_of, summary
from dlbench.values.recipe import Recipe, to_dict
from dlbench.values.record import Controls, Cost, Record, Unproven

ARRAYS = {"test_bits": np.arange(3, dtype=np.uint8), "test_predictions": np.arange(20) % 3, "weights/kernel": np.eye(3, dtype=np.float32),
          "weights/scalar": np.float32(2.5), LABELS: np.arange(20) % 2}


def record(run_id="r1", size=0):
    controls = Controls("d", "s", "e", {"dense": "i"}, touched=("a",), near_duplicates=(1, 2), order=("o",), weights="w",
                        global_draws=Unproven("not watched"), acted={"early": False}, files={"digits": "0f"})
    return Record(run_id, to_dict(Recipe()), 3, "done", "", {"test_accuracy": 0.1 + 0.2, "target_s": None}, {"epoch": [1.0] * (size + 1)},
                  Cost(parameters=7, wall_s=1.5), controls, "env", "2026-01-01T00:00:00+00:00")


def kept(run_id="r1", size=0, arrays=()):
    return Kept(record(run_id, size), dict(arrays), {"numpy": "2.0"}, "first", "/reports/first")


def taken(runs, *run_ids, made="m", **how):
    return list(runs.take(dict.fromkeys(run_ids, made), lambda _: True, **how))


@pytest.fixture
def runs(tmp_path):
    return SharedRuns(tmp_path / "runs", 10**7, pytest.fail)


def test_a_run_comes_back_as_it_was_given(runs, tmp_path):
    with Store(tmp_path / "out", write=True) as store:
        store.add(record(), ARRAYS)
        runs.give([(Kept(record_of(store, "r1"), arrays_of(store, "r1"), {"numpy": "2.0"}, "first", "/reports/first"), "m")])
    (found,) = taken(runs, "r1")
    assert found.record == record() and found.record.to_dict() == record().to_dict() and (found.study, found.environment) == (
        "first", {"numpy": "2.0"})
    assert found.arrays.keys() == ARRAYS.keys()
    for name, value in ARRAYS.items():
        assert found.arrays[name].dtype == value.dtype and np.array_equal(found.arrays[name], value), name
    with Store(tmp_path / "other", write=True) as store:
        store.add(found.record, found.arrays | origin_array(found))
        assert origins(store) == {"r1": {"study": "first", "folder": "/reports/first"}}
        assert arrays_of(store, "r1").keys() == ARRAYS.keys() and not store.check().damage
        store.add(record(), ARRAYS)
        assert origins(store) == {}, "a later attempt was made here"


def test_nothing_is_left_beside_the_file(runs, tmp_path):
    runs.give([(kept(), "m")])
    for read in (lambda: runs.there({"r1": "m"}), lambda: taken(runs, "r1"), lambda: runs.used(["r1"]), lambda: summary(tmp_path / "runs")):
        assert read() is None or read()
        assert [path.name for path in (tmp_path / "runs").iterdir()] == ["runs.sqlite"]


def test_only_what_was_made_alike_is_there(runs):
    runs.give([(kept(), "m")])
    assert runs.there({"r1": "m", "r2": "m"}) == {"r1"} and runs.there({"r1": "n"}) == set()
    assert runs.there({"r1": "n"}, any_made=True) == {"r1"} and not taken(runs, "r1", made="n")
    assert len(taken(runs, "r1", made="n", any_made=True)) == 1
    assert runs.there({f"r{number}": "m" for number in range(2000)}) == {"r1"}


def test_of_several_that_fit_the_one_made_alike_is_taken_else_the_last_used(runs, monkeypatch):
    monkeypatch.setattr(shared.time, "time", itertools.count(1).__next__)
    for made in ("m", "n"):
        runs.give([(Kept(record(), {}, {}, made, ""), made)])
    assert [run.study for run in taken(runs, "r1", made="m", any_made=True)] == ["m"]
    assert [run.study for run in taken(runs, "r1", made="x", any_made=True)] == ["n"]


def test_what_is_there_stays_unless_it_is_replaced(runs):
    runs.give([(kept(), "m")])
    runs.give([(kept(size=5), "m")])
    assert len(taken(runs, "r1")[0].record.curves["epoch"]) == 1
    runs.give([(kept(size=5), "m")], replace=True)
    assert len(taken(runs, "r1")[0].record.curves["epoch"]) == 6


def test_the_runs_that_were_used_longest_ago_go_first(runs, monkeypatch):
    monkeypatch.setattr(shared.time, "time", itertools.count(1).__next__)
    size, ids = 5000, [f"r{number}" for number in range(8)]
    runs.limit_bytes = 4 * len(shared._packed({})) + 4 * 6 * size
    for run_id in ids[:4]:
        runs.give([(kept(run_id, size), "m")])
    there = runs.there(dict.fromkeys(ids, "m"))
    assert "r0" in there or len(there) == 3
    runs.used(["r1"])
    for run_id in ids[4:6]:
        runs.give([(kept(run_id, size), "m")])
    there = runs.there(dict.fromkeys(ids, "m"))
    assert {"r1", "r4", "r5"} <= there and "r0" not in there and "r2" not in there
    for run_id in map(str, range(40)):
        runs.give([(kept(run_id, size), "m")])
    assert runs.path.stat().st_size < 1.5 * runs.limit_bytes + 10**5, "room of runs that went is used again"


def test_a_run_larger_than_the_limit_is_not_kept(runs):
    runs.limit_bytes = 10
    runs.give([(kept(), "m")])
    assert runs.there({"r1": "m"}) == set()


def test_two_writers_at_once_lose_nothing(tmp_path):
    def write(first):
        runs = SharedRuns(tmp_path, 10**7, pytest.fail)
        for number in range(first, first + 20):
            runs.give([(kept(f"r{number}"), "m")])

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(SharedRuns(tmp_path, 10**7, pytest.fail).there({f"r{number}": "m" for number in range(40)})) == 40


def test_the_file_is_summed_up_and_removed_alone(runs):
    folder = runs.path.parent
    assert summary(folder) is None
    runs.give([(kept(), "m")])
    (folder / "mine.txt").write_text("")
    count, size, used = summary(folder)
    assert count == 1 and size > 0 and used > 0
    runs.path.write_bytes(b"no database" * 50)
    assert summary(folder)[0] == -1
    empty(folder)
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
