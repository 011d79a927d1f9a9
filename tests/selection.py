"""Which of a test's cases every run tries; the slow tests try all the others too."""

from __future__ import annotations

import pytest


def mostly_slow(cases, *quick):
    """The parameters of a test: a mapping's values under their names, or names alone; those that are not among ``quick`` are slow."""
    unknown = set(quick) - set(cases)
    assert not unknown, f"no such case: {unknown}"
    values = cases if isinstance(cases, dict) else {name: name for name in cases}
    return [pytest.param(value, id=name, marks=() if name in quick else pytest.mark.slow) for name, value in values.items()]
