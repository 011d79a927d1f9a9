"""Images are read as they are meant: rows I1 to I4 of the cases, and their kin."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dlbench.values.errors import InputError
from tests.cases.pictures import RGB, first, folder, got, save, sixteen


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


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", zlib.compress(b"x" * 100), b"\xff\xd8\xff\xe0" * 20])
@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "webp", "tif"])
def test_a_broken_image_is_named(content, ending, tmp_path):
    root = folder(tmp_path / "x")
    save(root / "cat" / f"broken.{ending}", content)
    with pytest.raises(InputError, match=f"broken.{ending} is broken, or no image"):
        got(root)
    assert not list((tmp_path / "cache" / "arrays").glob("*"))


def test_i4_of_an_animation_without_transparency_the_first_image_counts(tmp_path):
    """TensorFlow decodes no such WebP file."""
    frames = [Image.new("RGB", (24, 16), colour) for colour in ("red", "blue")]
    for ending, options in (("webp", {"lossless": True}), ("png", {}), ("tif", {})):
        save(tmp_path / "x" / "cat" / f"a.{ending}", frames[0], save_all=True, append_images=frames[1:], **options)
    arrays = got(folder(tmp_path / "x"))
    assert arrays.x[:3, 0, 0].tolist() == [[255, 0, 0]] * 3 and any("the first counts: 3 images" in note for note in arrays.notes)


@pytest.mark.parametrize("mode, ending, options", [
    ("1", "tif", {}), ("1", "pbm", {}), ("YCbCr", "tif", {}), ("CMYK", "tif", {}), ("P", "png", {"bits": 4}), ("RGB", "jp2", {}),
    ("RGB", "tga", {"compression": "tga_rle"}), ("RGB", "jpg", {"progressive": True}), ("L", "png", {"optimize": True}),
])
def test_i4_rare_kinds_are_read_as_pillow_reads_them(mode, ending, options, tmp_path):
    image = Image.new("RGB", (24, 16), (200, 30, 30)).convert(mode)
    if "bits" in options:
        image = image.convert("RGB").quantize(4)
    save(tmp_path / "x" / "cat" / f"a.{ending}", image, **options)
    try:
        Image.open(tmp_path / "x" / "cat" / f"a.{ending}").load()
    except OSError:
        pytest.skip("this version of Pillow does not read what it writes")
    assert np.abs(first(folder(tmp_path / "x")).astype(int) - np.asarray(image.convert("RGB"), int)).max() <= 6


@pytest.mark.parametrize("mode, transparency", [("RGB", (0, 0, 0)), ("L", 0), ("P", b"\x00\xff\xff\xff")])
def test_i1_a_transparent_colour_lies_over_white(mode, transparency, tmp_path):
    image = Image.new("RGB", (24, 16)).quantize(4) if mode == "P" else Image.new(mode, (24, 16))
    save(tmp_path / "x" / "cat" / "a.png", image, transparency=transparency)
    assert first(folder(tmp_path / "x")).min() == 255


@pytest.mark.parametrize("depth", [2, 4])
def test_i2_16_bits_with_transparency(depth, tmp_path):
    save(tmp_path / "x" / "cat" / "a.png", tf.io.encode_png(np.full((16, 24, depth), 30000, np.uint16)).numpy())
    np.testing.assert_allclose(first(folder(tmp_path / "x")), 30000 * 30000 / 65535 + 65535 - 30000, rtol=1e-5)


@pytest.mark.parametrize("mode", ["I;16", "RGBA", "P"])
def test_i3_images_of_other_kinds_are_upright_too(mode, tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    image = sixteen(np.arange(16 * 24).reshape(16, 24)) if mode == "I;16" else Image.fromarray(RGB).convert(mode)
    save(tmp_path / "x" / "cat" / "a.png", image, exif=exif)
    save(tmp_path / "x" / "dog" / "a.png", image.rotate(-90, expand=True))
    arrays = got(tmp_path / "x", size=(24, 16))
    np.testing.assert_array_equal(*arrays.x)


@pytest.mark.parametrize("channels", [3, 4])
def test_i3_images_of_16_bits_in_several_channels_are_upright_with_all_bits(channels, tmp_path):
    values = np.random.default_rng(0).integers(0, 2**16, (16, 24, channels)).astype(np.uint16)
    turned = tmp_path / "x" / "cat" / "a.png"
    save(turned, with_orientation(tf.io.encode_png(values).numpy(), 6))
    save(tmp_path / "x" / "dog" / "a.png", tf.io.encode_png(np.ascontiguousarray(np.rot90(values, -1))).numpy())
    arrays = got(tmp_path / "x")
    np.testing.assert_array_equal(*arrays.x)
    assert arrays.x.max() > 255


def with_orientation(png, number):
    """A PNG file with EXIF data behind its header."""
    exif = Image.Exif()
    exif[274] = number
    content = exif.tobytes().removeprefix(b"Exif\0\0")
    chunk = b"eXIf" + content
    return png[:33] + len(content).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") + png[33:]


@pytest.mark.parametrize("ending", ["png", "jpg", "tif"])
def test_a_file_of_a_format_that_is_not_read_is_refused_whatever_its_ending(ending, tmp_path):
    """Pillow hands PostScript to a program."""
    save(folder(tmp_path / "x") / "cat" / f"a.{ending}", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 24 16\n%%EndComments\nshowpage\n")
    with pytest.raises(InputError, match=f"a.{ending} is broken, or no image"):
        got(tmp_path / "x")


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"", b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0"])
def test_i3_damaged_exif_data_turns_nothing(exif, tmp_path):
    Image.fromarray(RGB).save(made := io.BytesIO(), "JPEG", exif=exif)
    save(tmp_path / "x" / "cat" / "a.jpg", made.getvalue())
    assert first(folder(tmp_path / "x"), size=(16, 24)).shape == (16, 24, 3)
