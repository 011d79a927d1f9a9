"""Cases of two versions are told apart, and so are outputs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dlbench.gate import survey
from dlbench.gate.rows import Row
from dlbench.gate.servers import Lost
from dlbench.gate.side.output import write


def listing(**problems):
    return {name: {"name": name, "file": "x.py", "problem": problem} for name, problem in problems.items()}


def test_cases_of_one_side_are_told_apart_from_those_that_cannot_be_imported():
    base = listing(both="", gone="", broke="", mended="SyntaxError: x", neither="ImportError: y")
    head = listing(both="", new="", broke="NameError: z", mended="", neither="ImportError: y", newly_broken="NameError: w")
    rows = {row.name: row for row in survey.match(base, head)}
    assert {name: row.verdict for name, row in rows.items()} == {
        "both": "", "new": "appeared", "gone": "vanished", "broke": "crashed", "mended": "mended", "neither": "not run",
        "newly_broken": "crashed"}
    assert rows["broke"].reason == "NameError: z"


CRASH, AWAY, SKIP = Lost("crashed", "ValueError: no"), Lost("unavailable", "ModuleNotFoundError: cv2"), Lost("skipped", "no GPU")


@pytest.mark.parametrize("base, head, wrong, verdict", [
    (None, None, ("", ""), ""), (None, CRASH, ("", ""), "crashed"), (CRASH, None, ("", ""), "mended"), (CRASH, CRASH, ("", ""), "not run"),
    (None, None, ("", "off by 1"), "wrong output"), (None, None, ("off by 1", ""), "mended"),
    (None, None, ("off by 1", "off by 1"), "wrong output"), (AWAY, AWAY, ("", ""), "not run"), (None, AWAY, ("", ""), "crashed"),
    (AWAY, None, ("", ""), "mended"),
    (SKIP, SKIP, ("", ""), "not run"), (None, SKIP, ("", ""), "not run"),
    (CRASH, SKIP, ("", ""), "not run"),
    (CRASH, AWAY, ("", ""), "not run"), (None, Lost("crashed", "AssertionError: assert 1 == 2"), ("", ""), "wrong output"),
])
def test_what_a_side_cannot_do_decides(base, head, wrong, verdict):
    row = Row("case")
    survey._judge(row, [base, head], list(wrong))
    assert row.verdict == verdict


KINDS = st.sampled_from(["<f4", "<f8", "|u1", "<i8", "<c8", "|b1"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text() | st.binary()
    | KINDS.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, min_side=0, max_side=3))),
    lambda inner: st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6)


@given(VALUES)
def test_an_output_is_read_back_as_it_was_written(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("outputs") / "x.output"
    write({"output": value}, str(path))
    assert equal(survey.read(path)["output"], value)


def equal(a, b):
    if isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(b, tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(b, dict):
        return list(a) == list(b) and all(equal(a[key], b[key]) for key in b)
    return a == b and type(a) is type(b)


def change(tmp_path, old, new, tolerance=(1e-5, 1e-6)):
    kept = []
    for name, value in (("old", old), ("new", new)):
        write({"output": value, "tolerance": tolerance}, str(tmp_path / name))
        kept.append(survey.read(tmp_path / name))
    return survey._change(*kept)


@pytest.mark.parametrize("old, new, words", [
    (np.ones(3), np.ones(3), "same"), (np.ones(3), np.ones(3) + 1e-7, "same within tolerance"),
    (np.ones(3), np.ones(4), "changed: has shape"),
    (1.0, 2.0, "changed: differs"), ("a", "b", "changed"), (None, None, "same"), (object(), object(), "not comparable"),
    ([np.ones(2), np.ones(3)], [np.ones(2), np.zeros(3)], "changed: result 1"), ({"a": 1}, {"b": 1}, "changed: gives b"),
    ((1, object()), (1, object()), "not comparable"), ([{"a": 1.0}], [{"a": 1.0}], "same"),
])
def test_outputs_of_two_versions(tmp_path, old, new, words):
    assert change(tmp_path, old, new).startswith(words)


def test_what_is_compared_with_the_reference_may_be_a_view(tmp_path):
    write({"output": np.arange(4), "seen": 4, "reference": 4, "tolerance": (0.0, 0.0)}, str(tmp_path / "x"))
    assert survey._wrong(tmp_path / "x") == ""
    write({"output": np.arange(4), "seen": 4, "reference": 5, "tolerance": (0.0, 0.0)}, str(tmp_path / "x"))
    assert "instead of 5" in survey._wrong(tmp_path / "x")
