"""A pickled function is read by the user who wrote it, and by nobody else."""

from __future__ import annotations

import pickle
import stat

import pytest

from dlbench.references.pickles import kept, sealed
from dlbench.values.errors import InputError


class Exploding:
    """Raises when it is read."""

    def __reduce__(self):
        return pytest.fail, ("a foreign pickle was read",)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache folder with a secret of its own."""
    monkeypatch.setenv("DLBENCH_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_was_written_is_read(tmp_path, cache):
    factor = 3
    (tmp_path / "f").write_bytes(sealed(lambda value: value * factor))
    assert kept(tmp_path / "f")(2) == 6
    (secret,) = cache.iterdir()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_a_pickle_of_somebody_else_is_not_read(tmp_path, monkeypatch):
    foreign = pickle.dumps(([], pickle.dumps(Exploding())))
    for content in (foreign, b"x" * 32 + foreign, b""):
        (tmp_path / "f").write_bytes(content)
        with pytest.raises(InputError, match="f was not written by you"):
            kept(tmp_path / "f")
    (tmp_path / "f").write_bytes(sealed(len))
    monkeypatch.setenv("DLBENCH_CACHE_DIR", str(tmp_path / "other"))
    with pytest.raises(InputError, match="running the program that wrote it again"):
        kept(tmp_path / "f")
