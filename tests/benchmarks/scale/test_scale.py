"""The scale benchmark runs the real driver, and its document says what the numbers say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.scale.document import document, marginal
from dlbench.store.read import read

ROOT = Path(__file__).parents[3]


def table(**changes):
    runs = np.array([10_000, 100_000])
    made = {"runs": runs, "arms": [125, 500], "plan_s": 1e-5 * runs, "driver_s": 0.001 * runs, "wall_s": 0.001 * runs,
            "store_bytes": 5_000 * runs, "peak_bytes": 100e6 + 2_000 * runs, "report_s": 5 + 2e-4 * runs, "report_cpu_s": 5 + 2e-4 * runs,
            "report_peak_bytes": 300e6 + 4_000 * runs}
    return pd.DataFrame(made | changes)


def test_linear_costs_are_told_as_such_and_extrapolated():
    text = document(table(), {"Machine": "two cores"}, 24 * 2**30)
    assert "**Met**: no worse than linear" in text and "**Met**: the report over 100,000 records" in text
    assert marginal(table(), "peak_bytes") == pytest.approx((100e6, 2_000))
    assert "report 38 GiB (this machine has 24 GiB)" in text and "this machine holds about 6.4 million runs" in text
    assert "1000 runs a second" in text


@pytest.mark.parametrize("changes, words", [
    ({"driver_s": [1.0, 100.0]}, "**NOT MET**: no worse than linear"), ({"report_s": [5.0, 61.0]}, "**NOT MET**: the report over"),
    ({"report_peak_bytes": [3e8, 1.1e9]}, "**NOT MET**: the report over")])
def test_what_is_missed_is_said(changes, words):
    assert words in document(table(**changes), {}, 24 * 2**30)


def test_every_line_of_the_table_has_as_many_cells_as_heads():
    lines = [line for line in document(table(), {}, 2**30).splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1 and len(lines) == 4


def test_runs_of_zero_steps_go_through_the_driver_into_a_store_that_is_reported(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    said = subprocess.run([sys.executable, "-m", "benchmarks.scale.drive", "100", str(tmp_path)], cwd=ROOT, env=environment, check=True,
                          capture_output=True, text=True, timeout=120)
    found = json.loads(said.stdout)
    assert found["runs"] == 100 and found["arms"] == 10 and found["store_bytes"] > 100_000
    results = read(tmp_path)
    assert results.complete and set(results.runs["control"]) == {"baseline", "controlled"} and len(results.curves) == 2_000


@pytest.mark.slow
def test_reporting_on_a_hundred_thousand_records_takes_less_than_a_gigabyte():
    """Measured from a small process: the system counts the peak of the one that starts another as the other's."""
    program = "from benchmarks.scale.measure import measure; print(measure([100_000]).to_json(orient='records'))"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True,
                          capture_output=True, text=True)
    (row,) = json.loads(said.stdout)
    assert row["runs"] == 100_000 and row["report_peak_bytes"] < 1e9
