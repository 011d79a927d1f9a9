"""Studies take each other's finished runs from the cache: what is the same is made once, and nothing else is taken."""

import dataclasses
import sqlite3
from contextlib import closing

import pytest

from dlbench.app.elsewhere import kept_runs
from dlbench.execution import driver as driver_module
from dlbench.execution import environment, shared
from dlbench.execution.driver import Driver
from dlbench.execution.options import Options, Reuse
from dlbench.store import shared as stored_runs
from dlbench.store.database import Store
from dlbench.store.merge import merge
from dlbench.store.read import progress, read
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from tests.execution.fakes import FakePool, Heard, accuracy

LIMIT, PLAIN = 10**8, accuracy({})


class Machine:
    """Studies that are carried out on one machine, with one cache."""

    def __init__(self, folder, patch):
        self.folder, self.patch, self.file = folder, patch, folder / "cache" / "runs" / stored_runs.FILE

    def plan(self, name, arms, more=""):
        """The plan of a study of the baseline and arms of dropout, on two seeds unless ``more`` says otherwise."""
        text = "".join(f'[[arms]]\ntechnique = "dropout"\nrate = {rate}\n' for rate in arms)
        (self.folder / f"{name}.toml").write_text(f"margin = 0.01\n{more or 'seeds = 2'}\n{text}")
        return plan(load(str(self.folder / f"{name}.toml")))

    def run(self, name, *arms, change=lambda whole: whole, more="", score=PLAIN, stop_after=None, **options):
        """Carry a study out; the pool that ran it, what the driver counted, and what it said."""
        pool, listener = FakePool(score, stop_after), Heard()
        self.patch.setattr(driver_module, "Pool", pool)
        given = {"rounds": 0, "shared_bytes": LIMIT} | options
        asked = Options(self.folder / name, "x", 2, None, str(self.folder / "cache"), **given)
        summary = Driver(change(self.plan(name, arms, more)), asked, listener).carry_out()
        return pool, summary, listener.notes


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


def counts(summary):
    return summary.done, summary.taken, summary.reused


def test_two_studies_with_one_baseline_train_it_once(machine, tmp_path):
    machine.run("first", 0.1)
    pool, summary, notes = machine.run("second", 0.2)
    assert counts(summary) == (2, 2, 0) and {rate for rate, _ in pool.ran} == {0.2}
    assert [note for note in notes if "taken" in note] == [
        f"2 runs made for other studies (2 in {tmp_path / 'first'}) are taken from there; `--reuse none` makes them anew"]
    assert counts(machine.run("second", 0.2)[1]) == (0, 0, 4), "the second time they are there"
    results = read(tmp_path / "second")
    assert set(results.taken) == set(results.runs[results.runs.arm == "baseline"].run_id) and results.complete
    assert all(made == {"study": "first", "folder": str(tmp_path / "first")} for made in results.taken.values())
    assert progress(tmp_path / "second")["taken"] == {str(tmp_path / "first"): 2} and progress(tmp_path / "first")["taken"] == {}


def test_what_is_taken_is_the_same_row(machine, tmp_path):
    machine.run("first", 0.1)
    machine.run("again", 0.1)
    assert read(tmp_path / "again").taken.keys() == set(read(tmp_path / "again").runs.run_id)
    columns = "run_id, seed, status, reason, recipe, scores, curves, cost, controls, environment, started"
    first, again = (sorted(sqlite3.connect(tmp_path / name / "results.sqlite").execute(f"SELECT {columns} FROM records"))
                    for name in ("first", "again"))
    assert first == again
    with Store(tmp_path / "again") as store:
        assert not store.check().damage


def test_a_merge_keeps_a_run_that_was_taken_once(machine, tmp_path):
    machine.run("study", 0.1)
    (tmp_path / "study").rename(tmp_path / "other")
    machine.run("study", 0.1)
    assert merge([tmp_path / "study", tmp_path / "other"], tmp_path / "merged").attempts == 4


def test_a_study_that_another_has_made_starts_no_worker(machine, tmp_path):
    machine.run("first", 0.1)
    machine.patch.setattr(FakePool, "__enter__", lambda _: pytest.fail("a worker was started"))
    _, summary, _ = machine.run("second", 0.1)
    assert counts(summary) == (0, 4, 0) and read(tmp_path / "second").complete


@pytest.mark.parametrize("options, taken, left", [
    ({"reuse": Reuse.NONE}, 0, 0), ({"fresh": True}, 0, 0), ({"shared_bytes": 0}, 0, 0), ({"backend": "local"}, 4, 0)])
def test_what_is_asked_for_is_done(machine, options, taken, left):
    machine.run("first", 0.1)
    assert counts(machine.run("second", 0.1, **options)[1]) == (4 - taken, taken, left)


def test_a_fresh_run_takes_the_place_of_the_one_that_is_kept(machine, tmp_path):
    machine.run("first", 0.1)
    machine.run("second", 0.1, score=accuracy({0.1: 0.05}), fresh=True)
    machine.run("third", 0.1)
    scores = [read(tmp_path / name).runs.test_accuracy.tolist() for name in ("first", "second", "third")]
    assert scores[1] == scores[2] != scores[0]


def test_other_versions_and_other_hardware_are_not_taken_unless_any_are_wanted(machine, monkeypatch):
    machine.run("first", 0.1)
    real = environment.facts_of
    for number, (name, value) in enumerate({"keras": "99", "dlbench": "99", "cpu": "another", "oneDNN": False, "gpus": ["H100"]}.items()):
        monkeypatch.setattr(environment, "facts_of", lambda *given, name=name, value=value: real(*given) | {name: value})
        assert counts(machine.run(f"other{number}", 0.1)[1]) == (4, 0, 0), name
    monkeypatch.setattr(environment, "facts_of", lambda *given: real(*given) | {"cores": 99, "python": "4.0", "pandas": "99"})
    assert counts(machine.run("alike", 0.1)[1]) == (0, 4, 0), "what decides no result does not count"
    monkeypatch.setattr(shared, "processor", lambda: "other instructions")
    assert counts(machine.run("instructions", 0.1)[1]) == (4, 0, 0)
    monkeypatch.setattr(environment, "facts_of", lambda *given: real(*given) | {"keras": "100"})
    assert counts(machine.run("any", 0.1, reuse=Reuse.ANY)[1]) == (0, 4, 0)


def test_other_data_behind_one_name_are_not_taken(machine):
    def files(content):
        return lambda whole: dataclasses.replace(whole, study=dataclasses.replace(whole.study, files={"digits": content}))

    machine.run("first", 0.1, change=files("0f"))
    assert counts(machine.run("second", 0.1, change=files("a1"))[1]) == (4, 0, 0)
    assert counts(machine.run("third", 0.1, change=files("0f"))[1]) == (0, 4, 0)


def test_a_measured_time_and_a_script_are_made_anew(machine):
    def measured(whole):
        return dataclasses.replace(whole, study=dataclasses.replace(whole.study, metric="wall_s"))

    assert shared.can_be_shared(machine.plan("plain", [0.1])) and not shared.can_be_shared(measured(machine.plan("timed", [0.1])))
    assert not shared.can_be_shared(plan(load("scripts/sklearn_digits")))


def test_only_runs_that_ended_for_good_are_left_for_others(machine):
    machine.run("first", 0.1, score=lambda fields, seed: 0.9 if seed else None)
    assert counts(machine.run("second", 0.1)[1]) == (2, 2, 0)


def test_an_interrupted_study_leaves_what_it_finished(machine):
    with pytest.raises(KeyboardInterrupt):
        machine.run("first", 0.1, stop_after=2)
    assert counts(machine.run("second", 0.1)[1]) == (2, 2, 0)


def test_runs_of_a_folder_from_before_are_left_for_others(machine):
    machine.run("first", 0.1, shared_bytes=0)
    assert counts(machine.run("first", 0.1)[1]) == (0, 0, 4)
    assert counts(machine.run("second", 0.1)[1]) == (0, 4, 0)


def test_each_stage_of_a_study_takes_what_is_there(machine):
    adaptive = "adaptive = { looks = [4, 8] }"
    _, summary, _ = machine.run("first", 0.1, more=adaptive)
    assert counts(machine.run("second", 0.1, more=adaptive)[1]) == (0, summary.done, 0)


def test_planning_says_what_will_be_taken(machine, tmp_path):
    machine.run("first", 0.1)
    machine.patch.setenv("DLBENCH_RUNS_GIB", "1")
    whole = machine.plan("second", [0.1, 0.2])
    assert len(kept_runs(whole, tmp_path / "second", str(tmp_path / "cache"), pytest.fail)) == 4


def test_a_study_that_cannot_be_prepared_writes_nothing(machine, tmp_path):
    machine.run("first", 0.1)

    def refuse(*_):
        raise InputError("no such data")

    machine.patch.setattr(driver_module, "prepare_engine", refuse)
    with pytest.raises(InputError):
        machine.run("second", 0.1, 0.2)
    assert not (tmp_path / "second" / "results.sqlite").exists()


def spoil_row(machine):
    with sqlite3.connect(machine.file) as connection:
        connection.execute("UPDATE runs SET record = replace(record, '0.8', '0.9')")


def spoil_meaning(machine, name="record", value='{"run_id": 3}'):
    """Rows that no dlbench writes, under seals that fit."""
    with sqlite3.connect(machine.file) as connection:
        connection.execute(f"UPDATE runs SET {name} = ?", (value,))
        connection.create_function("sealed", -1, lambda *values: stored_runs.seal(values))
        connection.execute(f"UPDATE runs SET seal = sealed({', '.join(stored_runs.FIELDS)})")


@pytest.mark.parametrize("spoil", [
    spoil_row, spoil_meaning, lambda machine: spoil_meaning(machine, "arrays", b"PK\x05\x06"),
    lambda machine: spoil_meaning(machine, "environment", "[]")])
def test_a_run_that_is_not_as_it_was_written_is_made_anew(machine, spoil):
    machine.run("first", 0.1)
    spoil(machine)
    _, summary, notes = machine.run("second", 0.1)
    assert counts(summary) == (4, 0, 0)
    assert [note for note in notes if "not as written" in note] == [f"{machine.file}: 4 runs not as written: removed, and made anew"]
    assert counts(machine.run("third", 0.1)[1]) == (0, 4, 0)


def test_the_run_of_another_recipe_under_this_id_is_not_taken(machine):
    machine.run("first", 0.1)
    with sqlite3.connect(machine.file) as connection:
        connection.create_function("sealed", -1, lambda *values: stored_runs.seal(values))
        connection.execute("UPDATE runs SET record = replace(record, '\"seed\": 0', '\"seed\": 7')")
        connection.execute(f"UPDATE runs SET seal = sealed({', '.join(stored_runs.FIELDS)})")
    assert counts(machine.run("second", 0.1)[1]) == (2, 2, 0)


def not_a_database(machine):
    machine.file.write_bytes(b"something else" * 100)


def another_version(machine):
    with sqlite3.connect(machine.file) as connection:
        connection.execute("PRAGMA user_version = 99")


def a_link(machine):
    machine.file.rename(machine.folder / "elsewhere")
    machine.file.symlink_to(machine.folder / "elsewhere")


def a_folder_that_is_a_file(machine):
    for file in machine.file.parent.iterdir():
        file.unlink()
    machine.file.parent.rmdir()
    machine.file.parent.write_text("")


def full(machine):
    """The file may not grow, and the pages that it has are full: of copies of a run first, then of rows without content."""
    with closing(sqlite3.connect(machine.file, isolation_level=None)) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        copied = ", ".join(["hex(randomblob(16))", *stored_runs.FIELDS[1:], "seal", "used", "size"])
        for row in (f"SELECT {copied} FROM runs LIMIT 1", "VALUES (hex(randomblob(4)), '', '', '', '', '', '', '', 0, 0)"):
            with pytest.raises(sqlite3.OperationalError, match="full"):
                while True:
                    connection.execute(f"INSERT INTO runs {row}")
    real = stored_runs.connect

    def connect(path, write):
        connection = real(path, write)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    machine.patch.setattr(stored_runs, "connect", connect)


@pytest.mark.parametrize("spoil, reason", [
    (not_a_database, "file is not a database"), (another_version, "written by another version of dlbench"), (a_link, "is a link"),
    (a_folder_that_is_a_file, "File exists"), (full, "full")])
def test_a_cache_that_cannot_be_used_is_said_once_and_the_study_goes_on(machine, tmp_path, spoil, reason):
    machine.run("first", 0.1)
    spoil(machine)
    _, summary, notes = machine.run("second", 0.3)
    said = [note for note in notes if "goes on without" in note]
    assert summary.done + summary.taken == 4 and len(said) == 1 and reason in said[0] and "dlbench cache --remove runs" in said[0]
    assert read(tmp_path / "second").complete


def test_a_cache_that_another_process_keeps_to_itself_is_done_without(machine, monkeypatch):
    machine.run("first", 0.1)
    monkeypatch.setattr(stored_runs, "BUSY_MS", 1)
    other = sqlite3.connect(machine.file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    _, summary, notes = machine.run("second", 0.2)
    other.close()
    assert summary.done + summary.taken == 4 and sum("goes on without" in note for note in notes) == 1


def test_a_cache_that_is_deleted_during_a_run_is_begun_anew(machine):
    machine.run("first", 0.1)

    def score(fields, seed):
        machine.file.unlink(missing_ok=True)
        return 0.9

    _, summary, notes = machine.run("second", 0.2, score=score)
    assert summary.done + summary.taken == 4 and not [note for note in notes if "goes on without" in note]
    assert counts(machine.run("third", 0.2)[1]) == (2, 2, 0), "what was made after it was deleted is there"
