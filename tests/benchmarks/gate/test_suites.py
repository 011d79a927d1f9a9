"""The suites that measure the gate: resumed, never mixed, and a report that does not claim what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.gate import cases, coverage, suites
from benchmarks.gate.document import document
from benchmarks.gate.suites import Records, Suite
from dlbench.gate.schedule import Settings
from dlbench.values.case import Case, Prepared
from dlbench.values.errors import InputError

ORIGIN = {"cpu": "Example CPU", "cores": 2, "system": "Linux", "python": "3.11", "gate": "01234567", "cases": "89abcdef"}


def row(kind, number, verdict="no change", slowed="a", busy=None):
    return {"kind": kind, "number": number, "slowed": slowed if kind != "aa" else "", "busy_core": busy,
            "others": 0.01 * number, "result": "", "seconds": [1.0, 60.0], "origin": ORIGIN,
            "cases": [["a", verdict, 18, 0.1, 0.08, 0.12], ["b", "no change", 3, 0.0, -0.01, 0.01]]}


def test_what_is_there_is_not_measured_again(tmp_path):
    records = Records(tmp_path / "gate.jsonl")
    records.add(row("aa", 0))
    again = Records(tmp_path / "gate.jsonl")
    assert again.rows == records.rows
    assert {(suite.kind, suite.number) for suite in again.missing({"aa": 2, "small": 1})} == {("aa", 1), ("small", 0)}


def test_suites_of_other_code_are_never_mixed(tmp_path):
    records = Records(tmp_path / "gate.jsonl")
    records.add(row("aa", 0))
    records.check(ORIGIN)
    with pytest.raises(InputError, match="gate"):
        records.check({**ORIGIN, "gate": "other"})


def test_a_quarter_of_the_quiet_suites_is_busy_and_the_slowdown_rotates():
    assert sum(Suite("aa", number).busy for number in range(40)) == 10
    slowed = [Suite("injected", number).slowed for number in range(len(cases.CASES))]
    assert slowed == [case.name for case in cases.CASES] and not Suite("aa", 3).slowed
    assert len(cases.CASES) >= 12


def test_the_report_says_what_is_missing_and_what_is_not_met():
    simulated = coverage.coverage(np.random.default_rng(0), 50)

    def told(*rows):
        return document(rows, Settings(), simulated, "the command")

    assert "PARTIAL" in told(row("aa", 0)) and "**not complete**" in told(row("aa", 0))
    quiet = [row("aa", n) for n in range(40)]
    quiet[0]["cases"].append(["c", "undecided", 0, None, None, None])
    found = [row("injected", n, "regression") for n in range(40)]
    small = [row("small", n) for n in range(10)]
    whole = told(*quiet, *found, *small)
    assert "PARTIAL" not in whole and "NOT MET" not in whole and whole.count("| met |") == 3 and "at most 7.2%" in whole
    assert "other programs than the busy loops used 17% of the machine meanwhile (median; 0% to 39%)" in whole
    missed = told(*quiet, *found[:-2], *(row("injected", n, "suspected") for n in (38, 39)), *small)
    assert "found in 38, called suspected in 2; 0 suites with an alarm elsewhere | met |" in missed
    assert "NOT MET" in told(row("aa", 0, "regression"), *quiet[1:], *found, *small)
    assert "NOT MET" in told(*quiet, *(row("injected", n, "regression", "b") for n in range(40)), *small), "an alarm elsewhere"
    assert "NOT MET" in told(*quiet, *found, row("small", 0, "regression"), *small[1:])


class Clock:
    """Processor time that goes on by what is called, and by a nanosecond a look."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        self.now += 1
        return self.now

    def work(self):
        self.now += 100_000
        return self.now


@pytest.mark.parametrize("share, own_ns, most", [(0.0, 0.0, 100_000), (0.1, 0.0, 110_000), (0.5, 0.0, 150_000), (0.5, 1_000.0, 149_000)])
def test_a_slowed_call_takes_longer_by_its_share(share, own_ns, most, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(cases.time, "process_time_ns", clock)
    assert cases._longer(clock.work, share, own_ns)() == 100_001
    assert most <= clock.now <= most + 5


def test_a_slowed_case_gives_the_same():
    def prepare_like(n):
        return Prepared(lambda: sum(range(n)), lambda: n * (n - 1) // 2)

    cases.prepare_like = prepare_like
    try:
        slow = cases.slowed(Case("x", "y", "benchmarks.gate.cases:prepare_like", {"n": 1_000}), 0.5)
        ready = cases.prepare(**slow.options)
    finally:
        del cases.prepare_like
    assert ready.call() == ready.reference() and slow.name == "x"


def test_the_copies_hold_the_code_and_no_cache(tmp_path):
    base, head = suites.copies(tmp_path)
    assert (base / "dlbench" / "gate" / "side" / "server.py").is_file() and (head / "benchmarks" / "gate" / "cases.py").is_file()
    assert not list(base.rglob("__pycache__"))
