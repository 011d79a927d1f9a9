"""``dlbench cache``: what is kept of decoded data is shown and removed, and nothing else."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dlbench.datasets import Places
from dlbench.datasets.derived import Wanted, derived, listed_arrays
from dlbench.engines.keras.data.resident import fetch
from dlbench.store.shared import Kept, SharedRuns
from dlbench.values.recipe import Data
from dlbench.values.record import Record
from tests.calling import called


@pytest.fixture
def cached(tmp_path):
    """``cached(*arguments)``: what ``dlbench cache ARGUMENTS`` does where two datasets are kept."""
    for name, size in (("small", 8), ("large", 16)):
        np.savez(tmp_path / f"{name}.npz", x=np.zeros((10, size, size, 1), np.uint8), y=np.arange(10) % 2)
        fetch(Data(source=f"npz:{name}.npz"), Places(str(tmp_path)), str(tmp_path / "cache"))
    (tmp_path / "cache" / "looks").mkdir()
    return lambda *arguments: called(tmp_path, "cache", *arguments, DLBENCH_CACHE_DIR=str(tmp_path / "cache"))


def test_it_shows_what_is_kept(cached):
    ended = cached()
    first, second = ended.out.splitlines()
    assert ended.code == 0 and first.startswith("npz:large.npz  10 examples of 16x16x1, 0.0 MiB") and second.startswith("npz:small.npz")
    assert "2 decoded datasets" in ended.err
    assert [entry["dataset"] for entry in json.loads(cached("--json").out)] == ["npz:large.npz", "npz:small.npz"]


def test_it_removes_what_is_named_and_nothing_else(cached, tmp_path):
    assert cached("--remove", "npz:small.npz").out.startswith("npz:small.npz")
    assert cached().out.count("\n") == 1 and (tmp_path / "cache" / "looks").is_dir()
    assert cached("--remove", "--all").code == 0 and "0 decoded datasets" in cached().err


def test_finished_runs_are_shown_and_removed_by_their_name(cached, tmp_path):
    kept = Kept(Record("r1", {}, 0, "done", started="2026-01-01T00:00:00+00:00"), {}, {}, "first", "reports/first")
    SharedRuns(tmp_path / "cache" / "runs", 10**6, pytest.fail).give([(kept, "m")])
    ended = cached()
    assert any(line.startswith("runs") and "1 finished run, 0.0 MiB" in line for line in ended.out.splitlines())
    assert "2 decoded datasets, finished runs" in ended.err
    assert cached("--remove", "runs").out.startswith("runs") and "finished runs" not in cached().err
    assert not (tmp_path / "cache" / "runs" / "runs.sqlite").exists()


def test_features_are_shown_and_removed_by_their_name(cached, tmp_path):
    folder = tmp_path / "cache" / "features"
    for key in ("0f", "a1"):
        features = Wanted(key, "features of npz:small.npz", (10, 3, 3, 4), "float32")
        derived(folder, features, 10**6, lambda start, stop: np.zeros((stop - start, 3, 3, 4)))
    ended = cached()
    assert any(line.startswith("features of npz:small.npz  2 arrays, 0.0 MiB") for line in ended.out.splitlines())
    assert "2 decoded datasets, features, 0.0 MiB" in ended.err and len(json.loads(cached("--json").out)) == 4
    assert cached("--remove", "features of npz:small.npz").code == 0
    assert not list(listed_arrays(folder)) and "features" not in cached().out


def test_runs_that_cannot_be_read_are_shown_and_removed(cached, tmp_path):
    (tmp_path / "cache" / "runs").mkdir()
    (tmp_path / "cache" / "runs" / "runs.sqlite").write_bytes(b"no database" * 50)
    assert "runs" in cached().out and "cannot be read" in cached().out
    assert cached("--remove", "--all").code == 0 and not list((tmp_path / "cache" / "runs").iterdir())


@pytest.mark.parametrize("arguments, words", [
    (["--remove"], "accepted: names of datasets"), (["--remove", "npz:smal.npz"], "did you mean 'npz:small.npz'?"),
    (["npz:small.npz"], "accepted with --remove"), (["--remove", "--all", "npz:small.npz"], "or --all")])
def test_a_wrong_call_removes_nothing(arguments, words, cached):
    ended = cached(*arguments)
    assert ended.code == 2 and words in ended.err and "2 decoded datasets" in cached().err


@pytest.mark.parametrize("variable, stated", [
    ("DLBENCH_RUNS_GIB", "abc"), ("DLBENCH_RUNS_GIB", "-1"), ("DLBENCH_FEATURES_GIB", "nan"), ("DLBENCH_FEATURES_GIB", "inf")])
def test_a_limit_that_is_no_size_is_refused(variable, stated, tmp_path):
    (tmp_path / "study.toml").write_text('margin = 0.01\n[[arms]]\ntechnique = "flip"\n')
    ended = called(tmp_path, "run", "study.toml", DLBENCH_CACHE_DIR=str(tmp_path / "cache"), **{variable: stated})
    assert ended.code == 2 and f"{variable}={stated}: accepted: a number of GiB from 0" in ended.err
    assert not (tmp_path / "reports").exists()
