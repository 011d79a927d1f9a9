"""Which files of a folder are images, and of which class: rows I5 to I9 of the cases, and their kin."""

from __future__ import annotations

import os

import numpy as np
import psutil
import pytest
from PIL import Image

from dlbench.datasets.declaration import Examples
from dlbench.datasets.disk import keep
from dlbench.datasets.fingerprint import content
from dlbench.datasets.folder import listing
from dlbench.engines.keras import rehearsal
from dlbench.engines.keras.network.cost import training_bytes
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit
from tests.cases.building import CLASSES, functional, head, network
from tests.cases.pictures import RGB, folder, got, save


def test_i5_images_at_any_depth_are_taken(tmp_path):
    root = folder(tmp_path / "x", **{f"{number}.png": Image.fromarray(RGB) for number in range(2)})
    save(root / "cat" / "kitten" / "2.png", Image.fromarray(RGB))
    save(root / "cat" / "kitten" / "deep" / "3.png", Image.fromarray(RGB))
    arrays = got(root)
    assert np.bincount(arrays.y).tolist() == [4, 2] and arrays.changed


def test_i5_links_are_followed_counted_and_end(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    (root / "cat" / "nowhere.png").symlink_to(tmp_path / "missing.png")
    (root / "cat" / "round").symlink_to(root / "cat")
    save(tmp_path / "far.png", Image.fromarray(RGB))
    (root / "cat" / "far.png").symlink_to(tmp_path / "far.png")
    arrays = got(root)
    assert np.bincount(arrays.y).tolist() == [2, 2] and "left out: 1 link to what is not there" in arrays.notes


def test_i6_files_that_are_no_images_are_counted_and_left_out(tmp_path):
    root = folder(tmp_path / "x", a__jpg=Image.fromarray(RGB))
    others = ("cat/a.xml", "cat/a.jpg:Zone.Identifier", "cat/Icon\r", "cat/ehthumbs.db", "cat/Thumbs.db", "cat/@eaDir/a.jpg",
              "__MACOSX/cat/._a.jpg", "classes.txt", "labels.csv", "cat/.hidden.jpg", "cat/notes", "cat/clip.mp4")
    for name in others:
        save(root / name, "text")
    arrays = got(root)
    assert arrays.names == ("cat", "other") and np.bincount(arrays.y).tolist() == [1, 2]
    assert any(note.startswith("left out: 4 files of other kinds (") and "1 .xml" in note for note in arrays.notes), arrays.notes
    assert "left out: 1 hidden image" in arrays.notes


def test_i6_an_image_in_no_class_folder_is_counted(tmp_path):
    save((root := folder(tmp_path / "x", a__png=Image.fromarray(RGB))) / "loose.png", Image.fromarray(RGB))
    assert "left out: 1 image in no class folder" in got(root).notes


@pytest.mark.parametrize("files, words", [
    ({"cat/a.xml": "x", "cat/b.xml": "y"}, r"cat holds no image, but 2 .xml"), ({"cat/.keep": ""}, "cat is empty")])
def test_i6_a_class_without_images_is_refused(files, words, tmp_path):
    root = folder(tmp_path / "x")
    save(root / "third" / "a.png", Image.fromarray(RGB))
    for name, text in files.items():
        save(root / name, text)
    with pytest.raises(InputError, match=words):
        got(root)


def test_i8_large_images_need_a_size_which_is_proposed_before_anything_is_written(tmp_path):
    for name in ("cat", "dog"):
        save(tmp_path / "x" / name / "a.png", Image.new("RGB", (1600, 1200)))
    with pytest.raises(InputError, match=r"2 images of 1200x1600 pixels .*, 11 MiB once decoded; `size = \[168, 224\]` in the study"):
        got(tmp_path / "x")
    assert not list((tmp_path / "cache" / "arrays").glob("*"))
    assert got(tmp_path / "x", size=(168, 224)).x.shape == (2, 168, 224, 3)


def test_i8_images_of_several_sizes_are_named_and_a_size_proposed(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.new("RGB", (24, 16)), b__png=Image.new("RGB", (300, 200)))
    with pytest.raises(InputError, match=r"2 sizes in all\); `size = \[149, 224\]` in the study makes them one size"):
        got(root)
    assert any("images of 16x24 to 200x300 pixels" in note for note in got(root, size=(16, 24)).notes)


def test_i8_what_finds_no_room_is_told_before_it_is_written(tmp_path):
    with pytest.raises(InputError, match=r"decoded it takes 1,0.* GiB, and .* has .* GiB left"):
        keep("x", Examples([], size_bytes=2**60), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("names", [("Train", "Test"), ("training", "testing"), ("TRAIN", "test")])
def test_i9_parts_have_many_names(names, tmp_path):
    for part in names:
        folder(tmp_path / "x" / part, a__png=Image.fromarray(RGB))
    arrays = got(tmp_path / "x")
    assert arrays.train == 3 and len(arrays.y) == 6


def test_i9_classes_deep_in_folders_are_found(tmp_path):
    folder(tmp_path / "x" / "deep" / "photos", a__png=Image.fromarray(RGB))
    arrays = got(tmp_path / "x")
    assert arrays.names == ("cat", "other") and "classes are taken from deep/photos" in arrays.notes


def test_i9_a_validation_folder_is_named_with_the_remedy(tmp_path):
    for part in ("training", "validation"):
        folder(tmp_path / "x" / part, a__png=Image.fromarray(RGB))
    with pytest.raises(InputError, match=r"validation lies beside training; .*images to test on belong into test"):
        got(tmp_path / "x")


def test_i9_letters_composed_and_decomposed_are_the_same(tmp_path):
    for part, name in (("train", "caf\u00e9"), ("test", "cafe\u0301")):
        for one in (name, "tea"):
            save(tmp_path / "x" / part / one / "a.png", Image.fromarray(RGB))
    assert got(tmp_path / "x").names == ("caf\u00e9", "tea")


def test_i9_a_class_that_differs_by_a_capital_is_named(tmp_path):
    for part, name in (("train", "Cat"), ("test", "cat")):
        for one in (name, "dog"):
            save(tmp_path / "x" / part / one / "a.png", Image.fromarray(RGB))
    with pytest.raises(InputError, match=r"class 'Cat' is in .*train and not in .*test, which has 'cat'"):
        got(tmp_path / "x")


def test_counts_add_up(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB), b__txt="x", c__png=Image.fromarray(RGB))
    found = listing("folder:x", root)
    assert sum(map(len, found.train.values())) == 4 and "left out: 1 file of other kinds (1 .txt)" in found.notes


def test_i5_what_is_taken_from_deeper_folders_is_said(tmp_path):
    for name in ("wild/lion", "wild/wolf", "tame/dog"):
        save(tmp_path / "x" / name / "a.png", Image.fromarray(RGB))
    arrays = got(tmp_path / "x")
    assert arrays.names == ("tame", "wild") and "taken from folders within class folders: 3 files" in arrays.notes


def test_i5_a_class_may_be_a_link(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    save(tmp_path / "elsewhere" / "b.png", Image.fromarray(RGB))
    (root / "third").symlink_to(tmp_path / "elsewhere")
    assert got(root).names == ("cat", "other", "third")


@pytest.mark.parametrize(("link", "target", "words"), [
    ("third", "cat", "third is a link into class 'cat', and in class 'third' too"),
    ("cat/more", "other", "more is a link into class 'other', and in class 'cat' too"),
    ("cat/b.png", "other/0.png", "b.png is a link into class 'other'"),
])
def test_i5_a_link_into_another_class_is_refused(link, target, words, tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    (root / link).symlink_to(root / target)
    with pytest.raises(InputError, match=words):
        got(root)


def test_i5_links_upwards_are_counted_and_left_out(tmp_path):
    """Several of them are followed neither for the classes nor for the hash of the files, which would never end."""
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    for name in ("cat/up", "cat/far", "other/up", "other/far", "again"):
        (root / name).symlink_to(root if "far" not in name else tmp_path)
    for number in range(3):
        (root / "cat" / f"{number}").symlink_to(root / "cat")
    arrays = got(root)
    assert np.bincount(arrays.y).tolist() == [1, 2] and arrays.notes == ("left out: 8 links to a folder that it lies in",)


def test_i5_of_two_folders_that_link_to_each_other_the_hash_has_an_end(tmp_path):
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / "x" / name).mkdir(parents=True)
        (tmp_path / "x" / name / "file").write_text(name)
        (tmp_path / "x" / name / "other").symlink_to(tmp_path / "x" / other)
    assert content(tmp_path / "x") == content(tmp_path / "x")


def test_i6_what_lies_in_hidden_folders_and_pipes_is_counted(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    for name in (".thumbnails/a.png", "cat/.ipynb_checkpoints/a-checkpoint.png", "cat/.b.png"):
        save(root / name, Image.fromarray(RGB))
    os.mkfifo(root / "cat" / "c.png")
    arrays = got(root)
    assert np.bincount(arrays.y).tolist() == [1, 2]
    assert set(arrays.notes) == {"left out: 3 hidden images", "left out: 1 file of other kinds (1 pipe or device)"}


@pytest.mark.parametrize(("names", "said"), [
    (("Cat", "cat"), ("labels 'Cat' and 'cat' are taken as different classes",)),
    (("big cat", "big  cat"), ("labels 'big  cat' and 'big cat' ",)),
    (("1", "01"), ("labels '01' and '1' are taken",)), (("cat", "dog"), ())])
def test_i9_classes_that_hardly_differ_are_said(names, said, tmp_path):
    for number, name in enumerate((*names, "third")):
        save(tmp_path / "x" / name / "a.png", Image.fromarray(RGB + np.uint8(number)))
    notes = got(tmp_path / "x").notes
    assert len(notes) == len(said) and all(note.startswith(words) for note, words in zip(notes, said)), notes


def test_i9_names_of_files_may_have_any_bytes_and_names_of_classes_are_text(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    os.rename(root / "cat" / "a.png", os.fsencode(root / "cat") + b"/\xff.png")
    assert np.bincount(got(root).y).tolist() == [1, 2]
    os.rename(root / "cat", os.fsencode(root) + b"/\xe9t\xe9")
    with pytest.raises(InputError, match=r"the name of the class folder '\\udce9t\\udce9' is not UTF-8; rename it"):
        got(root)


@pytest.mark.parametrize("names, words", [(["a.png"], "x has 1 class; accepted"), ([], "x has no class; accepted")])
def test_i6_too_few_classes_are_counted(names, words, tmp_path):
    save(tmp_path / "x" / "loose.png", Image.fromarray(RGB))
    for name in names:
        save(tmp_path / "x" / "cat" / name, Image.fromarray(RGB))
    with pytest.raises(InputError, match=words):
        got(tmp_path / "x")


@pytest.mark.parametrize("name", ["a.heic", "a.avif", "a.svg", "a.ico", "a.psd", "a.dcm"])
def test_i6_a_class_of_images_that_are_not_read_says_which_are(name, tmp_path):
    save(folder(tmp_path / "x") / "cat" / name, "x")
    with pytest.raises(InputError, match=rf"cat holds no image, but 1 {name[1:]}; accepted: .* such as \.jpg, \.png"):
        got(tmp_path / "x")


@pytest.mark.parametrize("name", ["a b", "\U0001f600", "it's", "x.y", "-1", "01"])
def test_i9_a_class_may_have_any_name(name, tmp_path):
    root = folder(tmp_path / "x")
    save(root / name / "a (1).png", Image.fromarray(RGB))
    assert set(got(root).names) == {name, "other"}


def test_i8_an_image_that_finds_no_room_in_memory_is_refused(tmp_path, monkeypatch):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    with pytest.raises(InputError, match=r"an image of 900000x900000 pixels takes .* GiB of memory while it is read, and this machine has"):
        got(root, size=(900000, 900000))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": 12 * 16 * 24 * 3 - 1}))
    with pytest.raises(InputError, match="an image of 16x24 pixels"):
        got(root)


def test_i8_a_training_that_finds_no_room_in_memory_is_refused_and_a_large_one_is_remarked_on(monkeypatch):
    made, recipe = network(lambda: functional(head)), edit(Recipe(), model__name="mine:net")
    least = training_bytes(made.model, 20)
    assert least == 4 * (4 * made.parameters() + 20 * (192 + 192 + CLASSES))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": least}))
    rehearsal.demand_memory(recipe, made, 20)
    words = r"training takes at least .* \(772 parameters, .* of 8x8x3\), and this machine has .*; accepted: smaller images .*, a smaller "
    with pytest.raises(InputError, match=words):
        rehearsal.demand_memory(recipe, made, 21)
    assert not list(rehearsal._large(recipe, made, 20))
    monkeypatch.setattr(rehearsal, "REMARKED_BYTES", least - 1)
    assert list(rehearsal._large(recipe, made, 20)) and not list(rehearsal._large(recipe, made, 19))
