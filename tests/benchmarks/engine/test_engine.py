"""The engine's benchmark asks workers for what they can do, and its report says what was measured."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.engine import __main__ as benchmark
from benchmarks.engine import facts, profile
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import Settings
from dlbench.values.recipe import edit

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("loop", ["compiled", "keras"])
def test_the_engine_does_what_the_benchmark_asks_of_it(loop, tmp_path):
    recipe = edit(facts.digits(1), data__examples=100, training__loop=loop)
    assert KerasEngine(Settings(str(tmp_path))).run(**facts.task(recipe, 0)).status == "done"


def test_a_profile_takes_a_step_apart():
    found = profile.profile("small_cnn", (8, 8, 1), 32, steps=3)
    parts = {name: us for name, us in found.items() if name != "whole"}
    assert sum(parts.values()) == pytest.approx(found["whole"]) and set(parts) == {*profile.GROUPS, "other"}
    assert min(parts[name] for name in ("convolution", "dense layers", "pooling", "weight updates", "loss")) > 0


def test_the_report_has_the_median_and_range_of_each_fact_and_the_share_of_each_part(tmp_path, monkeypatch):
    rounds = iter((1.0, 5.0, 2.0))
    monkeypatch.setattr(benchmark, "_round", lambda epochs: dict.fromkeys(benchmark.SAID, next(rounds)))
    monkeypatch.setattr(facts, "profile_us", lambda *_: {"whole": 2_000.0, "convolution": 500.0, "other": 1_500.0})
    told = CliRunner().invoke(benchmark.main, ["--rounds", "3", "--epochs", "4", "--out", str(tmp_path / "engine.md")])
    text = (tmp_path / "engine.md").read_text()
    assert told.exit_code == 0 and text.count("| 2.00 (1.00 to 5.00) |") == len(benchmark.SAID)
    assert "4 epochs" in text and "| convolution | 500 µs (25 %) | 500 µs (25 %) |" in text
    tables = [Counter(line.count("|") for line in table.splitlines()) for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]
    assert len(tables) == 2 and all(len(cells) == 1 for cells in tables)


@pytest.mark.slow
def test_every_fact_is_measured(tmp_path):
    out = tmp_path / "engine.md"
    subprocess.run([sys.executable, "-m", "benchmarks.engine", "--rounds", "1", "--epochs", "1", "--out", str(out)], cwd=ROOT, check=True)
    seconds = [float(found) for found in re.findall(r"\| (\d+\.\d+) \(", out.read_text())]
    assert len(seconds) == len(benchmark.SAID) and min(seconds) > 0
