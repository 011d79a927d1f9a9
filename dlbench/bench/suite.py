"""The suite that ``dlbench bench`` gives to pytest."""

from __future__ import annotations

from collections.abc import Callable

from dlbench.values.case import Case


def test_kernel(case: Case, timed: Callable[[Case], None]) -> None:
    """Checks one case; the plugin times it."""
    timed(case)
