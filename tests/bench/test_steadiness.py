"""Whether a session says that the machine moved while it was measured."""

import math

import pytest

from dlbench.bench.rows import WIDTH
from dlbench.bench.steadiness import steadiness

KINDS = ("gather", "exp", "sort", "python")


def session(*factors):
    """Calibration cases of other lengths that all take so many times longer in each round, beside a case that says nothing."""
    rows = [{"extra_info": {"case": f"fixed[{kind}]", "family": "machine"}, "stats": {"data": [length * factor for factor in factors]}}
            for length, kind in enumerate(KINDS, 1)]
    return {"benchmarks": [*rows, {"extra_info": {"case": "flip", "family": "augmentation"}, "stats": {"data": [1.0, 9.0] * 8}}]}


@pytest.mark.parametrize("factors", [[1.0] * 15, [1.0, 1.04] * 8, [3.0] * 15, [1.0] * 14 + [5.0]])
def test_a_steady_machine_is_not_said_to_move(factors):
    found = steadiness(session(*factors))
    assert found.cases == 4 and not found.moved and "The machine moved" not in " ".join(found.text.split())


@pytest.mark.parametrize("factors", [[3.0] * 5 + [1.0] * 10, [1.0] * 10 + [1.2] * 5, [1.0] * 5 + [1.5] * 5 + [1.0] * 5, [1.0, 1.3] * 7,
                                     [1.0, 1.3]])
def test_a_machine_whose_speed_changed_is_said_to_move(factors):
    found = steadiness(session(*factors))
    assert found.moved and "The machine moved by more than 10 %" in found.text and max(map(len, found.text.splitlines())) <= WIDTH


def test_the_spread_is_told_for_the_start_the_middle_and_the_end():
    found = steadiness(session(*[1.0] * 10, *[2.0] * 5))
    assert found.parts == pytest.approx((0, 0, math.log(2)))
    assert "start +0.0 %, middle +0.0 %, end +100.0 %" in " ".join(found.text.split())


def test_a_session_without_fixed_work_says_nothing():
    assert steadiness({"benchmarks": []}) is None
