"""A file is as it was, or wholly written."""

import json
import os

import pytest

from dlbench.values.files import recalled, remembered, write


def test_the_folder_is_made_and_the_text_written(tmp_path):
    path = write(tmp_path / "a" / "b.txt", "ü\n")
    assert path.read_bytes() == "ü\n".encode()
    assert os.listdir(path.parent) == ["b.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt", "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write(path, "new")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.txt"]


def test_others_may_read_it(tmp_path):
    mask = os.umask(0o022)
    os.umask(mask)
    assert write(tmp_path / "a.txt", "").stat().st_mode & 0o777 == 0o666 & ~mask


def test_half_a_character_is_replaced(tmp_path):
    assert write(tmp_path / "a.txt", "\ud800").read_bytes() == b"?"


def test_a_value_is_made_once_and_read_from_its_file_afterwards(tmp_path):
    made = []
    assert [remembered(tmp_path / "a" / "b.json", lambda: made.append(1) or [1, "ü"]) for _ in range(3)] == [[1, "ü"]] * 3
    assert made == [1]


@pytest.mark.parametrize("damage", [
    b"", b"{", b"null", b"[1]", b"\xff\xfe", b"[" * 100_000, json.dumps({"value": [2], "sha256": "0"}).encode(),
    json.dumps([1, "u"]).encode(), json.dumps({"value": [1]}).encode()])
def test_a_damaged_value_is_made_anew(tmp_path, damage):
    file = tmp_path / "b.json"
    remembered(file, lambda: [1, "u"])
    file.write_bytes(damage)
    assert recalled(file) is None
    assert remembered(file, lambda: [1, "u"]) == recalled(file) == [1, "u"]


def test_a_changed_value_is_made_anew(tmp_path):
    file = tmp_path / "b.json"
    remembered(file, lambda: {"test": 25})
    file.write_text(file.read_text().replace("25", "26"))
    assert remembered(file, lambda: {"test": 25}) == {"test": 25}


def test_where_nothing_can_be_kept_the_value_is_made_each_time(tmp_path):
    (tmp_path / "file").write_text("")
    assert [remembered(tmp_path / "file" / "b.json", lambda: (1, 2)) for _ in range(2)] == [[1, 2]] * 2
