import zipfile

import numpy as np
import pytest

from dlbench.datasets import npz
from dlbench.values.errors import InputError
from tests.datasets.helpers import kept

X = np.random.default_rng(0).integers(0, 256, (30, 5, 4)).astype(np.uint8)
Y = np.arange(30) % 3


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed], ids=lambda save: save.__name__)
def test_arrays_are_read_a_stretch_at_a_time(save, tmp_path, monkeypatch):
    monkeypatch.setattr(npz, "CHUNK_BYTES", 7 * 20)
    save(tmp_path / "x.npz", x_train=X, y_train=Y[:, None], x_test=X[:9], y_test=Y[:9])
    got = kept(npz.load, tmp_path, "npz:x.npz")
    np.testing.assert_array_equal(got.x[..., 0], np.concatenate([X, X[:9]]))
    np.testing.assert_array_equal(got.y, np.concatenate([Y, Y[:9]]))
    assert (got.train, got.classes, got.kind) == (30, 3, "image")


def test_rows_of_numbers_without_a_test_part(tmp_path):
    np.savez(tmp_path / "x.npz", x=X.reshape(30, 20).astype(np.float64), y=Y)
    got = kept(npz.load, tmp_path, "npz:x.npz")
    assert got.x.shape == (30, 20) and got.x.dtype == np.float32 and got.train == 30 and got.kind == "row"


class Evil:
    """Would tell if a pickle were loaded."""

    def __reduce__(self):
        return (print, ("loaded a pickle",))


def infinite():
    x = X.astype(np.float32)
    x[17, 0, 0] = np.inf
    return x


WRONG = {
    "a pickle": ({"x": np.array([Evil()] * 3), "y": Y[:3]}, "array x holds Python objects .a pickle., which are never loaded"),
    "a pickle for labels": ({"x": X, "y": np.array([Evil()] * 30)}, "array y holds Python objects"),
    "other names": ({"images": X, "labels": Y}, "holds images, labels; accepted: x and y, or x_train"),
    "one array too many": ({"x": X, "y": Y, "z": Y}, "holds x, y, z"),
    "labels missing": ({"x": X, "y": Y[:29]}, "x has 30 rows and y 29"),
    "too many labels": ({"x": X[:29], "y": Y}, "x has 29 rows and y 30"),
    "not finite": ({"x": infinite(), "y": Y}, "row 17 of x in x.npz has a value that is not a finite number"),
    "out of range": ({"x": X, "y": np.where(np.arange(30) == 11, -2, Y)}, "label -2 of row 11 of x in x.npz is out of range"),
    "one value": ({"x": np.float64(3), "y": Y}, "array x is one value"),
    "column by column": ({"x": np.asfortranarray(X), "y": Y}, "Fortran order"),
    "none": ({"x": X[:0], "y": Y[:0]}, "at least two classes"),
}


@pytest.mark.parametrize("arrays, words", WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_named(arrays, words, tmp_path, capsys):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(InputError, match=words):
        kept(npz.load, tmp_path, "npz:x.npz")
    assert not list(tmp_path.glob("cache/*")) and capsys.readouterr().out == ""


@pytest.mark.parametrize("cut", [30, -40])
def test_a_broken_file_is_named(cut, tmp_path):
    np.savez(tmp_path / "whole.npz", x=X, y=Y)
    (tmp_path / "x.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:cut])
    with pytest.raises(InputError, match=r"is not an \.npz file"):
        kept(npz.load, tmp_path, "npz:x.npz")


def test_a_damaged_array_is_named(tmp_path):
    np.savez(tmp_path / "x.npz", x=X, y=Y)
    content = bytearray((tmp_path / "x.npz").read_bytes())
    content[400] ^= 255
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(InputError, match="array x cannot be read"):
        kept(npz.load, tmp_path, "npz:x.npz")


def declaring(path, **shapes):
    """An archive whose headers say what shapes and data they have, and that holds none of it."""
    with zipfile.ZipFile(path, "w") as file:
        for name, shape in shapes.items():
            with file.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array_header_1_0(member, {"descr": "|u1", "fortran_order": False, "shape": shape})


def test_headers_are_compared_before_any_array_is_read(tmp_path):
    declaring(tmp_path / "x.npz", x=(100, 4, 4, 1), y=(10**13,))
    with pytest.raises(InputError, match=r"x has 100 rows and y 10000000000000; accepted: one label a row"):
        kept(npz.load, tmp_path, "npz:x.npz")


def test_what_has_no_room_on_the_disk_is_refused_before_it_is_read(tmp_path, capsys):
    declaring(tmp_path / "x.npz", x=(10**9, 1000, 1000, 3), y=(10**9,))
    with pytest.raises(InputError, match=r"decoded it takes 2,793,967\.7 GiB, and .* left"):
        kept(npz.load, tmp_path, "npz:x.npz")
    assert "2,793,967.7 GiB of decoded data are written to" in capsys.readouterr().err
