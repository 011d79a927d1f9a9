"""Each data folder is rebuilt from an archive laid out like its public source, and known by its hash."""

import io
import pkgutil
import tarfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmarks.data import __main__ as command
from benchmarks.data import sources
from benchmarks.data.__main__ import main, make
from benchmarks.data.sources import CLASSES, SOURCES
from dlbench.datasets import digits
from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.disk import keep, mapped
from dlbench.datasets.fingerprint import content

BY_NAME = {source.dataset: source for source in SOURCES}
REVIEWS, PHOTOS, MNIST = (BY_NAME[name] for name in ("folder:rt-polarity", "folder:cifar10_small", "tfds:mnist"))


def archive(path, members):
    """A .tar.gz of members by name; the folder that it lies in."""
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w:gz") as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path.parent


def reviews(folder, neg, pos):
    """As cs.cornell.edu has it: Windows-1252, a sentence a line, in a folder, beside a file about it."""
    return archive(folder / "rt-polaritydata.tar.gz", {
        "rt-polaritydata/README.txt": b"about", "rt-polaritydata/rt-polarity.neg": neg, "rt-polaritydata/rt-polarity.pos": pos})


def test_sentences_are_those_of_the_archive_with_signs_beyond_ascii_encoded_twice(tmp_path):
    archives = reviews(tmp_path / "a", "dull . \r\ncliché \n".encode("cp1252"), "“good” – fine\n".encode("cp1252"))
    make(REVIEWS, tmp_path / "data", archives)
    neg, pos = ((tmp_path / "data" / "rt-polarity" / f"{kind}.txt").read_bytes() for kind in ("neg", "pos"))
    assert neg == "dull . \nclichÃ© \n".encode() and pos.decode().encode("latin-1").decode() == "“good” – fine\n"


@pytest.mark.data
def test_the_sentences_of_the_reports_come_out_of_their_archive_to_the_bit(tmp_path, data_dir, capsys):
    raw = [(data_dir / "rt-polarity" / f"{kind}.txt").read_bytes().decode().encode("latin-1").decode().encode("cp1252")
           for kind in ("neg", "pos")]
    archives = reviews(tmp_path / "a", *raw)
    assert main([str(tmp_path / "data"), "--archives", str(archives), "--only", "folder:rt-polarity"]) == 0
    assert content(tmp_path / "data" / "rt-polarity") == content(data_dir / "rt-polarity")
    assert f"{REVIEWS.content} as in the reports" in capsys.readouterr().out


@pytest.mark.parametrize("folder", sources.TAKEN)
def test_photographs_are_the_first_of_each_class_in_the_order_of_the_batches(tmp_path, monkeypatch, folder):
    monkeypatch.setitem(sources.TAKEN, folder, {"train": 3, "test": 2})
    draw, batches, wanted = np.random.default_rng(0), {}, {}
    for name in (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"):
        labels = draw.permutation(np.arange(20) % 10).astype(np.uint8)
        colours = draw.integers(0, 256, (20, 3), np.uint8)
        planes = np.repeat(colours[:, :, None], 1024, axis=2).reshape(20, -1)
        batches[f"cifar-10-batches-bin/{name}"] = np.column_stack([labels, planes]).tobytes()
        for label, colour in zip(labels, colours):
            wanted.setdefault((name.split("_")[0] == "test", CLASSES[label]), []).append(colour)
    make(BY_NAME[f"folder:{folder}"], tmp_path / "data", archive(tmp_path / "a" / "cifar-10-binary.tar.gz", batches))
    for test, part, most in ((False, "train", 3), (True, "test", 2)):
        for name in CLASSES:
            files = sorted((tmp_path / "data" / folder / part / name).iterdir())
            assert [file.name for file in files] == [f"{number:04}.jpg" for number in range(most)]
            for file, colour in zip(files, wanted[test, name]):
                image = np.asarray(Image.open(file), int)
                assert image.shape == (32, 32, 3) and np.abs(image - colour).max() <= 3


def test_a_folder_appears_whole_or_not_at_all_and_is_not_made_twice(tmp_path):
    broken = archive(tmp_path / "a" / "rt-polaritydata.tar.gz", {"rt-polarity.neg": b"dull\n"})
    with pytest.raises(LookupError, match=r"no rt-polarity\.pos"):
        make(REVIEWS, tmp_path / "data", broken)
    assert list((tmp_path / "data").iterdir()) == []
    make(REVIEWS, tmp_path / "data", reviews(tmp_path / "a", b"dull\n", b"fine\n"))
    before = content(tmp_path / "data" / "rt-polarity")
    make(REVIEWS, tmp_path / "data", tmp_path / "nowhere")
    assert content(tmp_path / "data" / "rt-polarity") == before


def test_another_content_and_a_missing_folder_are_told(tmp_path, capsys):
    make(REVIEWS, tmp_path, reviews(tmp_path / "a", b"dull\n", b"fine\n"))
    assert main([str(tmp_path), "--check", "--only", "folder:rt-polarity", "--only", "folder:cifar10_small"]) == 1
    photos, sentences = capsys.readouterr().out.splitlines()
    assert "missing" in photos and photos.endswith(f"NOT AS IN THE REPORTS: {PHOTOS.content}")
    assert content(tmp_path / "rt-polarity") in sentences and sentences.endswith(f"NOT AS IN THE REPORTS: {REVIEWS.content}")
    assert not (tmp_path / "cifar10_small").exists()


def test_what_cannot_be_made_is_told_and_the_rest_is_made(tmp_path, capsys):
    archives = reviews(tmp_path / "a", b"dull\n", b"fine\n")
    only = ("--only", "folder:rt-polarity", "--only", "folder:cifar10_small")
    assert main([str(tmp_path / "data"), "--archives", str(archives), *only]) == 1
    said = capsys.readouterr()
    assert "folder:cifar10_small: cannot be made: FileNotFoundError" in said.err and "cifar10_small   missing" in said.out
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["rt-polarity"]


def test_what_comes_with_the_package_is_as_in_the_reports(tmp_path, capsys):
    assert main([str(tmp_path), "--only", "digits"]) == 0 and list(tmp_path.iterdir()) == []
    assert digits.load().digest == BY_NAME["digits"].content and len(BY_NAME["digits"].content) == 16


def test_the_digest_of_arrays_is_the_hash_that_a_dataset_on_disk_is_known_by(tmp_path):
    arrays = digits.load()
    chunk = Chunk(arrays.x, arrays.y, str)
    kept = mapped(keep("digits", Examples([chunk]), tmp_path))
    assert kept.content == kept.digest == arrays.digest
    assert replace(arrays, y=arrays.y[::-1]).digest != arrays.digest


@pytest.mark.data
def test_the_folders_of_the_data_directory_are_those_of_the_reports(data_dir, capsys):
    only = [part for source in (PHOTOS, REVIEWS) for part in ("--only", source.dataset)]
    assert main([str(data_dir), "--check", *only]) == 0, capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.data
def test_mnist_in_the_data_directory_is_that_of_the_reports(data_dir, capsys):
    assert main([str(data_dir), "--check", "--only", "tfds:mnist"]) == 0, capsys.readouterr().out


@pytest.mark.slow
def test_mnist_is_what_tensorflow_datasets_prepares_of_its_four_files(tmp_path, monkeypatch, capsys):
    draw, files = np.random.default_rng(0), {}
    for part, name, count in (("train", "train", 60_000), ("test", "t10k", 10_000)):
        images, labels = draw.integers(0, 256, (count, 28, 28), np.uint8), draw.integers(0, 10, count, np.uint8)
        files[f"{part}_data"] = tmp_path / f"{name}-images-idx3-ubyte"
        files[f"{part}_data"].write_bytes(bytes(16) + images.tobytes())
        files[f"{part}_labels"] = tmp_path / f"{name}-labels-idx1-ubyte"
        files[f"{part}_labels"].write_bytes(bytes(8) + labels.tobytes())
    manager = pkgutil.resolve_name("tensorflow_datasets.core.download.download_manager:DownloadManager")
    monkeypatch.setattr(manager, "download_and_extract", lambda self, asked: {name: files[name] for name in asked})
    assert main([str(tmp_path / "data"), "--only", "tfds:mnist"]) == 1
    told = capsys.readouterr().out
    assert (tmp_path / "data" / "tfds" / "mnist" / "3.0.1").is_dir() and "NOT AS IN THE REPORTS" in told
    arrays = _loaded(tmp_path / "data", tmp_path / "cache")
    assert arrays.digest in told and arrays.train == 60_000 and len(arrays.y) == 70_000
    ours = {image.tobytes() for image in arrays.x[::7000]}
    theirs = b"".join(files[name].read_bytes() for name in ("train_data", "test_data"))
    assert all(image in theirs for image in ours)


def _loaded(data_dir, cache):
    fetch = pkgutil.resolve_name("dlbench.engines.keras.data.resident:fetch")
    return fetch(sources.Data(source="tfds:mnist"), sources.Places(data_dir=str(data_dir)), str(cache))


def test_an_archive_is_downloaded_where_none_is_given(tmp_path, monkeypatch, capsys):
    archives = reviews(tmp_path / "a", b"dull\n", b"fine\n")
    asked = []
    def opened(url):
        asked.append(url)
        return (archives / url.rpartition("/")[2]).open("rb")

    monkeypatch.setattr(command.urllib.request, "urlopen", opened)
    make(REVIEWS, tmp_path / "data")
    assert asked == [REVIEWS.url] and (tmp_path / "data" / "rt-polarity" / "pos.txt").read_text() == "fine\n"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["rt-polarity"] and REVIEWS.url in capsys.readouterr().err
