import gc
import time

import pytest

from dlbench.bench.timer import interleaved


@pytest.fixture
def calls(monkeypatch):
    """Functions that note when they were called, each long enough that a round is one call."""
    log = []
    monkeypatch.setattr("dlbench.bench.timer.ROUND_S", 0.001)

    def make(name):
        def call():
            log.append((name, gc.isenabled()))
            time.sleep(0.001)
        return call

    return log, [make(name) for name in "abc"]


def test_functions_take_turns_in_rotating_order(calls):
    log, functions = calls
    turns = []
    timings = interleaved(functions, 4, lambda turn: turns.append((turn, len(log))))
    assert turns[0][0] == 1 and [turn for turn, _ in turns] == [1, 2, 3, 4]
    blocks = [log[start:stop] for (_, start), stop in zip(turns, [start for _, start in turns[1:]] + [len(log)])]
    orders = ["".join(dict.fromkeys(name for name, _ in block)) for block in blocks]
    assert orders == ["abc", "bca", "cab", "abc"]
    assert all(len(timing.seconds) == 4 for timing in timings)


def test_each_measurement_follows_a_call_that_is_not_counted(calls):
    log, functions = calls
    starts = []
    timings = interleaved(functions[:1], 3, lambda turn: starts.append(len(log)))
    assert len(log) - starts[0] == 3 * (timings[0].loops + 1)


def test_the_garbage_collector_rests_while_times_are_taken(calls):
    log, functions = calls
    starts = []
    interleaved(functions, 2, lambda turn: starts.append(len(log)))
    assert not any(enabled for _, enabled in log[starts[0]:]) and gc.isenabled()


def test_it_is_back_on_after_an_error():
    def broken():
        raise ValueError("x")

    with pytest.raises(ValueError):
        interleaved([broken], 1)
    assert gc.isenabled()


def test_a_fast_function_is_called_often_and_its_time_is_that_of_one_call():
    [fast, slow] = interleaved([lambda: None, lambda: time.sleep(0.02)], 2)
    assert fast.loops > 100 and slow.loops == 1
    assert max(fast.seconds) < 1e-4 and min(slow.seconds) >= 0.02
