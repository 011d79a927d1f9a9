"""Stored files of two machines, made comparable by calibration cases."""

from __future__ import annotations

import json
import math

import pytest

from dlbench.gate.stored import compare_files
from dlbench.values.errors import InputError

CALIBRATION = {f"bench.py::calibration[{kind}]": 1e-3 for kind in ("a", "b", "c", "d")}
CASES = {"bench.py::fast": 1e-4, "bench.py::slow": 2.0}


def stored(path, times, cpu="Example CPU"):
    benchmarks = [{"name": name.partition("::")[2], "fullname": name, "group": "calibration" if "calibration" in name else None,
                   "stats": {"median": seconds, "mean": seconds}} for name, seconds in times.items()]
    path.write_text(json.dumps({"machine_info": {"cpu": {"brand_raw": cpu}, "python_version": "3.11.9"}, "benchmarks": benchmarks}))
    return path


@pytest.fixture
def pair(tmp_path):
    """``pair(new, speeds)``: an old file, and a new one of a machine whose speed differs by kind of work."""
    def make(new, speeds=(2.0, 2.0, 2.0, 2.0)):
        calibration = {name: seconds * speed for (name, seconds), speed in zip(CALIBRATION.items(), speeds)}
        return stored(tmp_path / "old.json", CALIBRATION | CASES), stored(tmp_path / "new.json", calibration | new, "Other CPU")
    return make


def test_a_machine_that_is_twice_as_slow_changes_nothing(pair):
    found = compare_files(*pair({name: 2 * seconds for name, seconds in CASES.items()}), 0.05)
    assert [change.verdict for change in found.changes] == ["no change"] * 2 and math.exp(found.factor) == pytest.approx(2)


def test_a_slower_case_is_found_and_a_faster_one(pair):
    found = compare_files(*pair({"bench.py::fast": 1e-4, "bench.py::slow": 6.0}), 0.05)
    assert {change.name: change.verdict for change in found.changes} == {"bench.py::slow": "slower", "bench.py::fast": "faster"}
    assert found.changes[0].log_ratio == pytest.approx(math.log(1.5))


def test_what_the_calibration_cases_disagree_by_is_in_the_interval(pair):
    found = compare_files(*pair({"bench.py::fast": 2e-4, "bench.py::slow": 4.8}, (1.6, 1.9, 2.2, 2.4)), 0.05)
    assert {change.verdict for change in found.changes} == {"undecided"}
    assert all(change.low < 0 < change.high for change in found.changes)


def test_cases_of_one_file_are_told_apart(pair):
    found = compare_files(*pair({"bench.py::fast": 2e-4, "bench.py::new": 1.0}), 0.05)
    assert (found.appeared, found.vanished) == (("bench.py::new",), ("bench.py::slow",))


def test_files_of_dlbench_bench_are_known_by_case_and_calibrated_by_its_machine_cases(tmp_path):
    def bench(path, folder, times):
        rows = [{"fullname": f"{folder}/suite.py::test_case[{name}]", "group": name, "stats": {"median": seconds},
                 "extra_info": {"case": name, "family": "machine" if name != "flip" else "augmentation"}}
                for name, seconds in times.items()]
        path.write_text(json.dumps({"benchmarks": rows}))
        return path

    old = bench(tmp_path / "old.json", "here", {"copy": 1.0, "sgemm": 1.0, "sort": 1.0, "exp": 1.0, "flip": 1.0})
    new = bench(tmp_path / "new.json", "there", {"copy": 2.0, "sgemm": 2.0, "sort": 2.0, "exp": 2.0, "flip": 3.0})
    found = compare_files(old, new, 0.05)
    assert [(change.name, change.verdict) for change in found.changes] == [("flip", "slower")]


def test_without_calibration_nothing_is_compared(tmp_path):
    files = [stored(tmp_path / name, CASES) for name in ("old.json", "new.json")]
    assert "calibration" in compare_files(*files, 0.05)


def test_the_text_says_that_it_is_weaker_and_fits_80_columns(pair):
    found = compare_files(*pair({"bench.py::fast": 2e-4, "bench.py::slow": 6.0}), 0.05)
    said = found.text
    assert "weaker than `dlbench gate`" in " ".join(said.split()) and "Other CPU" in said and max(map(len, said.splitlines())) <= 80
    assert found.as_json()["cases"][0]["ratio"] == pytest.approx(1.5)


@pytest.mark.parametrize("content, words", [
    ("", "cannot be read"), ("[]", "no list 'benchmarks'"), ('{"benchmarks": 1}', "no list 'benchmarks'"),
    ('{"benchmarks": [{"name": "a"}]}', "no list 'benchmarks'"), ("[" * 100_000, "cannot be read"),
])
def test_another_file_is_refused(tmp_path, content, words):
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(InputError, match=r"bad\.json") as refused:
        compare_files(tmp_path / "bad.json", tmp_path / "bad.json", 0.05)
    assert words in str(refused.value)


@pytest.mark.parametrize("median", [0, float("nan"), None, True, "1"])
def test_a_case_without_a_time_is_named_and_the_others_are_judged(pair, median):
    found = compare_files(*pair({"bench.py::fast": median, "bench.py::slow": 6.0}), 0.05)
    assert [(change.name, change.verdict) for change in found.changes] == [("bench.py::slow", "slower")]
    assert f"in the new file stats.median is {median!r}" in found.incomparable["bench.py::fast"]
    assert "bench.py::fast: not comparable" in found.text and found.as_json()["not_comparable"] == found.incomparable


def test_a_name_that_stands_twice_is_named_and_not_judged_by_its_last_time(pair):
    old, new = pair({"bench.py::fast": 2e-4, "bench.py::slow": 4.0})
    data = json.loads(new.read_text())
    data["benchmarks"].append({"fullname": "bench.py::fast", "stats": {"median": 2e-3}})
    new.write_text(json.dumps(data))
    found = compare_files(old, new, 0.05)
    assert [change.name for change in found.changes] == ["bench.py::slow"]
    assert found.incomparable == {"bench.py::fast": "in the new file its name stands more than once"}


def test_fewer_than_four_calibration_cases_are_refused(pair):
    old, new = pair({"bench.py::fast": 2e-4, "bench.py::slow": 4.0}, (2.0, 2.0, 2.0, math.nan))
    problem = compare_files(old, new, 0.05)
    assert "3 calibration cases in common, 4 or more" in problem and "calibration[d] is not comparable" in problem
