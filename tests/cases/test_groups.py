"""Examples of one group stay on one side of a split: row I11 of the cases, and its kin."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from dlbench.datasets import Places
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from tests.cases.pictures import got, save


def scenes(root):
    """Twelve scenes of five frames each, six of each class; the number of the scene is the value of its pixels."""
    for scene in range(12):
        for frame in range(5):
            save(root / ("day", "night")[scene % 2] / f"scene{scene}" / f"scene{scene}_{frame}.png", Image.new("L", (4, 4), scene))
    return root


def sides(arrays, data):
    parts = split(arrays, data)
    return [set(arrays.x[part][:, 0, 0, 0].tolist()) for part in (parts.train, parts.validation, parts.test)]


@pytest.mark.parametrize("group", ["folder", r"scene\d+", r"scene(\d+)_"])
def test_i11_examples_of_one_group_stay_on_one_side(group, tmp_path):
    root = scenes(tmp_path / "x")
    train, validation, test = sides(arrays := got(root, group=group), Data(group=group))
    assert not (train & validation or train & test or validation & test) and train | validation | test == set(range(12))
    assert len(test) in (2, 3, 4) and {scene % 2 for scene in test} == {0, 1}
    together = sides(got(root), Data())
    assert together[0] & together[2] and arrays.groups.max() == 11


def test_i11_groups_of_arrays_are_an_array(tmp_path):
    x = np.repeat(np.arange(12, dtype=np.uint8), 5)[:, None, None, None] * np.ones((1, 4, 4, 1), np.uint8)
    np.savez(tmp_path / "a.npz", x=x, y=x[:, 0, 0, 0] % 2, patient=np.array([f"p{scene}" for scene in x[:, 0, 0, 0]]))
    arrays = fetch(Data(source="npz:a.npz", group="patient"), Places(str(tmp_path)), str(tmp_path / "cache"))
    train, validation, test = sides(arrays, Data(group="patient"))
    assert not (train & validation or train & test or validation & test) and len(train | validation | test) == 12
    with pytest.raises(InputError, match="holds patient, x, y; accepted: x and y"):
        fetch(Data(source="npz:a.npz"), Places(str(tmp_path)), str(tmp_path / "cache"))


@pytest.mark.parametrize("text", [False, True])
def test_i11_groups_of_a_table_are_a_column(text, tmp_path):
    rows = [f"p{patient},{'word ' * patient if text else patient * 7 % 5},{patient % 2}" for patient in range(1, 13) for _ in range(5)]
    (tmp_path / "a.csv").write_text("patient,value,label\n" + "\n".join(rows) + "\n")
    fields = {"group": "patient", **({"text": "value"} if text else {})}
    arrays = fetch(Data(source="csv:a.csv", **fields), Places(str(tmp_path)), str(tmp_path / "cache"))
    parts = split(arrays, Data(**fields))
    train, validation, test = (set(arrays.groups[part].tolist()) for part in (parts.train, parts.validation, parts.test))
    assert not (train & validation or train & test or validation & test) and len(train | validation | test) == 12
    assert text or arrays.x.shape == (60, 1)
    with pytest.raises(InputError, match="group: unknown column 'patent'; did you mean 'patient'"):
        fetch(Data(source="csv:a.csv", group="patent"), Places(str(tmp_path)), str(tmp_path / "cache"))


@pytest.mark.parametrize("group, words", [
    ("video(", "no regular expression"), ("video", "finds nothing in day/scene"), ("scene", "finds 1 group; accepted: at least 3")])
def test_i11_a_group_that_is_none_is_refused(group, words, tmp_path):
    with pytest.raises(InputError, match=words):
        split(got(scenes(tmp_path / "x"), group=group), Data(group=group))


def test_i11_a_group_in_both_parts_is_refused(tmp_path):
    for part in ("train", "test"):
        scenes(tmp_path / "x" / part)
    with pytest.raises(InputError, match="12 groups in train and in test"):
        split(got(tmp_path / "x", group=r"scene\d+"), Data(group=r"scene\d+"))
