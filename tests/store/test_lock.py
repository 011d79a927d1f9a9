"""One writer a folder, known by name; nothing is left behind where nothing was written."""

import json
import os
import threading
from pathlib import Path

import pytest

from dlbench.store import files, lock
from dlbench.store.database import FILE, Store
from dlbench.store.lock import hold
from dlbench.values.errors import InputError


def test_the_second_is_told_who_holds_the_folder(tmp_path):
    with hold(tmp_path) as notes:
        assert notes == ()
        told = rf"process {os.getpid()} on {os.uname().nodename}, since 20.*is writing to this folder; wait for it \(--wait\)"
        with pytest.raises(InputError, match=told), hold(tmp_path):
            pass


def test_the_second_waits_where_it_is_asked_to(tmp_path):
    heard, order = [], []

    def second():
        with hold(tmp_path, heard.append):
            order.append("second")

    with hold(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        while not heard:
            pass
        order.append("first")
    waiting.join()
    assert order == ["first", "second"] and len(heard) == 1 and f"process {os.getpid()}" in heard[0]


def test_what_a_dead_process_left_is_taken_over_and_said(tmp_path):
    (tmp_path / lock.FILE).write_text(json.dumps({"pid": 99, "host": "there", "since": "2026"}))
    with hold(tmp_path) as (note,):
        assert "taken over from dlbench, process 99 on there, since 2026" in note


def test_nothing_is_left_behind_where_nothing_was_written(tmp_path):
    with hold(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b" / lock.FILE).exists()
    assert list(tmp_path.iterdir()) == []
    with hold(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b" / "result").touch()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["result"]


def test_a_folder_that_was_there_stays(tmp_path):
    (tmp_path / "mine").mkdir()
    with hold(tmp_path / "mine"):
        pass
    assert (tmp_path / "mine").is_dir()


def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.raises(InputError, match=r"no file can be locked on its file system \(\w+: Operation not supported\).*local disk"):
        Store(tmp_path, write=True)


def test_a_network_file_system_is_said_and_written_without_shared_memory(tmp_path, monkeypatch):
    for module in (files, lock):
        monkeypatch.setattr(module, "file_system", lambda _: "nfs4")
    with hold(tmp_path) as (note,):
        assert "network file system (nfs4)" in note
        with Store(tmp_path, write=True, held=True) as store:
            assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert {path.name for path in tmp_path.iterdir()} == {FILE}


@pytest.mark.parametrize("kind, network", [
    ("ext4", False), ("tmpfs", False), ("overlay", False), ("nfs", True), ("fuse.sshfs", True), ("lustre", True), ("", False)])
def test_network_file_systems_are_told_by_type(kind, network):
    assert files.is_network(kind) == network


def test_a_folder_that_cannot_be_written_is_said_before_anything(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"cannot be written: .*file is a file; choose another --out"):
        files.check_writable(tmp_path / "file" / "out")
    monkeypatch.setattr(files.os, "access", lambda *_, **__: False)
    with pytest.raises(InputError, match="no permission to write there"):
        files.check_writable(tmp_path / "out")


def test_the_file_system_of_what_is_not_there_yet_is_that_of_the_folder_above():
    assert files.file_system(Path("/proc/nowhere/at/all")) == "proc"
