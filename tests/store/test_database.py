import sqlite3

import numpy as np
import pytest

from dlbench.store.database import FILE, Store
from dlbench.values.errors import InputError
from dlbench.values.record import Record


def record(run_id="a", status="done", **fields):
    return Record(run_id, {"model.dropout": 0.5}, 3, status, started="2026-01-01T00:00:00+00:00", **fields)


def test_what_was_added_is_read_back(tmp_path):
    arrays = {"bits": np.arange(5, dtype=np.uint8), "weights/conv/kernel": np.ones((2, 3), np.float32)}
    with Store(tmp_path, write=True) as store:
        store.add(record(scores={"test_accuracy": 0.1 + 0.2}), arrays)
    with Store(tmp_path) as store:
        got = store.arrays("a")
        assert {name: (value.dtype, value.tolist()) for name, value in got.items()} == {
            name: (value.dtype, value.tolist()) for name, value in arrays.items()}
        assert list(store.weights("a")) == ["conv/kernel"]
        assert store.finished() == {"a"}


def test_an_attempt_never_overwrites_an_earlier_one(tmp_path):
    with Store(tmp_path, write=True) as store:
        store.add(record(status="killed", reason="signal 9"), {})
        assert store.finished() == set(), "killed runs are tried again"
        store.add(record(), {})
        assert store.finished() == {"a"}
        rows = store.connection.execute("SELECT attempt, status FROM records ORDER BY attempt").fetchall()
    assert rows == [(1, "killed"), (2, "done")]


def test_a_diverged_run_would_diverge_again_and_is_not_repeated(tmp_path):
    with Store(tmp_path, write=True) as store:
        store.add(record(status="diverged", reason="not finite"), {})
        assert store.finished() == {"a"}


def test_a_record_and_its_arrays_come_together_or_not_at_all(tmp_path):
    class Unwritable:
        dtype, shape = "x", (1,)

        def tobytes(self):
            raise OSError("disk full")

    with Store(tmp_path, write=True) as store:
        with pytest.raises(OSError, match="disk full"):
            store.add(record(), {"good": np.ones(2), "bad": Unwritable()})
        assert store.statuses() == {} and store.connection.execute("SELECT COUNT(*) FROM arrays").fetchone() == (0,)
        store.add(record("b"), {})
        assert store.finished() == {"b"}


def test_fresh_renames_what_was_there(tmp_path):
    for fresh in (False, True, True):
        with Store(tmp_path, write=True, fresh=fresh) as store:
            assert store.statuses() == {}
            store.add(record(), {})
    assert {path.name for path in tmp_path.glob("*.sqlite")} == {FILE, "results.old1.sqlite", "results.old2.sqlite"}


def test_one_writer_at_a_time_and_readers_beside_it(tmp_path):
    with Store(tmp_path, write=True) as store:
        store.add(record(), {})
        with pytest.raises(InputError, match="is writing to this folder"):
            Store(tmp_path, write=True)
        with Store(tmp_path) as reader:
            assert reader.finished() == {"a"}
    with Store(tmp_path, write=True):
        pass


def test_no_results_is_one_clear_message(tmp_path):
    with pytest.raises(InputError, match="no results here"):
        Store(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_file_that_is_not_a_store_is_said_so(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match="cannot be used as a store"):
        Store(tmp_path)


def test_a_store_of_a_newer_version_is_left_alone(tmp_path):
    with Store(tmp_path, write=True):
        pass
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE meta SET value = '99'")
    with pytest.raises(InputError, match="newer dlbench"):
        Store(tmp_path)
