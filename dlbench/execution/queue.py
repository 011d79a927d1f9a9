"""The order of runs: one seed after the other, so that a study that is interrupted has whole pairs of an arm and its reference; and those
that share what an engine prepares for them on the same worker."""

from __future__ import annotations

import bisect
import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence

from dlbench.study.plan import Run
from dlbench.values.recipe import Recipe

AT_ONCE = 3
"""How many groups a worker goes through in turns. An engine keeps what it has prepared for one more, so that nothing is prepared twice."""


class Queue:
    """Pending runs by the engine's scheduling key.

    Args:
        runs: what is to be run, in order.
        have: ids of runs whose results are there; a run waits until what it needs is among them.
        key: of a recipe; runs of one key go to one worker as far as possible.
    """

    def __init__(self, runs: Iterable[Run], have: set[str], key: Callable[[Recipe], Hashable]) -> None:
        runs = list(runs)
        self.have, self.key = set(have), key
        self.waiting: dict[str, list[Run]] = {}
        self.groups: dict[Hashable, list[tuple[int, int, Run]]] = {key(run.recipe): [] for run in runs}
        self.turns = {seed: turn for turn, seed in enumerate(dict.fromkeys(run.seed for run in runs))}
        self.places = {run.run_id: place for place, run in enumerate(runs)}
        self.seconds: dict[Hashable, list[float]] = {name: [] for name in self.groups}
        for run in runs:
            if run.needs is None or run.needs in self.have:
                self.add(run)
            else:
                self.waiting.setdefault(run.needs, []).append(run)

    def add(self, run: Run) -> None:
        """Add a run that can be started now: also one that was taken and could not be ended."""
        bisect.insort(self.groups[self.key(run.recipe)], (self.turns[run.seed], self.places[run.run_id], run))

    def __len__(self) -> int:
        return sum(map(len, self.groups.values())) + sum(map(len, self.waiting.values()))

    def take(self, mine: Sequence[Hashable], others: Iterable[Sequence[Hashable]]) -> tuple[Hashable, Run] | None:
        """Take the next run for a worker: of the groups that it goes through, that with the first seed; else of the group that nobody
        else goes through, or which has the most work left.

        Args:
            mine: the keys that the worker has prepared (:func:`prepared`).
            others: those of the other workers.

        Returns:
            Its key and the run; None where nothing can be run now.
        """
        open_groups = [name for name, group in self.groups.items() if group]
        if not open_groups:
            return None
        taken = Counter(itertools.chain.from_iterable(others))
        own = [name for name in open_groups if name in mine]
        turn = min((self._turn(name) for name in own), default=0)
        new = [name for name in open_groups if name not in mine and self._may_begin(name, own, turn, taken[name])]
        if own or new:
            chosen = min([*own, *new], key=lambda name: self.groups[name][0][:2])
        else:
            chosen = min(open_groups, key=lambda name: (taken[name], -self._work(name)))
        return chosen, self.groups[chosen].pop(0)[-1]

    def _turn(self, name: Hashable) -> int:
        return self.groups[name][0][0]

    def _may_begin(self, name: Hashable, own: Sequence[Hashable], turn: int, taken: int) -> bool:
        """Whether a worker begins a group beside its own, of which the first is at ``turn``: one of nobody's, so that they go on
        together; or one of others' that has fallen behind."""
        if len(own) >= AT_ONCE:
            return False
        return self._turn(name) <= turn - 2 if taken else not own or self._turn(name) >= turn - 1

    def _work(self, name: Hashable) -> float:
        """The seconds that a group's runs will take, as those before them did; where none has ended, as those of all groups."""
        known = self.seconds[name] or [seconds for every in self.seconds.values() for seconds in every] or [1.0]
        return len(self.groups[name]) * sum(known) / len(known)

    def finished(self, run_id: str) -> None:
        """Start what waited for a run, whose results are there now."""
        self.have.add(run_id)
        for run in self.waiting.pop(run_id, []):
            self.add(run)

    def took(self, run: Run, seconds: float) -> None:
        """Note how long a run took."""
        self.seconds[self.key(run.recipe)].append(seconds)

    def failed(self, run_id: str) -> list[Run]:
        """Remove and return what waited for a run that has failed, and can no longer be run."""
        lost = self.waiting.pop(run_id, [])
        return lost + [deeper for run in lost for deeper in self.failed(run.run_id)]


def prepared(before: Sequence[Hashable], key: Hashable) -> list[Hashable]:
    """Return the different keys that a worker was given last and so has prepared, the latest last, after it is given another run.

    Args:
        before: what it had prepared.
        key: of the run.

    Example:
        >>> prepared(["a", "b", "c", "d"], "b"), prepared(["a", "b", "c", "d"], "e")
        (['a', 'c', 'd', 'b'], ['b', 'c', 'd', 'e'])
    """
    return [*(other for other in before if other != key), key][-(AT_ONCE + 1):]
