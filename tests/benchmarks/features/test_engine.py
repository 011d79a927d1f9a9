"""The engine that counts: features are computed once, for the first seed, and without features all of it is counted."""

import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from benchmarks.features import arms
from benchmarks.features.engine import Counting
from benchmarks.features.measured import WHOLE
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.recipe import Recipe, Transfer, edit
from tests.packaging.pins import ROOT

RECIPE = edit(Recipe(), transfer=Transfer("frozen"), model__options=(("hidden", 4), ("width", 2)), data__examples=100, budget__amount=2)


@pytest.fixture(scope="module")
def inputs():
    """Of runs that start from one base."""
    return RunInputs("test_accuracy", Counting(Settings("")).program(RECIPE, traced=False).network.weights())


@pytest.fixture
def counting(tmp_path):
    return Counting(Settings(str(tmp_path), features_bytes=2**30))


def test_the_first_seed_computes_each_part_once_and_a_later_one_nothing(counting, inputs):
    sizes = counting.sizes(RECIPE)
    first, later = (counting.counted_run(RECIPE, seed, inputs) for seed in (0, 1))
    parts = {part: first.examples[part] for part in ("train", "validation", "test")}
    assert first.status == "done" and parts == {part: -(-sizes[part] // 64) * 64 for part in parts}, "the last batch is a whole one"
    assert 0 < first.examples[WHOLE] < 100 and later.status == "done" and not any(later.examples.values())
    assert first.processor_s > later.processor_s > 0 and sizes["bytes"] == 4 * 4 * 16 * sum(sizes[part] for part in parts)


def test_without_features_every_step_and_evaluation_is_counted(tmp_path, inputs):
    plain = Counting(Settings(str(tmp_path)))
    sizes, ran = plain.sizes(RECIPE), plain.counted_run(RECIPE, 0, inputs)
    assert set(ran.examples) == {WHOLE}
    assert ran.examples[WHOLE] >= 2 * (sizes["train"] + sizes["validation"]) + sizes["test"]


def test_a_pass_is_timed_on_whole_batches(counting):
    rounds = counting.passes(RECIPE, rounds=2, sample=90)
    assert [one.examples for one in rounds] == [64, 64] and all(one.wall_s > 0 and one.processor_s > 0 for one in rounds)


def test_so_many_photographs_are_copied_of_each_class_in_both_parts(tmp_path):
    for part, count in (("train", 20), ("test", 9)):
        for name in "abcdefghij":
            folder = tmp_path / "all" / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                (folder / f"{number:02}.jpg").write_text("")
    arms._copy(tmp_path / "all", tmp_path / "some", 100)
    found = Counter(path.parent.relative_to(tmp_path / "some").as_posix() for path in (tmp_path / "some").rglob("*.jpg"))
    assert found == {f"{part}/{name}": count for part, count in (("train", 8), ("test", 2)) for name in "abcdefghij"}
    assert (tmp_path / "some" / "train" / "a" / "07.jpg").exists()


@pytest.mark.slow
@pytest.mark.data
def test_both_arms_are_measured(tmp_path, data_dir):
    small = ("--photographs", "200", "--size-px", "32", "--seeds", "2", "--epochs", "1", "--rounds", "1", "--sample", "64")
    out = tmp_path / "features.md"
    subprocess.run([sys.executable, "-m", "benchmarks.features", *small, "--data-dir", data_dir, "--out", out], cwd=ROOT, check=True,
                   env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=600)
    text = out.read_text(encoding="utf-8")
    assert "failed" not in text and "no features were used" not in text and str(data_dir) not in text
    counted = re.search(r"passes, counted in examples\*\* \| \*\*([\d.]+)\*\* \| \*\*([\d.]+)\*\* \|", text)
    assert 1 <= float(counted[1]) < 1.1 and 1 <= float(counted[2]) < 2.5
