"""The memory of cases: what is judged, what is only kept, and what a forked process says of a call."""

from __future__ import annotations

import os

import pytest

from dlbench.gate.memory import METRICS, judge
from dlbench.gate.rows import Row
from dlbench.gate.side import memory

KIB, MIB = 2**10, 2**20


def values(peak=100 * KIB, allocations=1000, resident=10 * MIB):
    return {"peak_bytes": peak, "allocations": allocations, "resident_bytes": resident}


def judged(base, head, verdict="no change", min_effect=0.1):
    row = Row("a", verdict)
    judge(row, base, head, min_effect)
    return row


@pytest.mark.parametrize("grown, told", [({"peak": 200 * KIB}, "peak of Python's memory 102 kB -> 205 kB (+100 %)"),
                                         ({"allocations": 1200}, "allocations 1,000 -> 1,200 (+20.0 %)"),
                                         ({"resident": 20 * MIB}, "growth of the process 10.5 MB -> 21 MB (+100 %)")])
def test_what_grew_in_all_processes_fails_and_what_shrank_is_noted(grown, told):
    row = judged([values()] * 2, [values(**grown)] * 2)
    assert row.verdict == "more memory" and row.reason == told
    row = judged([values(**grown)] * 2, [values()] * 2)
    assert row.verdict == "no change" and row.notes[0].startswith("less memory: ") and "-> " in row.notes[0]


@pytest.mark.parametrize("head", [
    [values(peak=109 * KIB)] * 2,  # within the limit
    [values(), values(peak=300 * KIB)],  # the processes differ
    [values(allocations=None)] * 2,  # not known on one side
    [values(resident=13 * MIB)] * 2,  # beyond the limit, below the floor
])
def test_what_is_small_unsteady_or_unknown_is_kept_and_not_judged(head):
    row = judged([values()] * 2, head)
    assert row.verdict == "no change" and not row.notes and set(row.memory) == set(METRICS)


def test_growth_from_nothing_is_told():
    assert judged([values(peak=0)] * 2, [values(peak=MIB)] * 2).reason == "peak of Python's memory 0 B -> 1.05 MB"


def test_a_regression_stays_one_and_notes_its_memory():
    row = judged([values()] * 2, [values(peak=MIB)] * 2, "regression")
    assert row.verdict == "regression" and row.notes[0].startswith("more memory: peak")
    row = judged([values()] * 2, [values(peak=MIB)] * 2, "faster")
    assert row.verdict == "more memory" and row.notes == ["by its time it is faster"]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_call_is_weighed_to_the_byte_and_the_same_each_time(fresh):
    def call():
        return bytearray(3 * MIB)

    first, second = memory.needed(call, fresh), memory.needed(call, fresh)
    assert 3 * MIB <= first["peak_bytes"] < 3 * MIB + 4 * KIB and abs(first["peak_bytes"] - second["peak_bytes"]) < 512
    assert first["allocations"] is None or first["allocations"] > 0


@pytest.mark.skipif(not os.path.exists(memory.CLEAR), reason="the resident set's peak is reset on Linux alone")
def test_the_growth_of_the_process_sees_what_python_does_not_ask_for():
    numpy = pytest.importorskip("numpy")
    grown = memory.needed(lambda: numpy.ones(32 * MIB, numpy.uint8), True)["resident_bytes"]
    assert 31 * MIB < grown < 40 * MIB


def test_allocations_are_counted_where_memray_is_installed():
    pytest.importorskip("memray")
    few, many = (memory.needed(lambda n=n: [object() for _ in [None] * n], False)["allocations"] for n in (1000, 3000))
    assert 2000 <= many - few < 2050
