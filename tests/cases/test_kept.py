"""What is kept of a dataset is what was written: rows I8 and I12 of the cases, and their kin."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from dlbench.datasets.disk import mapped
from dlbench.engines.keras.data import resident
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
