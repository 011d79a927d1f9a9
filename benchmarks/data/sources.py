"""Where each dataset comes from, how its folder is made of that, and the hash by which reports name it."""

from __future__ import annotations

import pkgutil
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from dlbench.datasets import Places, digits
from dlbench.datasets.fingerprint import content
from dlbench.values.recipe import Data

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PARTS = {"train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)), "test": ("test_batch.bin",)}
"""Part -> the files of the archive of photographs, in order."""
TAKEN = {"cifar10_small": {"train": 200, "test": 50}, "cifar10_medium": {"train": 500, "test": 200}}
"""Folder of photographs -> how many images of each class are taken of each part, the first ones."""
SIDE_PX = 32


@dataclass(frozen=True)
class Source:
    """A dataset.

    Attributes:
        dataset: as study files name it.
        path: of its folder in the data directory; empty for one that comes with dlbench.
        url: of the archive that its folder is made of; empty where there is none.
        content: its hash in the reports of this repository.
        make: ``(archive, data directory)``: makes the folder.
        told: ``(data directory) -> hash`` of what lies there.
    """

    dataset: str
    path: str
    url: str
    content: str
    make: Callable[[Path, Path], None] | None
    told: Callable[[Path], str]


def photographs(folder: str) -> Callable[[Path, Path], None]:
    """Make a folder of the first images of each class in the training batches and in the test batch, as JPEG files of quality 75.

    Another JPEG library may write other bytes for the same image; then the hash is another one.

    Args:
        folder: one of :data:`TAKEN`.

    Source: A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009, https://www.cs.toronto.edu/~kriz/cifar.html.
    """
    def made(archive: Path, data_dir: Path) -> None:
        with tarfile.open(archive) as members:
            for part, files in PARTS.items():
                seen: Counter[str] = Counter()
                for name, image in _images(members, files):
                    if seen[name] < TAKEN[folder][part]:
                        path = data_dir / folder / part / name / f"{seen[name]:04}.jpg"
                        path.parent.mkdir(parents=True, exist_ok=True)
                        Image.fromarray(image).save(path, "JPEG", quality=75)
                    seen[name] += 1

    return made


def _images(members: tarfile.TarFile, files: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Class and image (uint8 [32, 32, 3]) of each row: a label, then the red, green and blue plane."""
    for file in files:
        rows = np.frombuffer(_member(members, file), np.uint8).reshape(-1, 1 + 3 * SIDE_PX**2)
        for row in rows:
            yield CLASSES[row[0]], np.ascontiguousarray(row[1:].reshape(3, SIDE_PX, SIDE_PX).transpose(1, 2, 0))


def _member(members: tarfile.TarFile, name: str) -> bytes:
    """A file of an archive, wherever in it it lies.

    Raises:
        LookupError: there is none of that name.
    """
    for member in members.getmembers():
        if member.isfile() and Path(member.name).name == name:
            return members.extractfile(member).read()
    raise LookupError(f"there is no {name} in {members.name}")


def rt_polarity(archive: Path, data_dir: Path) -> None:
    """The sentences, one file a class, in UTF-8.

    The archive is Windows-1252. The folder that the reports were made with had passed through UTF-8 that was read as Latin-1, so its
    few signs beyond ASCII (0.07 % of the text) stand there twice encoded; the same is done here, for the same data.

    Source: B. Pang, L. Lee, "Seeing stars", 2005, https://doi.org/10.3115/1219840.1219855.
    """
    folder = data_dir / "rt-polarity"
    folder.mkdir()
    with tarfile.open(archive) as members:
        for kind in ("neg", "pos"):
            text = _member(members, f"rt-polarity.{kind}").replace(b"\r\n", b"\n").decode("cp1252")
            (folder / f"{kind}.txt").write_bytes(text.encode("utf-8").decode("latin-1").encode("utf-8"))


def mnist(_archive: Path, data_dir: Path) -> None:
    """MNIST as tensorflow-datasets downloads and prepares it.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", 1998, http://yann.lecun.com/exdb/mnist.
    """
    builder = pkgutil.resolve_name("tensorflow_datasets:builder")  # seconds to import, and needed by this dataset alone
    builder("mnist:3.0.1", data_dir=data_dir / "tfds").download_and_prepare()


def files(path: str) -> Callable[[Path], str]:
    """The hash of a folder's files: part of the identity of every run on it."""
    return lambda data_dir: content(data_dir / path)


def examples(dataset: str) -> Callable[[Path], str]:
    """The hash of all examples and labels, decoded anew."""
    def told(data_dir: Path) -> str:
        fetch = pkgutil.resolve_name("dlbench.engines.keras.data.resident:fetch")
        with tempfile.TemporaryDirectory() as cache:
            return fetch(Data(source=dataset), Places(data_dir=str(data_dir)), cache).digest

    return told


SOURCES = (
    Source("digits", "", "", "65e5b4619795efb4", None, lambda _: digits.load().digest),
    Source("tfds:mnist", "tfds/mnist", "", "365f548acc9f996c", mnist, examples("tfds:mnist")),
    *(Source(f"folder:{folder}", folder, "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", known, photographs(folder),
             files(folder)) for folder, known in (("cifar10_small", "36862a8297c4cca9"), ("cifar10_medium", "dc32872aaaeca283"))),
    Source("folder:rt-polarity", "rt-polarity", "https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz",
           "0d575a88e2069940", rt_polarity, files("rt-polarity")),
)
