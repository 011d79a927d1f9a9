"""What is kept of a dataset is what was written: rows I8 and I12 of the cases, and their kin."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
from PIL import Image

from dlbench.datasets import Places
from dlbench.datasets.disk import mapped
from dlbench.engines.keras.data import resident
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.errors import Stopped
from dlbench.values.recipe import Data
from tests.cases.pictures import RGB, folder, got


def damaged(kept):
    """Ways in which what is kept of a dataset may be damaged."""
    def zeroed(name):
        values = bytearray((kept / name).read_bytes())
        values[len(values) // 2 :] = bytes(len(values) - len(values) // 2)
        (kept / name).write_bytes(values)

    def shortened(name):
        (kept / name).write_bytes((kept / name).read_bytes()[:-3])

    return {"zeroed x": lambda: zeroed("x"), "zeroed y": lambda: zeroed("y"), "short x": lambda: shortened("x"),
            "short y": lambda: shortened("y"), "no x": (kept / "x").unlink, "empty x": lambda: (kept / "x").write_bytes(b""),
            "no facts": (kept / "facts.json").unlink, "empty facts": lambda: (kept / "facts.json").write_text(""),
            "other facts": lambda: (kept / "facts.json").write_text((kept / "facts.json").read_text().replace('"low": 0.0', '"low": 9.0'))}


@pytest.mark.parametrize("way", [
    "zeroed x", "zeroed y", "short x", "short y", "no x", "empty x", "no facts", "empty facts", "other facts"])
def test_what_is_kept_of_a_dataset_is_compared_with_what_was_written(way, tmp_path, capsys, monkeypatch):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    before = np.array(got(root).x)
    [kept] = (tmp_path / "cache" / "arrays").iterdir()
    damaged(kept)[way]()
    monkeypatch.setattr("dlbench.datasets.disk._verified", set())
    after = got(root)
    np.testing.assert_array_equal(after.x, before)
    assert after.low == 0.0 and capsys.readouterr().err.count("was damaged: 'folder:x' is decoded anew") == 1
    got(root)
    assert capsys.readouterr().err == "" and len(mapped(kept).y) == 3


def blobs():
    return np.arange(96, dtype=np.uint8).reshape(6, 4, 4, 1), np.arange(6) % 2


@pytest.mark.parametrize("way", ["zeroed x", "no y", "a file"])
@pytest.mark.parametrize("known", [True, False])
def test_what_a_function_returned_is_made_anew_where_it_is_damaged(known, way, tmp_path, capsys, monkeypatch):
    """Also before its hash is known, as while a study is planned, and where a file has come into the place of the folder."""
    name, cache = f"{__name__}:blobs", str(tmp_path / "cache")
    before = np.array((first := fetch(Data(source=name), Places(), cache)).x)
    [kept] = (tmp_path / "cache" / "arrays").iterdir()
    if way == "zeroed x":
        damaged(kept)[way]()
    elif way == "no y":
        (kept / "y").unlink()
    else:
        shutil.rmtree(kept)
        kept.write_bytes(b"")
    monkeypatch.setattr("dlbench.datasets.disk._verified", set())
    again = fetch(Data(source=name, content=first.content if known else None), Places(), cache)
    np.testing.assert_array_equal(again.x, before)
    assert capsys.readouterr().err.count(f"was damaged: '{name}' is decoded anew") == 1


def test_a_damaged_dataset_that_cannot_be_removed_is_named(tmp_path, monkeypatch):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    got(root)
    [kept] = (tmp_path / "cache" / "arrays").iterdir()
    (kept / "x").write_bytes(b"")
    monkeypatch.setattr("dlbench.datasets.disk.discard", lambda _: None)
    with pytest.raises(Stopped, match=f"{kept.name} is damaged and cannot be replaced; remove it, or"):
        got(root)


def test_folders_of_killed_processes_are_removed(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    for name in (".999999999.abc", ".old", f".{os.getpid()}.mine"):
        (tmp_path / "cache" / "arrays" / name).mkdir(parents=True)
    got(root)
    assert [entry.name for entry in (tmp_path / "cache" / "arrays").iterdir() if entry.name.startswith(".")] == [f".{os.getpid()}.mine"]


def test_what_an_older_version_decoded_is_not_used(tmp_path, monkeypatch):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    got(root)
    monkeypatch.setattr(resident, "READERS", resident.READERS + 1)
    got(root)
    assert len(list((tmp_path / "cache" / "arrays").iterdir())) == 2
