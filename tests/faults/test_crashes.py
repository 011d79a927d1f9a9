"""Whatever ends a session, and whenever: nothing is lost, and the same command ends with the results of an undisturbed one."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess

import pytest

from dlbench.store.database import FILE
from dlbench.store.lock import hold
from tests.faults.disturb import (
    QUIET,
    TOY,
    Blow,
    count,
    endure,
    results,
    session,
    start,
    wait_for,
)
from tests.faults.size import sized

KILLED = ("driver", "worker", "workers", "server", "both")
BLOWS = {
    "SIGKILL": (signal.SIGKILL, KILLED), "SIGINT": (signal.SIGINT, ("driver", "group")), "SIGTERM": (signal.SIGTERM, ("driver", "group"))}
TIMES = 12
"""How many blows of each signal; `test_kinds` deals a hundred more."""
pytestmark = pytest.mark.slow
"""tests/execution/test_run.py kills one study of real trainings once, has runs fail in every manner and a second writer."""


def test_a_killed_study_ends_as_an_undisturbed_one(undisturbed):
    study, expected, span = undisturbed(6)
    tally = endure(TOY, study, expected, 2, Blow(signal.SIGKILL, ("driver", "worker", "both"), span), random.Random(3))
    assert tally.strikes == 2 and tally.studies >= 1


@pytest.mark.parametrize("name", BLOWS)
def test_blows_at_random_moments(name, undisturbed, record_property):
    study, expected, span = undisturbed(20)
    how, victims = BLOWS[name]
    tally = endure(TOY, study, expected, sized(TIMES), Blow(how, victims, span), random.Random(1))
    for key, value in (("signal", name), ("engine", "none (scores from a function)"), ("strikes", tally.strikes),
                       ("sessions", tally.sessions), ("studies", tally.studies), ("runs", len(expected[0])),
                       ("victims", ", ".join(f"{victim} {n}" for victim, n in sorted(tally.by_victim.items())))):
        record_property(key, value)


def test_runs_that_their_workers_do_not_survive_are_records_and_are_run_again(undisturbed, tmp_path):
    study, expected, _ = undisturbed(6)
    code, said = session(TOY, tmp_path, "run", study, "--out", "out", *QUIET, "--timeout", 5, DLBENCH_TOY="memory abort kill hang")
    assert code == 3
    for words in ("error: MemoryError: Unable to allocate", "killed: the worker ended with exit code 134",
                  "killed: the worker was killed by signal 9, as the system does where memory runs out",
                  "timeout: took longer than the time limit"):
        assert words in said, said
    code, said = session(TOY, tmp_path, "run", study, "--out", "out", *QUIET)
    assert code == 0 and results(tmp_path / "out") == expected


def test_a_file_that_may_not_grow_ends_the_session_with_a_message(undisturbed, tmp_path):
    study, expected, _ = undisturbed(6)
    code, said = session(TOY, tmp_path, "run", study, "--out", "out", *QUIET, most_kib=250)
    assert code == 3 and "cannot be written" in said and "the same command resumes" in said, said
    assert 0 < count(tmp_path / "out") < len(expected[0])
    code, said = session(TOY, tmp_path, "run", study, "--out", "out", *QUIET)
    assert code == 0 and results(tmp_path / "out") == expected, said


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of 400 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", place], check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_ends_the_session_with_a_message(undisturbed, tmp_path, small_disk):
    study, expected, _ = undisturbed(6)
    code, said = session(TOY, tmp_path, "run", study, "--out", small_disk / "out", *QUIET)
    assert code == 3 and "disk is full" in said and "the same command resumes" in said, said
    assert 0 < count(small_disk / "out") < len(expected[0])
    subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
    code, said = session(TOY, tmp_path, "run", study, "--out", small_disk / "out", *QUIET)
    assert code == 0 and results(small_disk / "out") == expected, said


def test_a_read_only_disk_is_said_before_anything_is_paid_for(undisturbed, tmp_path, small_disk):
    study, _, _ = undisturbed(6)
    subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
    shutil.copytree(study.parent / "whole", small_disk / "whole", ignore=shutil.ignore_patterns(".lock"))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for out in ("whole", "new"):
        code, said = session(TOY, tmp_path, "run", study, "--out", small_disk / out, "--fresh", *QUIET)
        assert code == 2 and "cannot be written: its file system is read-only; choose another --out" in said
    code, said = session(TOY, tmp_path, "status", small_disk / "whole", "--verify")
    assert code == 0, said


def test_a_second_writer_is_told_who_holds_the_folder_or_waits(undisturbed, tmp_path):
    study, expected, _ = undisturbed(6)
    arguments, held = ("run", study, "--out", tmp_path / "out", *QUIET), f"process {os.getpid()} on {os.uname().nodename}, since 20"
    with hold(tmp_path / "out"):
        code, said = session(TOY, tmp_path, *arguments)
        assert code == 2 and held in said and "--wait" in said, said
        waiting = start(TOY, tmp_path, *arguments, "--wait")
        assert wait_for(lambda: f"waiting for dlbench, {held}" in (tmp_path / "stderr").read_text(), waiting)
    assert waiting.wait(60) == 0 and results(tmp_path / "out") == expected


def test_the_lock_of_a_dead_process_is_taken_over(undisturbed, tmp_path):
    study, expected, _ = undisturbed(6)
    first = start(TOY, tmp_path, "run", study, "--out", tmp_path / "out", *QUIET, DLBENCH_TOY_S="0.2")
    assert wait_for(lambda: count(tmp_path / "out") >= 1, first)
    first.kill()
    first.wait()
    assert (tmp_path / "out" / ".lock").exists()
    code, said = session(TOY, tmp_path, "run", study, "--out", tmp_path / "out", *QUIET)
    assert code == 0 and f"taken over from dlbench, process {first.pid}" in said and results(tmp_path / "out") == expected
    assert not (tmp_path / "out" / ".lock").exists()


def test_what_is_left_of_a_session_killed_before_its_first_record_is_an_empty_store(tmp_path, undisturbed):
    study, expected, _ = undisturbed(6)
    (tmp_path / "out").mkdir()
    sqlite3.connect(tmp_path / "out" / FILE).close()
    (tmp_path / "out" / FILE).touch()
    code, said = session(TOY, tmp_path, "status", "out")
    assert code == 2 and "nothing has been stored in it" in said
    code, said = session(TOY, tmp_path, "run", study, "--out", "out", *QUIET)
    assert code == 0 and results(tmp_path / "out") == expected, said
