"""TIFF files that Pillow does not read whole: their values are those that were written, and what is broken is named."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pytest
from PIL import Image

from dlbench.datasets import tiff
from dlbench.datasets.images import UPRIGHT
from dlbench.datasets.images import header as plain
from dlbench.datasets.tiff import header, pixels
from dlbench.values.errors import InputError

tifffile = pytest.importorskip("tifffile")
HEIGHT, WIDTH = 6, 9
TURNS = {2: np.fliplr, 3: lambda x: x[::-1, ::-1], 4: np.flipud, 5: lambda x: x.transpose(1, 0, 2), 6: lambda x: np.rot90(x, -1),
         7: lambda x: x[::-1, ::-1].transpose(1, 0, 2), 8: np.rot90}


def values(channels, dtype):
    """Numbers over the whole range of a type, [height, width, channels]."""
    drawn = np.random.default_rng(channels).random((HEIGHT, WIDTH, channels))
    return (drawn * (np.iinfo(dtype).max if np.dtype(dtype).kind in "iu" else 1)).astype(dtype)


def written(folder, image, **options):
    """A file of an image, [height, width, channels]; of planes where the options say so."""
    if options.get("planarconfig") == "separate":
        image = np.moveaxis(image, -1, 0)
    tifffile.imwrite(folder / "a.tif", image, **{"photometric": "minisblack", "planarconfig": "contig", **options})
    return folder / "a.tif"


@pytest.mark.parametrize("channels", [2, 4, 5, 13])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("options", [{}, {"planarconfig": "separate"}, {"compression": "zlib"}, {"bigtiff": True}, {"byteorder": ">"}],
                         ids=lambda options: next(iter(options), "plain"))
def test_channels_of_no_colour_are_all_read(channels, dtype, options, tmp_path):
    image = values(channels, dtype)
    path = written(tmp_path, image, **options)
    known = header(path)
    assert (known.height, known.width, known.bands, known.mode) == (HEIGHT, WIDTH, channels, "")
    assert known.bits == {"uint8": 8, "uint16": 16}.get(np.dtype(dtype).name, 32)
    np.testing.assert_array_equal(pixels(path), image)


@pytest.mark.parametrize(("channels", "extra", "mode"), [(3, [], "RGB"), (4, ["unassalpha"], "RGBA"), (4, ["unspecified"], "")])
def test_colours_and_alpha_of_16_bits_are_told_from_other_channels(channels, extra, mode, tmp_path):
    image = values(channels, np.uint16)
    path = written(tmp_path, image, photometric="rgb", extrasamples=extra)
    known = header(path)
    assert (known.mode, known.bands, known.bits) == (mode, 0 if mode else channels, 16) and known.transparent == (mode == "RGBA")
    np.testing.assert_array_equal(pixels(path), image)


def test_colours_that_alpha_multiplied_are_divided_by_it(tmp_path):
    colours, alpha = np.full((HEIGHT, WIDTH, 3), 40000), np.full((HEIGHT, WIDTH, 1), 32768)
    alpha[0] = 0
    stored = np.concatenate([np.rint(colours * (alpha / 65535)), alpha], axis=-1).astype(np.uint16)
    read = pixels(written(tmp_path, stored, photometric="rgb", extrasamples=["assocalpha"]))
    assert np.abs(read[1:, :, :3].astype(int) - 40000).max() <= 1 and not read[0].any()


@pytest.mark.parametrize("orientation", TURNS)
def test_images_are_turned_upright(orientation, tmp_path):
    image = values(5, np.uint8)
    path = written(tmp_path, image, extratags=[(274, "H", 1, orientation, True)])
    known = header(path)
    upright = UPRIGHT[known.orientation](pixels(path))
    assert known.turned and upright.shape[:2] == (known.height, known.width)
    np.testing.assert_array_equal(upright, TURNS[orientation](image))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "I;16", "I", "F"])
def test_what_pillow_reads_is_left_to_it(mode, tmp_path):
    Image.new(mode, (WIDTH, HEIGHT)).save(tmp_path / "a.tif")
    assert header(tmp_path / "a.tif") is None


@pytest.mark.parametrize("content", [b"", b"II*\0", b"MM\0*\0\0\0\x08\0\0", b"\x89PNG\r\n\x1a\n", b"II*\0\x08\0\0\0" + b"\xff" * 40])
def test_what_is_no_tiff_file_is_left_to_pillow(content, tmp_path):
    (tmp_path / "a.tif").write_bytes(content)
    assert header(tmp_path / "a.tif") is None


def test_damaged_tags_are_no_warning_of_a_library(tmp_path):
    path = written(tmp_path, values(5, np.uint8))
    content = bytearray(path.read_bytes())
    entry = content.index(b"\x02\x01\x03\x00\x05\x00\x00\x00")  # the bits of each channel: behind the end of the file
    content[entry + 8 : entry + 12] = b"\xff\xff\xff\x00"
    path.write_bytes(content)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(InputError, match=r"a\.tif is broken, or no image"):
            assert header(path) or plain(path)
    assert not caught


def test_a_file_that_is_cut_off_is_named(tmp_path):
    path = written(tmp_path, values(5, np.uint16))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"a\.tif is broken, or no image that tifffile reads"):
        pixels(path)


def test_more_values_than_any_image_has_are_refused_before_they_are_read(tmp_path, monkeypatch):
    path = written(tmp_path, values(5, np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", HEIGHT * WIDTH * 5 // 2 - 1)
    with pytest.raises(InputError, match=r"a\.tif has 6x9 pixels of 5 channels; accepted: 1 to 268 values in all"):
        header(path)


def test_without_tifffile_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    path = written(tmp_path, values(5, np.uint8))

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(tiff, "importlib", type("importlib", (), {"import_module": staticmethod(missing)}))
    with pytest.raises(InputError, match=r"a\.tif has several channels .* pip install 'dlbench\[tiff\]'"):
        header(path)
    assert importlib.import_module("tifffile") is tifffile
