"""How classes of image folders are ordered, numbered and named, and how arms state them: row I7 of the cases, and its kin."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from tests.calling import called
from tests.cases.pictures import got, save, sixteen


def test_i7_numbers_are_ordered_as_numbers(tmp_path):
    for name in map(str, range(12)):
        save(tmp_path / "x" / name / "a.png", Image.new("L", (4, 4), int(name)))
    arrays = got(tmp_path / "x", size=(4, 4, 1))
    assert arrays.names == tuple(map(str, range(12))) and arrays.x[:, 0, 0, 0].tolist() == list(range(12)) and arrays.changed


def test_i7_other_names_are_ordered_as_words(tmp_path):
    for name in ("a", "10", "9"):
        save(tmp_path / "x" / name / "a.png", Image.new("L", (4, 4)))
    arrays = got(tmp_path / "x")
    assert arrays.names == ("10", "9", "a") and not arrays.changed


STUDY = 'dataset = "folder:x"\nmodel = "mlp"\nmargin = 0.02\nseeds = 2\n{}[[arms]]\ntechnique = "dropout"\nrate = 0.5\n'


def test_i7_and_i2_plan_says_the_numbers_of_classes_and_what_was_converted(tmp_path):
    for name in ("3", "7", "10"):
        for number in range(4):
            save(tmp_path / "x" / name / f"{number}.png", sixteen(np.full((4, 4), number)))
    (tmp_path / "s.toml").write_text(STUDY.format("validation = 0.0\n"))
    ended = called(tmp_path, "plan", "s.toml")
    said = " ".join(ended.out.split())
    assert ended.code == 0, ended
    assert "classes are counted from 0: 0 is '3', 1 is '7' and 2 is '10'" in said and "12 images of 16 bits: all bits are kept" in said
    assert json.loads(called(tmp_path, "plan", "s.toml", "--json").out)["facts"]["folder:x"]["names"] == ["3", "7", "10"]


TRANSFER = ('[[arms]]\nname = "scratch"\ntechnique = "transfer"\nmode = "scratch"\ntarget = {target}\n'
            '[[arms]]\ntechnique = "transfer"\nmode = "frozen"\nsource = {source}\ntarget = {target}\nreference = "scratch"\n')


def transferred(folder_of, source, target):
    head_of = STUDY.partition("[[arms]]")[0].format("validation = 0.0\n")
    (folder_of / "s.toml").write_text(head_of + TRANSFER.format(source=source, target=target))
    return called(folder_of, "plan", "s.toml", "--json")


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """A folder with classes that are called 0, 1, 2, 10 and 11, and others with words."""
    root = tmp_path_factory.mktemp("numbered")
    for name in ("0", "1", "2", "10", "11"):
        for number in range(4):
            save(root / "x" / name / f"{number}.png", Image.new("L", (4, 4), int(name)))
    return root


@pytest.mark.parametrize("source, target, numbers", [
    ('["10", "11"]', '["0", "1", "2"]', ([3, 4], [0, 1, 2])), ("[0, 1]", "[2, 3]", ([0, 1], [2, 3])),
    ('["11", 0]', "[1, 2, 3]", ([4, 0], [1, 2, 3])),
])
def test_i7_classes_of_a_transfer_are_stated_by_name_or_number(source, target, numbers, numbered):
    """A text is a name, and a number a position."""
    recipes = {arm["arm"]: arm["recipe"] for arm in json.loads(transferred(numbered, source, target).out)["arms"]}
    (frozen,) = [recipe for name, recipe in recipes.items() if "frozen" in name]
    assert [list(frozen[key]) for key in ("transfer.source_classes", "data.classes")] == list(numbers)


@pytest.mark.parametrize("source, words", [
    ('["1O", "11"]', "source: unknown class '1O'; did you mean '1"), ('["cat", 1]', "source: unknown class 'cat'"),
    ("[true, 1]", "source[0] = True"), ("[0.5, 1]", "source[0] = 0.5"), ('[]', "source = []"),
])
def test_i7_a_name_that_no_class_has_is_refused(source, words, numbered):
    ended = transferred(numbered, source, "[0, 1]")
    assert ended.code == 2 and words in " ".join(ended.err.split()), ended


def test_i7_names_of_shipped_data_are_refused(tmp_path):
    text = STUDY.partition("[[arms]]")[0].format("").replace("folder:x", "digits") + TRANSFER.format(source='["one"]', target="[2, 3]")
    (tmp_path / "s.toml").write_text(text)
    ended = called(tmp_path, "plan", "s.toml")
    said = " ".join(ended.err.split())
    assert ended.code == 2 and "source: 'one': names of classes are not known; accepted: their numbers, from 0" in said
