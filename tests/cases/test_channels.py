"""Channels of images: opacity as a fourth one, and TIFF files with any number of them."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dlbench.values.errors import InputError
from tests.cases.pictures import RGB, folder, got, save, sixteen

tifffile = pytest.importorskip("tifffile")
OPACITY = np.arange(16 * 24, dtype=np.uint8).reshape(16, 24, 1)
RGBA = np.concatenate([RGB, OPACITY], axis=-1)
BANDS = np.random.default_rng(1).integers(0, 256, (16, 24, 6)).astype(np.uint8)


def tif(path, image, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, image, **{"photometric": "minisblack", "planarconfig": "contig", **options})


@pytest.mark.parametrize("name, options", [("a.png", {}), ("a.tif", {}), ("a.webp", {"lossless": True, "exact": True})])
def test_opacity_is_kept_as_a_fourth_channel_and_is_full_for_other_images(name, options, tmp_path):
    save(tmp_path / "x" / "cat" / name, Image.fromarray(RGBA), **options)
    save(tmp_path / "x" / "cat" / "b.png", Image.fromarray(RGB[..., 0]))
    save(tmp_path / "x" / "cat" / "c.jpg", Image.fromarray(RGB))
    arrays = got(folder(tmp_path / "x"), alpha="keep")
    assert arrays.x.shape[1:] == (16, 24, 4) and arrays.x.dtype == np.uint8
    np.testing.assert_array_equal(arrays.x[0], RGBA)
    np.testing.assert_array_equal(arrays.x[1], np.stack([RGB[..., 0]] * 3 + [np.full((16, 24), 255)], axis=-1))
    assert (arrays.x[2:, ..., 3] == 255).all()
    assert "with transparent pixels, whose opacity is the fourth channel: 1 image" in arrays.notes


def test_opacity_of_grey_images_and_of_palettes_is_kept_too(tmp_path):
    grey = np.concatenate([RGB[..., :1], OPACITY], axis=-1)
    save(tmp_path / "x" / "cat" / "a.png", Image.fromarray(grey, "LA"))
    palette = Image.fromarray(np.zeros((16, 24), np.uint8), "P")
    palette.putpalette([9, 8, 7])
    save(tmp_path / "x" / "cat" / "b.png", palette, transparency=b"\x32")
    arrays = got(folder(tmp_path / "x"), alpha="keep")
    np.testing.assert_array_equal(arrays.x[0], np.concatenate([RGB[..., :1]] * 3 + [OPACITY], axis=-1))
    assert (arrays.x[1] == [9, 8, 7, 50]).all()


@pytest.mark.parametrize("full, encoded", [(255, np.uint8), (65535, np.uint16)])
def test_what_is_transparent_does_not_bleed_into_what_is_not(full, encoded, tmp_path):
    """An invisible red half beside a green one, each row of which is made half as wide, shows no red."""
    image = np.zeros((16, 24, 4), encoded)
    image[:, :11, 0], image[:, 11:, 1], image[:, 11:, 3] = full, full, full
    save(tmp_path / "x" / "cat" / "a.png", tf.io.encode_png(image).numpy())
    small = got(folder(tmp_path / "x"), alpha="keep", size=(8, 12)).x[0]
    plain = tf.image.resize(image.astype(np.float32), (8, 12), "bilinear", antialias=True).numpy()
    seen = small[..., 3] > 0
    assert (small[..., 0] == 0).all() and (small[~seen] == 0).all()
    np.testing.assert_allclose(small[seen][:, 1], full, rtol=1e-5)
    np.testing.assert_allclose(small[..., 3], plain[..., 3], atol=full / 500)
    assert 0 < (small[0, :, 3] % full > 0).sum() < 12, "the edge is partly seen"


def test_an_opaque_image_is_resized_as_without_opacity(tmp_path):
    save(tmp_path / "x" / "cat" / "a.png", Image.fromarray(RGB))
    root = folder(tmp_path / "x")
    kept, plain = (got(root, size=(7, 9), **more).x for more in ({"alpha": "keep"}, {}))
    np.testing.assert_array_equal(kept[..., :3], plain)


def test_opacity_of_16_bits_has_their_range(tmp_path):
    values = np.random.default_rng(0).integers(0, 2**16, (16, 24, 4)).astype(np.uint16)
    save(tmp_path / "x" / "cat" / "a.png", tf.io.encode_png(values).numpy())
    tif(tmp_path / "x" / "cat" / "b.tif", values, photometric="rgb", extrasamples=["unassalpha"])
    save(tmp_path / "x" / "cat" / "c.png", tf.io.encode_png(values[..., :3]).numpy())
    save(tmp_path / "x" / "cat" / "d.png", sixteen(values[..., 0]))
    arrays = got(folder(tmp_path / "x"), alpha="keep")
    np.testing.assert_array_equal(arrays.x[:2], [values, values])
    np.testing.assert_array_equal(arrays.x[2, ..., :3], values[..., :3])
    np.testing.assert_array_equal(arrays.x[3, ..., 1], values[..., 0])
    assert (arrays.x[2:, ..., 3] == 65535).all(), "those of 8 bits too"


def test_without_transparent_pixels_the_fourth_channel_is_remarked_on(tmp_path):
    root = folder(tmp_path / "x", a__png=Image.fromarray(RGB))
    assert "no image has transparent pixels: the fourth channel is the same everywhere" in got(root, alpha="keep").notes


@pytest.mark.parametrize("dtype, full", [(np.uint8, 255), (np.uint16, 65535), (np.float32, None)])
@pytest.mark.parametrize("channels", [2, 4, 6])
def test_bands_are_kept_as_they_are_and_brought_to_a_size(channels, dtype, full, tmp_path):
    images = [BANDS[..., :channels].astype(dtype), BANDS[::-1, :, :channels].astype(dtype)]
    for name, image in zip(("cat", "dog"), images):
        tif(tmp_path / "x" / name / "a.tif", image)
    arrays = got(tmp_path / "x")
    np.testing.assert_array_equal(arrays.x, images)
    assert arrays.x.dtype == (np.uint8 if dtype is np.uint8 else np.float32)
    assert f"each of the {channels} channels of the files is kept" in arrays.notes
    small = got(tmp_path / "x", size=(8, 12))
    assert small.x.shape == (2, 8, 12, channels)
    assert np.abs(small.x.mean(axis=(1, 2)) - arrays.x.mean(axis=(1, 2))).max() < 8


def test_colours_of_16_bits_in_a_tiff_file_are_those_of_a_png_file(tmp_path):
    values = np.random.default_rng(0).integers(0, 2**16, (16, 24, 3)).astype(np.uint16)
    tif(tmp_path / "x" / "cat" / "a.tif", values, photometric="rgb")
    save(tmp_path / "x" / "cat" / "b.png", tf.io.encode_png(values).numpy())
    arrays = got(folder(tmp_path / "x"))
    np.testing.assert_array_equal(arrays.x[:2], [values, values])
    grey = got(tmp_path / "x", size=(16, 24, 1))
    np.testing.assert_array_equal(grey.x[0], grey.x[1])


def test_opacity_of_16_bits_in_a_tiff_file_lies_over_white_as_that_of_a_png_file(tmp_path):
    values = np.random.default_rng(0).integers(0, 2**16, (16, 24, 4)).astype(np.uint16)
    tif(tmp_path / "x" / "cat" / "a.tif", values, photometric="rgb", extrasamples=["unassalpha"])
    save(tmp_path / "x" / "cat" / "b.png", tf.io.encode_png(values).numpy())
    arrays = got(folder(tmp_path / "x"))
    np.testing.assert_array_equal(arrays.x[0], arrays.x[1])


@pytest.mark.parametrize("others, fields, words", [
    ({"b.png": Image.fromarray(RGB)}, {}, r"a\.tif has 6 channels and .* is grey or coloured; accepted: images of one number of channels"),
    ({"b.tif": BANDS[..., :5]}, {}, r"a\.tif has 6 channels and .*b\.tif has 5 channels; accepted: images of one number of channels"),
    ({}, {"alpha": "keep"}, r"alpha: .*a\.tif has 6 channels, which are neither grey nor colours; accepted: all of them"),
    ({}, {"size": (8, 8, 3)}, r"size = \[8, 8, 3\]: .*a\.tif has 6 channels"),
    ({"b.tif": BANDS.astype(np.float32)}, {}, r"b\.tif has 32-bit values, .*a\.tif 8-bit ones"),
    ({"b.tif": BANDS[:8]}, {}, r"b\.tif is 8x24 pixels, .*a\.tif is 16x24")])
def test_files_that_do_not_go_together_are_named(others, fields, words, tmp_path):
    tif(tmp_path / "x" / "cat" / "a.tif", BANDS)
    for name, image in {"a.tif": BANDS, **others}.items():
        path = tmp_path / "x" / "dog" / name
        save(path, image) if isinstance(image, Image.Image) else tif(path, image)
    with pytest.raises(InputError, match=words):
        got(tmp_path / "x", **fields)


def test_numbers_of_32_bits_have_no_opacity(tmp_path):
    for name in ("cat", "dog"):
        save(tmp_path / "x" / name / "a.tif", Image.fromarray(RGB[..., 0].astype(np.float32)))
    with pytest.raises(InputError, match=r"alpha: .*a\.tif has 32-bit values"):
        got(tmp_path / "x", alpha="keep")
