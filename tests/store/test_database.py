import sqlite3
from pathlib import Path

import numpy as np
import pytest

from dlbench.store import schema
from dlbench.store.database import FILE, Store
from dlbench.store.read import read
from dlbench.store.repair import PAGE, repair
from dlbench.store.schema import COLUMNS
from dlbench.values.errors import InputError
from dlbench.values.record import Record
from tests.store.test_stream import FACTS, arm


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


@pytest.mark.parametrize("content", [b"not a database at all", b"SQLite format 3\x00" + b"\x00" * 200])
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


def damaged(tmp_path):
    """A store of many records, and the bytes of its file."""
    with Store(tmp_path, write=True) as store:
        store.open_study("s", FACTS, [arm("arm", None)], [("arm", seed, f"run{seed}") for seed in range(60)])
        for seed in range(60):
            store.add(record(f"run{seed}", scores={"m": seed / 7}), {"bits": np.full(300, seed % 256, np.uint8)})
    return bytearray((tmp_path / FILE).read_bytes())


@pytest.mark.parametrize("table, change", [
    ("records", "UPDATE records SET scores = '{\"m\": 9}' WHERE run_id = 'run7'"),
    ("arrays", "UPDATE arrays SET data = x'00' WHERE run_id = 'run7'"),
    ("arrays", "DELETE FROM arrays WHERE run_id = 'run7'"), ("studies", "UPDATE studies SET arms = '[1]'"),
    ("cells", "UPDATE cells SET run_id = 'run8' WHERE seed = 7")])
def test_whatever_is_changed_is_found(table, change, tmp_path):
    damaged(tmp_path)
    with Store(tmp_path) as store:
        assert store.check().damage == () and store.check().rows["records"] == 60
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute(change)
    with Store(tmp_path) as store:
        (line, *more) = store.check().damage
        assert not more and (table in line or "does not have the arrays" in line)


def test_damaged_arrays_are_not_handed_out(tmp_path):
    damaged(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE arrays SET data = zeroblob(300) WHERE run_id = 'run7'")
    with Store(tmp_path) as store, pytest.raises(InputError, match=r"damaged \(arrays: bits of run run7.*--repair"):
        store.arrays("run7")


def test_a_header_that_forbids_writing_is_damage_not_a_full_disk(tmp_path):
    with Store(tmp_path, write=True) as store:
        store.add_environment("here", {})
    path = tmp_path / FILE
    data = bytearray(path.read_bytes())
    data[18] = 3  # the version of the format that a writer must know
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"its header forbids to write.*--repair"), Store(tmp_path, write=True) as store:
        store.add_environment("there", {})
    assert repair(tmp_path).saved["environments"] == 1
    with Store(tmp_path, write=True) as store:
        store.add_environment("there", {})
        assert set(store.environments()) == {"here", "there"} and not store.check().damage


def test_a_version_that_its_tables_belie_is_damage_and_their_seals_save_the_rows(tmp_path):
    damaged(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE meta SET value = '1'")
        connection.execute("DELETE FROM records WHERE run_id = 'run7'")
    with pytest.raises(InputError, match=r"not those of schema 1.*--repair"):
        Store(tmp_path)
    done = repair(tmp_path)
    assert (done.saved["records"], done.saved["arrays"], done.lost["arrays"]) == (59, 59, 1)
    with Store(tmp_path) as store:
        assert store.check().damage == () and store.check().rows["arrays"] == 59


@pytest.mark.parametrize("version, words", [("1", "have no seals"), ("99", "newer dlbench")])
def test_what_cannot_be_told_good_from_damaged_is_not_repaired(version, words, tmp_path):
    damaged(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE meta SET value = ?", (version,))
        connection.execute("ALTER TABLE cells DROP COLUMN seal")
    with pytest.raises(InputError, match=words):
        repair(tmp_path)


def test_an_error_over_a_damaged_store_is_told_as_damage_and_any_other_as_it_is(tmp_path):
    damaged(tmp_path)
    with pytest.raises(ZeroDivisionError), Store(tmp_path):
        _ = 1 / 0
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE looks SET look = 'x'")
        connection.execute("UPDATE cells SET arm = 'x' WHERE seed = 0")
    with pytest.raises(InputError, match="damaged"), Store(tmp_path):
        _ = 1 / 0


@pytest.mark.parametrize("first, last", [
    (0, 100), (0, PAGE), (PAGE, 2 * PAGE), (3 * PAGE, 4 * PAGE), (5 * PAGE, 9 * PAGE), (7 * PAGE, 30 * PAGE)])
def test_what_can_be_read_of_a_damaged_store_is_saved_and_the_damaged_file_kept(first, last, tmp_path):
    data = damaged(tmp_path)
    data[first:last] = bytes(255 - byte for byte in data[first:last])
    (tmp_path / FILE).write_bytes(data)
    done = repair(tmp_path)
    assert done.kept.read_bytes() == data and done.kept.name == "results.damaged1.sqlite"
    with Store(tmp_path) as store:
        assert store.check().damage == ()
        kept = store.statuses()
        assert done.saved["records"] == len(kept)
        for run_id in kept:
            assert store.arrays(run_id)["bits"][0] == int(run_id.removeprefix("run")) and store.scores("m")[run_id] == int(run_id[3:]) / 7
    if last - first <= PAGE:
        assert len(kept) > 20, "one page does not take the others with it"


def test_a_store_cut_short_keeps_its_beginning(tmp_path):
    data = damaged(tmp_path)
    (tmp_path / FILE).write_bytes(data[: len(data) // 2])
    repair(tmp_path)
    with Store(tmp_path, write=True) as store:
        assert store.check().damage == ()
        store.add(record("new"), {})


def test_a_sound_store_is_not_repaired(tmp_path):
    data = damaged(tmp_path)
    assert repair(tmp_path) is None and (tmp_path / FILE).read_bytes() == data
    with pytest.raises(InputError, match="no results here"):
        repair(tmp_path / "nowhere")


def test_what_is_no_store_at_all_cannot_be_repaired_and_stays(tmp_path):
    (tmp_path / FILE).write_text("something else")
    with pytest.raises(InputError, match="--fresh"):
        repair(tmp_path)
    assert (tmp_path / FILE).read_text() == "something else" and [path.name for path in tmp_path.iterdir()] == [FILE]
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        connection.execute("CREATE TABLE mine (x)")
    (tmp_path / "other.sqlite").rename(tmp_path / FILE)
    with pytest.raises(InputError, match="not one of dlbench's"):
        Store(tmp_path, write=True)


@pytest.fixture
def older(tmp_path):
    """Results that the code of schema 1 left: a study of real trainings, as the text of its database."""
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.executescript((Path(__file__).parent / "schema1.sql").read_text())
    return tmp_path


def test_an_older_store_is_read_as_it_is(older):
    before = (older / FILE).read_bytes()
    results = read(older)
    assert results.complete and len(results.runs) == 6 and set(results.runs.control) == {"baseline", "controlled"}
    with Store(older) as store:
        assert store.schema == 1 and store.check().damage == ()
    assert (older / FILE).read_bytes() == before and [path.name for path in older.glob("*.sqlite")] == [FILE]


def test_an_older_store_is_migrated_by_its_next_writer_and_kept_beside_it(older):
    before, was = (older / FILE).read_bytes(), read(older)
    with Store(older, write=True) as store:
        store.add(record("new"), {"bits": np.ones(3)})
    with Store(older) as store:
        assert store.schema == 2 and store.check().damage == () and "new" in store.finished()
        new = {name: store.connection.execute(f"PRAGMA table_info({name})").fetchall() for name in COLUMNS}
    now = read(older)
    assert now.runs.equals(was.runs) and now.curves.equals(was.curves) and now.interim == was.interim
    kept = sqlite3.connect(older / "results.schema1.sqlite")
    (older / "before").mkdir()
    (older / "before" / FILE).write_bytes(before)
    assert list(kept.iterdump()) == list(sqlite3.connect(older / "before" / FILE).iterdump())
    with Store(older / "fresh", write=True) as store:
        assert new == {name: store.connection.execute(f"PRAGMA table_info({name})").fetchall() for name in COLUMNS}


def test_a_migration_that_is_broken_off_is_done_again(older, monkeypatch):
    monkeypatch.setitem(schema.UPGRADES, 1, lambda connection: connection.execute("DROP TABLE looks") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Store(older, write=True)
    monkeypatch.undo()
    with Store(older, write=True) as store:
        assert store.schema == 1 and len(store.finished()) == 6
