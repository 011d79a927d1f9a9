"""The timing phase measures each recipe once beside its reference, and keeps every pair."""

from collections import Counter

from dlbench.engines.protocol import Timing
from dlbench.execution.backends.protocol import TaskResult
from dlbench.execution.timing import CHUNK, pairs_of, time_pairs
from dlbench.study import load, plan
from dlbench.values.recipe import Recipe

ROUNDS = 3


class Machine:
    """Measures as a worker does: steps take as long as the place of a recipe in a call, the number of the call and the round say."""

    def __init__(self) -> None:
        self.calls: list[list[Recipe]] = []
        self.rows: list[tuple] = []

    def call(self, method: str, arguments: dict, facts: object) -> TaskResult:
        self.calls.append(arguments["recipes"])
        times = [[Timing(len(self.calls) + place + turn / 10, 1.0) for turn in range(arguments["rounds"])]
                 for place in range(len(arguments["recipes"]))]
        return TaskResult(method, "done", times)

    def add_timings(self, rows) -> None:
        self.rows += rows


def _timed():
    pairs, machine = pairs_of(plan(load("quickstart")).arms), Machine()
    problems = list(time_pairs(pairs, machine, machine, ("here", None), ROUNDS))  # type: ignore[arg-type]
    assert not problems
    return pairs, machine


def test_no_recipe_is_measured_twice_at_once():
    _, machine = _timed()
    assert all(max(Counter(recipes).values()) == 1 for recipes in machine.calls)
    assert all(len(recipes) <= CHUNK + 1 for recipes in machine.calls)


def test_every_pair_is_kept_in_every_round_beside_its_reference_of_the_same_call():
    pairs, machine = _timed()
    assert Counter((recipe, against) for recipe, against, *_ in machine.rows) == dict.fromkeys(pairs, ROUNDS)
    for recipe, against, _, turn, step_ms, _, reference_ms, _ in machine.rows:
        assert (step_ms == reference_ms) == (recipe == against)
        assert round(step_ms % 1, 6) == round(reference_ms % 1, 6) == turn / 10
