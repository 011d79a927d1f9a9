from dlbench.execution.queue import Queue
from dlbench.study.plan import Run
from dlbench.values.identity import structure
from dlbench.values.recipe import Recipe, edit

BASE = Recipe()
OTHER = edit(BASE, training__optimizer="sgd")


def structured(pending, have):
    return Queue(pending, have, structure)


def runs(recipe, *names, needs=None):
    return [Run(name, recipe, seed, needs) for seed, name in enumerate(names)]


def drained(queue, workers=2):
    """What each worker gets when they take turns."""
    last, got = [None] * workers, [[] for _ in range(workers)]
    while len(queue):
        for worker in range(workers):
            chosen = queue.take(last[worker], [last[other] for other in range(workers) if other != worker and last[other]])
            if chosen is not None:
                last[worker], run = chosen
                got[worker].append(run.run_id)
                queue.finished(run.run_id)
    return got


def test_runs_of_one_structure_go_to_the_same_worker():
    queue = structured(runs(BASE, "a", "b", "c") + runs(OTHER, "x", "y", "z"), set())
    assert drained(queue) == [["a", "b", "c"], ["x", "y", "z"]]


def test_an_idle_worker_helps_with_what_is_left():
    queue = structured(runs(BASE, "a", "b", "c", "d"), set())
    assert drained(queue) == [["a", "c"], ["b", "d"]]


def test_a_run_waits_for_what_it_needs():
    queue = structured(runs(OTHER, "late", needs="first") + runs(BASE, "first"), set())
    assert queue.take(None, [])[1].run_id == "first"
    assert queue.take(None, []) is None and len(queue) == 1
    queue.finished("first")
    assert queue.take(None, [])[1].run_id == "late"


def test_what_needed_a_failed_run_is_given_back():
    queue = structured(runs(BASE, "first") + runs(OTHER, "second", needs="first") + runs(OTHER, "third", needs="second"), set())
    queue.take(None, [])
    assert [run.run_id for run in queue.failed("first")] == ["second", "third"] and len(queue) == 0


def test_what_is_there_already_is_not_waited_for():
    assert structured(runs(OTHER, "late", needs="first"), {"first"}).take(None, [])[1].run_id == "late"
