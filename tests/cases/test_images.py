"""Image data is read as it is meant, or refused with the remedy: rows I1 to I13 of the cases, and their kin."""

from __future__ import annotations

import json
import os
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dlbench.datasets import Places
from dlbench.datasets.declaration import Examples
from dlbench.datasets.disk import keep, mapped
from dlbench.datasets.folder import listing
from dlbench.datasets.own import load as own
from dlbench.datasets.splits import split
from dlbench.engines.keras.data import resident
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from tests.calling import called

GREY = np.arange(16 * 24, dtype=np.uint8).reshape(16, 24) % 251
RGB = np.random.default_rng(0).integers(0, 256, (16, 24, 3)).astype(np.uint8)


def folder(root, **images):
    """A folder with a class ``other`` of plain images beside the class ``cat`` of the given ones (name -> image, bytes or text)."""
    size = next((one.size for one in images.values() if isinstance(one, Image.Image)), (24, 16))
    for number in range(2):
        save(root / "other" / f"{number}.png", Image.new("RGB", size, (number, 0, 0)))
    for name, image in images.items():
        save(root / "cat" / name.replace("__", "."), image)
    return root


def save(path, image, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(image, Image.Image):
        image.save(path, **options)
    else:
        path.write_bytes(image if isinstance(image, bytes) else image.encode())


def got(root, **fields):
    return fetch(Data(source=f"folder:{root.name}", **fields), Places(str(root.parent)), str(root.parent / "cache"))


def first(root, **fields):
    return np.asarray(got(root, **fields).x[0])


def shape_in_alpha():
    values = np.zeros((16, 24, 4), np.uint8)
    values[4:8, 4:8, 3] = 255
    return values


@pytest.mark.parametrize("mode, ending", [("RGBA", "png"), ("LA", "png"), ("P", "png"), ("RGBA", "webp"), ("RGBA", "tif")])
def test_i1_transparent_pixels_lie_over_white(mode, ending, tmp_path):
    image = Image.fromarray(shape_in_alpha(), "RGBA")
    options = {"lossless": True} if ending == "webp" else {}
    image = image.convert(mode) if mode != "P" else image.quantize(4)
    save(tmp_path / "x" / "cat" / f"a.{ending}", image, **options)
    folder(tmp_path / "x")
    arrays = got(tmp_path / "x")
    assert arrays.x[0][5, 5].tolist() == [0, 0, 0] and arrays.x[0][0, 0].tolist() == [255, 255, 255]
    assert arrays.changed and any("transparent pixels, which lie over white: 1 image" in note for note in arrays.notes)


def test_i1_a_transparent_colour_of_a_palette_is_transparent(tmp_path):
    image = Image.fromarray((shape_in_alpha()[..., 3] > 0).astype(np.uint8), "P")
    image.putpalette([9, 9, 9, 50, 60, 70])
    save(tmp_path / "x" / "cat" / "a.gif", image, transparency=0)
    read = first(folder(tmp_path / "x"))
    assert read[5, 5].tolist() == [50, 60, 70] and read[0, 0].tolist() == [255, 255, 255]


def test_i1_an_opaque_alpha_channel_says_nothing_and_changes_nothing(tmp_path):
    opaque = np.concatenate([RGB, np.full((16, 24, 1), 255, np.uint8)], -1)
    arrays = got(folder(tmp_path / "x", a__png=Image.fromarray(opaque, "RGBA")))
    np.testing.assert_array_equal(arrays.x[0], RGB)
    assert not arrays.changed and arrays.notes == ()


def sixteen(values):
    return Image.fromarray(values.astype(np.uint16))


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_i2_all_16_bits_are_kept(ending, tmp_path):
    values = np.arange(16 * 24).reshape(16, 24) * 10
    save(tmp_path / "x" / "cat" / f"a.{ending}", sixteen(values))
    arrays = got(folder(tmp_path / "x"), size=(16, 24, 1))
    assert arrays.x.dtype == np.float32
    np.testing.assert_array_equal(arrays.x[0][..., 0], values)
    assert any("1 image of 16 bits: all bits are kept; 2 images of 8 bits: values are multiplied by 257" in note for note in arrays.notes)


def test_i2_16_bits_of_three_channels(tmp_path):
    values = np.random.default_rng(0).integers(0, 2**16, (16, 24, 3)).astype(np.uint16)
    save(tmp_path / "x" / "cat" / "a.png", tf.io.encode_png(values).numpy())
    np.testing.assert_array_equal(first(folder(tmp_path / "x")), values)


def test_i2_numbers_of_32_bits_stay_as_they_are_and_are_not_mixed_with_others(tmp_path):
    values = np.random.default_rng(0).random((16, 24)).astype(np.float32)
    for name in ("cat", "dog"):
        save(tmp_path / "x" / name / "a.tif", Image.fromarray(values))
    np.testing.assert_array_equal(first(tmp_path / "x", size=(16, 24, 1))[..., 0], values)
    save(tmp_path / "x" / "dog" / "b.png", Image.fromarray(RGB))
    with pytest.raises(InputError, match=r"a.tif has 32-bit values, .*b.png 8-bit ones"):
        got(tmp_path / "x")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_i3_images_are_upright(orientation, ending, tmp_path):
    """The picture with the tag equals the same pixels turned by hand, whatever the format."""
    exif = Image.Exif()
    exif[274] = orientation
    turn = {1: lambda x: x, 2: np.fliplr, 3: lambda x: np.rot90(x, 2), 4: np.flipud, 5: lambda x: x.transpose(1, 0, 2),
            6: lambda x: np.rot90(x, -1), 7: lambda x: np.rot90(x, 2).transpose(1, 0, 2), 8: np.rot90}[orientation]
    for name, options in (("cat", {"exif": exif}), ("dog", {})):
        save(tmp_path / "x" / name / f"a.{ending}", Image.fromarray(RGB), **options, **({"lossless": True} if ending == "webp" else {}))
    plain = np.asarray(Image.open(tmp_path / "x" / "dog" / f"a.{ending}").convert("RGB"))
    (tmp_path / "x" / "dog" / f"a.{ending}").unlink()
    save(tmp_path / "x" / "dog" / "a.png", Image.fromarray(np.ascontiguousarray(turn(plain))))
    arrays = got(tmp_path / "x")
    assert np.abs(arrays.x[0].astype(int) - arrays.x[1]).max() <= (0 if ending != "jpg" else 4)
    assert any("turned upright" in note for note in arrays.notes) == (orientation != 1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name, mode", [
    ("a.bmp", "P"), ("a.bmp", "RGB"), ("a.bmp", "L"), ("a.gif", "P"), ("a.webp", "RGB"), ("a.jpg", "CMYK"), ("a.png", "P"), ("a.png", "1"),
    ("a.tif", "RGB"), ("a.ppm", "RGB"), ("a.PNG", "L"), ("a.tga", "RGB")])
def test_i4_every_format_is_decoded_and_then_converted(name, mode, channels, tmp_path):
    image = Image.new("RGB", (24, 16), (200, 30, 30)).convert(mode)
    save(tmp_path / "x" / "cat" / name, image)
    read = first(folder(tmp_path / "x"), size=(16, 24, channels)).astype(int)
    wanted = np.asarray(image.convert("RGB").convert("L" if channels == 1 else "RGB")).reshape(16, 24, channels).astype(int)
    assert read.shape == (16, 24, channels) and np.abs(read - wanted).max() <= 6


def test_i4_of_an_animation_the_first_image_counts(tmp_path):
    frames = [Image.new("RGB", (24, 16), colour) for colour in ("red", "blue")]
    save(tmp_path / "x" / "cat" / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    arrays = got(folder(tmp_path / "x"))
    assert arrays.x[0][0, 0].tolist() == [255, 0, 0] and any("of which the first counts: 1 image" in note for note in arrays.notes)


def test_plain_images_are_those_of_version_0_1_to_the_bit(tmp_path):
    for name, options in (("a.jpg", {"quality": 60}), ("b.png", {}), ("c.bmp", {})):
        save(tmp_path / "x" / "cat" / name, Image.fromarray(RGB), **options)
    arrays = got(folder(tmp_path / "x"))
    for row, name in enumerate(("a.jpg", "b.png", "c.bmp")):
        np.testing.assert_array_equal(arrays.x[row], tf.io.decode_image((tmp_path / "x" / "cat" / name).read_bytes(), 3).numpy())
    assert not arrays.changed and arrays.notes == ()


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


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 28), (4, 16, 20)])
def test_i10_channels_first_are_refused_with_the_remedy(shape, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((6, *shape), np.uint8), y=np.arange(6) % 2)
    with pytest.raises(InputError, match=r"looks like channels first; accepted: .* x.transpose\(0, 2, 3, 1\)"):
        fetch(Data(source="npz:a.npz"), Places(str(tmp_path)), str(tmp_path / "cache"))


@pytest.mark.parametrize("shape", [(32, 32, 3), (28, 28, 1), (3, 3, 3), (1, 8, 3), (28, 28, 2), (3, 40, 1)])
def test_i10_channels_last_are_taken(shape, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((6, *shape), np.uint8), y=np.arange(6) % 2)
    assert fetch(Data(source="npz:a.npz"), Places(str(tmp_path)), str(tmp_path / "cache")).x.shape == (6, *shape)


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


def returned(value, monkeypatch):
    monkeypatch.setattr("dlbench.datasets.own.resolve", lambda _: lambda: value)
    examples = own(Data(source="mine:data"), Places())
    return [chunk for part in (examples.train, examples.test) if part is not None for chunk in part]


def test_i12_a_dataset_without_end_is_refused(monkeypatch):
    endless = tf.data.Dataset.from_tensor_slices((np.zeros((4, 8, 8, 1), np.uint8), [0, 1, 0, 1])).repeat()
    with pytest.raises(InputError, match=r"has no end; accepted: one without .repeat\(\)"):
        returned(endless, monkeypatch)


def test_i12_images_of_several_sizes_are_named(monkeypatch):
    ragged = tf.data.Dataset.from_generator(lambda: ((np.zeros((size, 8, 1), np.uint8), size % 2) for size in (8, 9)), output_signature=(
        tf.TensorSpec([None, 8, 1], tf.uint8), tf.TensorSpec([], tf.int64)))
    with pytest.raises(InputError, match=r"gives x of several shapes, such as \[8, 8, 1\] and \[9, 8, 1\]"):
        returned(ragged, monkeypatch)
    with pytest.raises(InputError, match="is no array of one shape"):
        returned(([np.zeros((size, 8)) for size in (8, 9, 8)], [0, 1, 0]), monkeypatch)


@pytest.mark.parametrize("y, words", [
    ([10**9, 2 * 10**9] * 3, "class 0 is empty: labels are 0 to K-1 for K classes, here 0 to 2,000,000,000"),
    ([1, 2, 3] * 2, r"class 0 is empty: .*numpy.unique\(y, return_inverse=True\)\[1\] numbers labels from 0"),
    ([0, 2] * 3, "class 1 is empty"), ([-1, 0] * 3, "label -1 of .* is out of range"),
    ([0.0, 1.0] * 3, r"got float64 \[6\] for 6 examples; whole numbers become labels by y.astype\(int\)"),
    ([[1, 0], [0, 1]] * 3, r"labels of one column a class become numbers by y.argmax\(axis=1\)"),
])
def test_i13_labels_that_are_none_are_named(y, words, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((6, 8, 8, 1), np.uint8), y=np.array(y))
    with pytest.raises(InputError, match=words):
        fetch(Data(source="npz:a.npz"), Places(str(tmp_path)), str(tmp_path / "cache"))


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", zlib.compress(b"x" * 100), b"\xff\xd8\xff\xe0" * 20])
@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "webp", "tif"])
def test_a_broken_image_is_named(content, ending, tmp_path):
    root = folder(tmp_path / "x")
    save(root / "cat" / f"broken.{ending}", content)
    with pytest.raises(InputError, match=f"broken.{ending} is broken, or no image"):
        got(root)
    assert not list((tmp_path / "cache" / "arrays").glob("*"))


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
    monkeypatch.setattr(resident, "READERS", 3)
    got(root)
    assert len(list((tmp_path / "cache" / "arrays").iterdir())) == 2


def test_counts_add_up(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB), b__txt="x", c__png=Image.fromarray(RGB))
    found = listing("folder:x", root)
    assert sum(map(len, found.train.values())) == 4 and "left out: 1 file of other kinds (1 .txt)" in found.notes
