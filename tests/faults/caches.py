"""Caches that are damaged: decoded data and what is kept about it, changed, cut, emptied, removed, or with something else in its place."""

import io
import os
import random
import re
import shutil
from contextlib import redirect_stderr
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from dlbench.app.cache import entries
from dlbench.datasets import Places, disk, duplicates
from dlbench.engines.keras.data.resident import fetch
from dlbench.values.errors import Stopped
from dlbench.values.recipe import Data

DATA = (Data(source="csv:table.csv", group="patient"), Data(source="folder:images"), Data(source="npz:arrays.npz"))
N = 24
SAID = re.compile(r"(\S+ was damaged: '\S+' is decoded anew\n)*")


def use(cache_dir: Path) -> list[tuple]:
    """Everything that is read from a cache: its list, each dataset, and how many near-duplicates that has."""
    with patch.dict(os.environ, {"DLBENCH_CACHE_DIR": str(cache_dir)}):
        list(entries())
    found = []
    for number, data in enumerate(DATA):
        arrays = fetch(data, Places(str(_source())), str(cache_dir))
        half = np.arange(len(arrays.y)) % 2 == 0
        counts = duplicates.kept(arrays, np.flatnonzero(half), np.flatnonzero(~half), cache_dir / "duplicates" / f"{number}.json")
        found.append((np.array(arrays.x).tobytes(), arrays.x.shape, arrays.y.tolist(), None if arrays.groups is None else
                      arrays.groups.tolist(), arrays.train, arrays.classes, arrays.low, arrays.full_range, arrays.names, counts))
    return found


@cache
def _source() -> Path:
    """Make files of data, where they stay."""
    place, draws = Path("source").absolute(), np.random.default_rng(0)
    for number in range(N):
        (folder := place / "images" / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(draws.integers(0, 256, (6, 6, 3), np.uint8)).save(folder / f"{number}.png")
    rows = "".join(f"{number % 2},{number},{number / 7},p{number % 5}\n" for number in range(N))
    (place / "table.csv").write_text(f"label,a,b,patient\n{rows}")
    np.savez(place / "arrays.npz", x=draws.integers(0, 256, (N, 4, 4, 1), np.uint8), y=np.arange(N) % 2)
    return place


@cache
def _made() -> tuple[Path, list[tuple]]:
    """Make a good cache, and what is read from it."""
    place = Path("cached").absolute()
    return place, use(place)


def damage(folder: Path, draws: random.Random) -> None:
    """Damage one to three files or folders of a cache."""
    for _ in range(draws.randint(1, 3)):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        path = draws.choice(files)
        if draws.random() < 0.1:
            _replace(draws.choice([path, path.parent]), draws)
        else:
            path.write_bytes(_damaged(path.read_bytes(), draws))


def _replace(path: Path, draws: random.Random) -> None:
    """Remove a file or a folder, or put one in the place of the other."""
    was_file = path.is_file()
    path.unlink() if was_file else shutil.rmtree(path)
    if draws.random() < 0.5:
        path.mkdir() if was_file else path.write_bytes(b"")


def _damaged(data: bytes, draws: random.Random) -> bytes:
    at, size = draws.randrange(len(data) + 1), draws.choice((1, 2, 8, 64, len(data)))
    part = data[at : at + size]
    way = draws.randrange(6)
    flipped = bytes(value ^ 1 << draws.randrange(8) for value in part)
    middle = (bytes(len(part)), draws.randbytes(len(part)), b"", part + part, part[::-1], flipped)
    return data[:at] + middle[way] + data[at + size :]


def feed(data: bytes, folder: Path) -> None:
    """Damage a cache as the input says: what is read from it is what was read before, with a line about each dataset decoded anew.

    Only a file in the place of the cache, or of its folder of all datasets, is the user's to remove.
    """
    good, expected = _made()
    shutil.copytree(good, folder / "cache")
    damage(folder / "cache", random.Random(data))
    if (folder / "cache").is_file() or (folder / "cache" / "arrays").is_file():
        with pytest.raises(Stopped, match=r"(Not a directory|File exists); decoded data is kept there"):
            use(folder / "cache")
        return
    for _ in range(2):  # as two processes, of which the second finds what the first has mended
        disk._verified.clear()
        with redirect_stderr(io.StringIO()) as said:
            assert use(folder / "cache") == expected
        assert SAID.fullmatch(said.getvalue()), said.getvalue()
    assert said.getvalue() == ""
