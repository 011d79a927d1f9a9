"""What the gate watches on every pull request."""

from __future__ import annotations

from dlbench.cases import CASES, watched


def test_one_case_of_each_kind_and_end_to_end():
    assert len(watched.CASES) >= 12 and not any(case.peer for case in watched.CASES)
    assert {"augmentation", "layers", "losses", "training"} <= {case.family for case in watched.CASES}
    assert {"train[small_cnn-8x8x1-b32]", "study[digits-2-arms-2-seeds]"} <= {case.name for case in watched.CASES}
    assert {case.name for case in watched.CASES} - {case.name for case in CASES} == {"study[digits-2-arms-2-seeds]"}
