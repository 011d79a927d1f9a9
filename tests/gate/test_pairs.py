"""Which core others use least."""

from __future__ import annotations

import os

import pytest

from dlbench.gate.pairs import Cores

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux tells")


@pytest.fixture
def cores(tmp_path, monkeypatch):
    """``cores`` on a machine of two cores, and ``passed({core: (busy, idle)})``."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    counts, stat = {0: [0, 0], 1: [0, 0]}, tmp_path / "stat"

    def passed(ticks):
        for core, (busy, idle) in ticks.items():
            counts[core][0] += busy
            counts[core][1] += idle
        lines = [f"cpu{core} {busy} 0 0 {idle} 0 0 0 0 0 0" for core, (busy, idle) in counts.items()]
        stat.write_text("\n".join(["cpu  1 2 3", *lines, "intr 5"]))

    passed({})
    return Cores(stat), passed


def test_others_drive_us_away_and_our_own_work_does_not(cores):
    watched, passed = cores
    assert watched.quietest() == 0
    watched.begin()
    passed({0: (100, 0), 1: (5, 95)})
    assert watched.end(0, used_s=1.0) == 0 and watched.quietest() == 0, "all of it was ours"
    watched.begin()
    passed({0: (100, 0), 1: (5, 95)})
    watched.end(0, used_s=0.5)
    assert watched.quietest() == 1


def test_a_neighbour_that_left_is_forgotten(cores):
    watched, passed = cores
    for busy in (100, 0, 0, 0, 0, 0):
        watched.begin()
        passed({0: (busy, 100 - busy), 1: (10, 90)})
        watched.end(None, 0.0)
    assert watched.quietest() == 0


def test_waiting_shows_as_an_idle_core(cores):
    watched, passed = cores
    watched.begin()
    passed({0: (20, 80), 1: (100, 0)})
    assert watched.end(0, used_s=0.2) == pytest.approx(0.8)


def test_a_system_that_does_not_tell_has_no_choice(tmp_path):
    watched = Cores(tmp_path / "nothing")
    watched.begin()
    assert watched.quietest() is None and watched.end(None, 1.0) == 0
