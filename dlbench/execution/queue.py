"""The order of runs: those that share what an engine prepares for them go to the same worker."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable

from dlbench.study.plan import Run
from dlbench.values.recipe import Recipe


class Queue:
    """Pending runs by the engine's scheduling key.

    Args:
        runs: what is to be run, in order.
        have: ids of runs whose results are there; a run waits until what it needs is among them.
        key: of a recipe; runs of one key go to one worker as far as possible.
    """

    def __init__(self, runs: Iterable[Run], have: set[str], key: Callable[[Recipe], Hashable]) -> None:
        self.have, self.key = set(have), key
        self.waiting: dict[str, list[Run]] = {}
        self.groups: dict[Hashable, deque[Run]] = {}
        for run in runs:
            if run.needs is None or run.needs in self.have:
                self.add(run)
            else:
                self.waiting.setdefault(run.needs, []).append(run)

    def add(self, run: Run) -> None:
        """Add a run that can be started now: also one that was taken and could not be ended."""
        self.groups.setdefault(self.key(run.recipe), deque()).append(run)

    def __len__(self) -> int:
        return sum(map(len, self.groups.values())) + sum(map(len, self.waiting.values()))

    def take(self, mine: Hashable | None, others: Iterable[Hashable]) -> tuple[Hashable, Run] | None:
        """Take the next run for a worker.

        Args:
            mine: the key of the worker's last run.
            others: the keys of the runs that the other workers are on.

        Returns:
            Its key and the run; None where nothing can be run now.
        """
        open_groups = [name for name, group in self.groups.items() if group]
        if not open_groups:
            return None
        taken = Counter(others)
        chosen = min(open_groups, key=lambda name: (name != mine, taken[name], -len(self.groups[name])))
        return chosen, self.groups[chosen].popleft()

    def finished(self, run_id: str) -> None:
        """Start what waited for a run, whose results are there now."""
        self.have.add(run_id)
        for run in self.waiting.pop(run_id, []):
            self.add(run)

    def failed(self, run_id: str) -> list[Run]:
        """Remove and return what waited for a run that has failed, and can no longer be run."""
        lost = self.waiting.pop(run_id, [])
        return lost + [deeper for run in lost for deeper in self.failed(run.run_id)]
