"""The simulated histories: the changes are in them, and the report says how many there were."""

from __future__ import annotations

import numpy as np

from benchmarks.gate_history import __main__ as simulation


def test_a_history_that_is_made_up_is_judged_as_one_of_the_gate():
    trend = simulation.trend_of(np.log1p([0.035] * 4))
    assert trend.beyond and round(100 * np.expm1(trend.total.change), 1) == 14.8
    assert not simulation.trend_of(np.zeros(10)).notable


def test_the_report_has_every_kind_of_noise_and_change(monkeypatch):
    monkeypatch.setattr(simulation, "COMMITS", 40)
    text = simulation.document(2)
    assert all(f"| {name} | " in text for name in [*simulation.NOISE, *simulation.CHANGES]) and "n = 2" in text
