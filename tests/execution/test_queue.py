"""The order of runs: seeds before arms, so that what is interrupted is balanced; groups that share a preparation stay on one worker."""

import random

import pytest

from dlbench.execution.queue import AT_ONCE, Queue, prepared
from dlbench.study.plan import Run
from dlbench.values.identity import structure
from dlbench.values.recipe import Recipe, edit

BASE = Recipe()
OTHER = edit(BASE, training__optimizer="sgd")


def structured(pending, have=frozenset()):
    return Queue(pending, set(have), structure)


def runs(recipe, *names, needs=None):
    return [Run(name, recipe, seed, needs) for seed, name in enumerate(names)]


def study(arms, seeds, one_group=()):
    """Runs of arms of different structures, in the order of a plan: arm by arm; those of ``one_group`` differ in a number."""
    recipes = {arm: edit(BASE, regularization__l2=0.001 * (arm + 1)) if arm in one_group else edit(BASE, model__width=1.0 + arm)
               for arm in range(arms)}
    return [Run(f"{arm}.{seed}", recipes[arm], seed) for arm in range(arms) for seed in range(seeds)]


def drained(queue, workers=2, seconds=lambda run: 1.0, rng=None):
    """What each worker gets when they take turns, or at random, and the order of all."""
    history, got, order = [[] for _ in range(workers)], [[] for _ in range(workers)], []
    kept = [[] for _ in range(workers)]
    while len(queue):
        for worker in [rng.randrange(workers)] if rng else range(workers):
            chosen = queue.take(kept[worker], [kept[other] for other in range(workers) if other != worker])
            if chosen is not None:
                group, run = chosen
                history[worker].append(group)
                kept[worker] = prepared(kept[worker], group)
                got[worker].append(run.run_id)
                order.append(run.run_id)
                queue.took(run, seconds(run))
                queue.finished(run.run_id)
    return got, history, order


def test_runs_of_one_structure_go_to_the_same_worker():
    queue = structured(runs(BASE, "a", "b", "c") + runs(OTHER, "x", "y", "z"))
    assert drained(queue)[0] == [["a", "b", "c"], ["x", "y", "z"]]


def test_an_idle_worker_helps_with_what_is_left():
    queue = structured(runs(BASE, "a", "b", "c", "d"))
    assert drained(queue)[0] == [["a", "c"], ["b", "d"]]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("arms", [2, 3, 6, 9])
def test_what_is_interrupted_has_as_many_seeds_of_each_arm_that_has_begun(arms, workers):
    _, _, order = drained(structured(study(arms, 8)), workers)
    assert sorted(order) == sorted(run.run_id for run in study(arms, 8))
    begun = min(arms, AT_ONCE * workers)
    for ended in range(begun * 8):
        counts = [sum(name.startswith(f"{arm}.") for name in order[:ended]) for arm in range(begun)]
        assert max(counts) - min(counts) <= 2, order[:ended]


def test_arms_of_one_structure_come_seed_by_seed():
    _, _, order = drained(structured(study(4, 3, one_group=range(4))), 1)
    assert order == [f"{arm}.{seed}" for seed in range(3) for arm in range(4)]


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_nothing_is_prepared_twice_but_where_a_worker_helps(workers):
    """An engine keeps what it prepared for the last AT_ONCE + 1 groups."""
    _, histories, _ = drained(structured(study(12, 8)), workers)
    times = 0
    for history in histories:
        kept = []
        for group in history:
            if group not in kept:
                times += 1
            kept = [*[other for other in kept if other != group], group][-(AT_ONCE + 1):]
    assert 12 <= times <= 12 + AT_ONCE * (workers - 1)


def test_a_helper_takes_the_group_with_the_most_work_left():
    long, short = study(2, 4)[:4], study(2, 4)[4:]
    queue = structured([*short, *long])
    for run in (long[0], short[0]):
        queue.took(run, 9.0 if run is long[0] else 1.0)
    keys = [structure(run.recipe) for run in (long[0], short[0])]
    assert queue.take(["another"], [keys])[0] == keys[0]
    queue = structured([*long[2:], *short])
    assert queue.take(["another"], [keys])[0] == keys[1], "without times, the number of runs decides"


def test_whoever_is_first_every_run_is_given_once():
    for seed in range(20):
        rng = random.Random(seed)
        pending = study(rng.randint(1, 7), rng.randint(1, 5), one_group=range(rng.randint(0, 3)))
        _, _, order = drained(structured(pending), rng.randint(1, 4), rng=rng)
        assert sorted(order) == sorted(run.run_id for run in pending)


def test_a_run_waits_for_what_it_needs():
    queue = structured(runs(OTHER, "late", needs="first") + runs(BASE, "first"))
    assert queue.take([], [])[1].run_id == "first"
    assert queue.take([], []) is None and len(queue) == 1
    queue.finished("first")
    assert queue.take([], [])[1].run_id == "late"


def test_what_needed_a_failed_run_is_given_back():
    queue = structured(runs(BASE, "first") + runs(OTHER, "second", needs="first") + runs(OTHER, "third", needs="second"))
    queue.take([], [])
    assert [run.run_id for run in queue.failed("first")] == ["second", "third"] and len(queue) == 0


def test_what_is_there_already_is_not_waited_for():
    assert structured(runs(OTHER, "late", needs="first"), {"first"}).take([], [])[1].run_id == "late"


def test_a_run_that_could_not_be_ended_is_given_again():
    queue = structured(runs(BASE, "a", "b"))
    _, run = queue.take([], [])
    queue.add(run)
    assert drained(queue, 1)[2] == ["a", "b"]
