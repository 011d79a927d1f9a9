"""What is fed with broken input: a function of bytes and an empty folder a target. InputError is the one exception allowed."""

import importlib
import io
import json
import shutil
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np

from dlbench.analysis import analyse
from dlbench.app.result import load as load_result
from dlbench.datasets import Places
from dlbench.execution.driver import Options
from dlbench.execution.stages import arm_row, study_record
from dlbench.gate.stored import compare_files
from dlbench.store.database import FILE, Store
from dlbench.store.lock import FILE as LOCK
from dlbench.store.merge import merge
from dlbench.store.read import finished, progress, read
from dlbench.store.repair import repair
from dlbench.study import load, plan, shipped
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data, to_dict
from dlbench.values.record import Cost, Record
from tests.execution.fakes import accuracy, controls
from tests.faults.media import bands, images, sounds
from tests.faults.reseal import spoiled

GOOD = """question = "Which?"
dataset = "digits"
margin = 0.01
seeds = 3
budget = { epochs = 2 }
nuisance = { learning_rate = [1e-3, 1e-2] }
[baseline]
batch_size = 16
[[arms]]
technique = "dropout"
rate = [0.2, 0.5]
[[arms]]
name = "both"
techniques = [{ technique = "rotate", degrees = 10.0 }, { technique = "shift", pixels = 1.0 }]
"""
SHOWN_EVERY = 7
"""Of so many re-sealed stores, one is shown and exported too, which takes ten times as long as all else."""
SMALL = 'margin = 0.01\nseeds = 2\n[[arms]]\ntechnique = "dropout"\nrate = 0.2\n'


@dataclass(frozen=True)
class Target:
    """Where input goes.

    Attributes:
        feed: ``(data, folder)``; raises nothing but InputError.
        seeds: good inputs, that broken ones are made of.
        words: what such inputs are full of.
        inputs: how many a long fuzz feeds.
        numbered: whether input is a number, from which damage is drawn; each number is fed once.
    """

    feed: Callable[[bytes, Path], None]
    seeds: Callable[[], list[bytes]]
    words: tuple[bytes, ...]
    inputs: int
    numbered: bool = False


def study(data: bytes, folder: Path) -> None:
    """A study file, parsed and planned; large ones are refused, for planning a million runs takes its time."""
    path = folder / "study.toml"
    path.write_bytes(data)
    with ExitStack() as limits, suppress(InputError):
        for module, most in (("schema", "MOST_ARMS"), ("designs", "MOST_ARMS"), ("plan", "MOST_RUNS")):
            limits.enter_context(patch.object(importlib.import_module(f"dlbench.study.{module}"), most, 300))
        plan(load(str(path)))


def studies() -> list[bytes]:
    return [GOOD.encode(), *(path.read_bytes() for path in shipped().values())]


def results(data: bytes, folder: Path) -> None:
    """A results folder whose file is this: read, judged, checked, written to and repaired."""
    for use in (lambda: analyse(read(folder)).verdicts, lambda: progress(folder), lambda: finished(folder), lambda: _arrays(folder),
                lambda: _written(folder), lambda: repair(folder), lambda: analyse(read(folder)).verdicts):
        if not (folder / FILE).exists():
            (folder / FILE).write_bytes(data)
        with suppress(InputError):
            use()


def sealed(data: bytes, folder: Path) -> None:
    """A results folder whose values lie under valid seals: read, judged, shown, exported, merged, gone on with."""
    number = int.from_bytes(data)
    spoiled(_made(), folder / FILE, number)
    whole = cache(lambda: load_result(folder))
    uses = [lambda: whole().verdicts, lambda: progress(folder), lambda: finished(folder), lambda: _arrays(folder),
            lambda: merge([folder], folder / "merged")]
    if not number % SHOWN_EVERY:
        uses += [lambda: whole().report("html", "md"), lambda: whole().export("json")]
    for use in (*uses, lambda: _written(folder)):
        with suppress(InputError):
            use()


def _arrays(folder: Path) -> None:
    with Store(folder) as store:
        for run_id in store.statuses():
            store.shares(run_id), store.labels(run_id)


def _written(folder: Path) -> None:
    with Store(folder, write=True) as store:
        store.add(Record("new", {}, 0, "killed", "signal 9"), {})


@cache
def _made() -> bytes:
    """The file of a small study's results."""
    place = Path("made")
    place.mkdir()
    (place / "study.toml").write_text(SMALL)
    whole = plan(load(str(place / "study.toml")))
    facts, score = study_record(whole, Options(place, "dlbench run study.toml", 1, None, "")), accuracy({0.2: 0.01})
    with Store(place, write=True) as store:
        store.open_study("made-up", facts, [arm_row(arm) for arm in whole.arms], [(*cell, run) for cell, run in whole.cells.items()])
        store.add_environment("here", {"tensorflow": "2.21.0"})
        for run in {run.run_id: run for run in whole.runs}.values():
            fields = to_dict(run.recipe)
            store.add(Record(run.run_id, fields, run.seed, "done", "", {"test_accuracy": score(fields, run.seed)}, {}, Cost(wall_s=1.0),
                             controls(fields, run.seed), "here", "2026-01-01T00:00:00+00:00"),
                      {"test_bits": np.arange(40, dtype=np.uint8), "test_predictions": np.arange(320, dtype=np.uint16),
                       "test_labels": np.arange(320, dtype=np.uint16)})
    data = (place / FILE).read_bytes()
    shutil.rmtree(place)
    return data


def lock(data: bytes, folder: Path) -> None:
    """What a process that is gone may have left in the lock of a folder."""
    (folder / LOCK).write_bytes(data)
    with suppress(InputError), Store(folder, write=True):
        pass


def benchmark(data: bytes, folder: Path) -> None:
    """A stored benchmark file, compared with a good one, on either side."""
    (folder / "good.json").write_bytes(benchmarks()[0])
    (folder / "other.json").write_bytes(data)
    for pair in (("good.json", "other.json"), ("other.json", "good.json")):
        with suppress(InputError):
            found = compare_files(*(folder / name for name in pair), 0.05)
            if not isinstance(found, str):
                found.text, json.dumps(found.as_json())


def benchmarks() -> list[bytes]:
    def case(name: str, group: str | None, median: float) -> dict:
        return {"name": name, "fullname": f"a.py::{name}", "group": group, "stats": {"median": median, "mean": median, "rounds": 5}}

    cases = [case("one", "calibration", 1e-3), case("two", "calibration", 2e-3), case("flip", None, 3e-4), case("crop", "kernels", 0.1)]
    return [json.dumps({"machine_info": {"cpu": {"brand_raw": "a cpu", "count": 2}}, "benchmarks": cases, "version": "5.0"}).encode()]


def _fetched(folder: Path, **fields: object) -> None:
    """Read a dataset of the user's own, as a worker does; TensorFlow is imported only where this is called."""
    fetch = importlib.import_module("dlbench.engines.keras.data.resident").fetch
    with suppress(InputError):
        fetch(Data(**fields), Places(str(folder)), str(folder / "cache"))


def table(data: bytes, folder: Path) -> None:
    """A CSV file, as numbers, words and texts, and with several labels a row."""
    (folder / "data.csv").write_bytes(data)
    _fetched(folder, source="csv:data.csv")
    _fetched(folder, source="csv:data.csv", categories="embedding", missing="median")
    _fetched(folder, source="csv:data.csv", inputs=(("one", ("a",)), ("two", ("b",))), categories="one_hot")
    _fetched(folder, source="csv:data.csv", text="text")
    _fetched(folder, source="csv:data.csv", task="multi_label", label=("label", "b"))
    _fetched(folder, source="csv:data.csv", task="multi_label", label_separator=";")


def tables() -> list[bytes]:
    return [b"label,a,b\n1,0.5,yes\n0,0.25,no\n1,2,no\n", b"label,a\nx;y,1\nx,2\n,3\ny; x,4\n",
            b"label,a,b\n" + b"".join(b"%d,%d,0.5\n" % (row % 2, row) for row in range(8)),
            b'text,label\n"a good, long film",1\nbad,0\n"so ""so""",0\nfine,1\n']


def image(data: bytes, folder: Path) -> None:
    """A file among the images of a class."""
    _among(data, images()[0], ".png", folder)


def _among(data: bytes, sound: bytes, ending: str, folder: Path) -> None:
    """A file among sound ones in class folders."""
    for name, content in (("a/1", data), ("a/2", sound), ("b/1", sound)):
        path = folder / "images" / f"{name}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _fetched(folder, source="folder:images", size=(8, 8))


def tiff(data: bytes, folder: Path) -> None:
    """A TIFF file of many channels among such ones."""
    _among(data, bands()[0], ".tif", folder)


def listed(data: bytes, folder: Path) -> None:
    """A table that lists images."""
    (folder / "labels.csv").write_bytes(data)
    for number in range(4):
        (folder / f"{number}.png").write_bytes(images()[number % 2 * 4])
    _fetched(folder, source="csv:labels.csv", image="file", size=(8, 8))
    _fetched(folder, source="csv:labels.csv", image="file", size=(8, 8), task="regression", alpha="keep")
    _fetched(folder, source="csv:labels.csv", image="file", size=(8, 8), task="multi_label", label_separator=";", group="b")
    _fetched(folder, source="csv:labels.csv", inputs=(("scan", "file"), ("table", ("b",))), size=(8, 8), categories="one_hot")


def lists() -> list[bytes]:
    return [b"file,label\n0.png,1\n1.png,0\n2.png,1\n3.png,0\n", b"file,label,b\n0.png,x;y,1\n./1.png,x,2\n2.png,,3\n3.png,y,4\n",
            b"file,label,b\n0.png,x,1\n1.png,y,no\n2.png,x,3\n3.png,y,4\n"]


def sound(data: bytes, folder: Path) -> None:
    """A file among the sounds of a class."""
    for name, content in (("a/1.wav", data), ("a/2.wav", sounds()[0]), ("b/1.wav", sounds()[0])):
        path = folder / "sounds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _fetched(folder, source="folder:sounds", rate=4000, seconds=0.01)


def archive(data: bytes, folder: Path) -> None:
    """An archive of arrays, of one label and of several a row, and of two inputs."""
    (folder / "data.npz").write_bytes(data)
    _fetched(folder, source="npz:data.npz")
    _fetched(folder, source="npz:data.npz", inputs=(("one", "x"), ("two", "t")))
    _fetched(folder, source="npz:data.npz", task="multi_label")


def archives() -> list[bytes]:
    found, x = list[bytes](), np.arange(8 * 4 * 4, dtype=np.uint8).reshape(8, 4, 4, 1)
    for y in (np.arange(8) % 2, np.eye(8, dtype=np.uint8)[:, :3], np.eye(8)[:, :2]):
        np.savez(buffer := io.BytesIO(), x=x, y=y)
        found.append(buffer.getvalue())
    np.savez(buffer := io.BytesIO(), x=x, t=np.eye(8)[:, :3], y=np.arange(8) % 2)
    return [*found, buffer.getvalue()]


def cache_of_data(data: bytes, folder: Path) -> None:
    """A cache of decoded data; TensorFlow is imported only where this is called."""
    importlib.import_module("tests.faults.caches").feed(data, folder)


TARGETS = {
    "study": Target(study, studies, tuple(
        b"seeds arms technique name margin budget epochs baseline nuisance datasets design adaptive looks reference = [ ] { } [[arms]]"
        b" 1e400 -1 0 nan inf true \"\" ''' 1979-05-27 factorial fractional leave_one_out \xff \\u0000".split()), 15_000),
    "results": Target(results, lambda: [_made()], (b"\x00", b"\xff" * 8, b'{"', b"NaN", b"null"), 1_500),
    "sealed": Target(sealed, lambda: [bytes(8)], (b"\x00", b"\x04", b"\x08", b"\xff", b"abcdefgh"), 10_000, True),
    "lock": Target(lock, lambda: [json.dumps({"pid": 1, "host": "a", "since": "b"}).encode()], (b"{", b"null", b"[]", b"\xff"), 2_500),
    "benchmark": Target(benchmark, benchmarks, (
        b'"benchmarks"', b'"stats"', b'"median"', b"NaN", b"-1", b"0", b"1e999", b"null", b"[", b"{", b"}", b'"fullname"'), 12_500),
    "csv": Target(table, tables, (
        b"label", b"text", b",", b"\n", b'"', b"nan", b"inf", b"-1", b"1e999", b"\x00", b"\xef\xbb\xbf", b"\xff"), 9_000),
    "listed": Target(listed, lists, (
        b"file", b"label", b"0.png", b",", b"\n", b'"', b"../", b"/", b"./", b"nan", b"\x00", b"\xef\xbb\xbf", b"\xff", b"~"), 1_000),
    "image": Target(image, images, (b"\x89PNG", b"\xff\xd8\xff", b"GIF89a", b"IHDR", b"IDAT", b"\xff\xff\xff\xff", b"\x00"), 2_500),
    "tiff": Target(tiff, bands, (b"II*\x00", b"MM\x00*", b"MM\x00+", b"\xff\xff\xff\xff", b"\x00\x00", b"\x01\x00", b"\x10\x00"), 1_000),
    "wav": Target(sound, sounds, (
        b"RIFF", b"RF64", b"RIFX", b"WAVE", b"fmt ", b"data", b"LIST", b"ds64", b"\xff\xff\xff\xff", b"\x00"), 2_500),
    "npz": Target(archive, archives, (b"PK", b"x.npy", b"y.npy", b"|O", b"(8,)", b"\x93NUMPY", b"\xff\xff\xff\xff"), 2_500),
    "cache": Target(cache_of_data, lambda: [bytes(8)], (b"\x00", b"\x04", b"\x08", b"\xff", b"abcdefgh"), 3_000, True),
}
