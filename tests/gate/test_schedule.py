"""Which verdict a case gets from the pairs that were measured, with times that are made up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from dlbench.gate import schedule
from dlbench.gate.pairs import Pair, Timer
from dlbench.gate.rows import Row
from dlbench.gate.schedule import Schedule, Settings, crossed
from dlbench.gate.servers import Lost


@dataclass(frozen=True)
class MadeUp(Timer):
    """Pairs of a known change, with effects of servers and pairs; a pair takes a second of the clock."""

    change: dict[str, float] = field(default_factory=dict)
    of_server: float = 0.003
    of_pair: float = 0.005
    measured: list = field(default_factory=list)
    lost: str = ""

    def measure(self, case, base, head, cores):
        self.measured.append((case, base.number, head.number))
        if case == self.lost:
            raise Lost("crashed", "was killed by SIGSEGV", head)
        effects = [np.random.default_rng([place, server.number]).normal() for place, server in enumerate((base, head))]
        noise = np.random.default_rng([7, len(self.measured)]).normal()
        log_ratio = np.log1p(self.change.get(case, 0.0)) + self.of_server * (effects[1] - effects[0]) + self.of_pair * noise
        return Pair((base.number, head.number), float(log_ratio), 1e-3, 1e-3, 0.0)


@pytest.fixture
def judged(monkeypatch, tmp_path):
    """``judged(timer)``: rows a to l after a whole schedule in which a look at the clock takes a tenth of a second."""
    clock = count()
    monkeypatch.setattr(schedule, "check", lambda *_: None)
    monkeypatch.setattr(schedule.time, "monotonic", lambda: next(clock) / 10)

    def judge(timer, **settings):
        rows = [Row(name) for name in "abcdefghijkl"]
        servers = [SimpleNamespace(number=number) for number in range(3)]
        Schedule((servers, servers), Settings(timer=timer, **settings), tmp_path, lambda text: None).run(rows)
        return {row.name: row for row in rows}

    return judge


def test_nothing_changed(judged):
    rows = judged(timer := MadeUp())
    assert {row.verdict for row in rows.values()} == {"no change"} and len(timer.measured) == 12 * 3


def test_a_slowdown_is_confirmed_on_fresh_pairs_that_cross_all_servers(judged):
    timer = MadeUp(change={"c": 0.10})
    rows = judged(timer)
    assert [name for name, row in rows.items() if row.verdict == "regression"] == ["c"]
    assert len(rows["c"].confirmed) == 18 and {pair.servers for pair in rows["c"].confirmed} == {(i, j) for i in range(3) for j in range(3)}
    assert {row.verdict for name, row in rows.items() if name != "c"} == {"no change"}


def test_a_gain_is_told_and_a_small_slowdown_is_not_a_regression(judged):
    rows = judged(MadeUp(change={"a": -0.2, "b": 0.03}))
    assert rows["a"].verdict == "faster" and rows["b"].verdict == "no change"


def test_a_small_slowdown_is_never_beyond_the_margin_however_noisy(judged):
    for noise in (0.01, 0.03, 0.1):
        assert judged(MadeUp(change={"b": 0.03}, of_pair=noise))["b"].verdict != "regression"


def test_servers_that_differ_much_make_it_undecided_not_wrong(judged):
    rows = judged(MadeUp(of_server=0.1, of_pair=0.001), budget_s=1000.0)
    assert all(row.verdict in ("undecided", "no change") for row in rows.values()) and rows["a"].verdict == "undecided"


def test_the_budget_ends_it_and_what_is_open_is_undecided(judged):
    rows = judged(MadeUp(change={"c": 0.10}), budget_s=8.0)
    assert {row.verdict for row in rows.values()} <= {"undecided", "suspected", "no change"}
    assert rows["c"].verdict == "suspected", "its estimate lies beyond the limit"
    assert all("budget" in row.reason for row in rows.values() if row.verdict != "no change")


def test_a_case_that_dies_while_it_is_timed_has_crashed_and_the_others_go_on(judged):
    rows = judged(MadeUp(lost="b"))
    assert rows["b"].verdict == "crashed" and "SIGSEGV" in rows["b"].reason
    assert sum(row.verdict == "no change" for row in rows.values()) == 11


def test_every_round_begins_with_another_case(judged):
    judged(timer := MadeUp())
    assert [timer.measured[12 * turn][0] for turn in range(3)] == ["a", "b", "c"]


@pytest.mark.parametrize("servers", [3, 4, 5])
def test_a_round_pairs_each_server_with_each_once_and_begins_with_each(servers):
    turns = [crossed(turn, servers) for turn in range(servers**2)]
    assert len(set(turns)) == servers**2
    assert all({base for base, _ in turns[first : first + servers]} == set(range(servers)) for first in range(0, servers**2, servers))


def test_pairs_are_at_least_twelve():
    assert replace(Settings(), servers=4, rounds=1).pairs >= 12 and Settings().pairs >= 12
