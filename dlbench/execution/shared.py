"""Takes finished runs from those that other studies of this machine left in the cache, and leaves a study's own there."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from dlbench.engines.protocol import Description
from dlbench.execution.environment import digest
from dlbench.execution.options import Options, Reuse
from dlbench.store.database import Store
from dlbench.store.shared import Kept, SharedRuns, arrays_of, origin_array, origins, record_of
from dlbench.study.content import file_hashes_of
from dlbench.study.plan import Plan, Run
from dlbench.values.metric import MEASURED
from dlbench.values.origin import equivalent
from dlbench.values.processor import processor
from dlbench.values.recipe import to_dict
from dlbench.values.record import FINAL, Record
from dlbench.values.text import listed, plural

FOLDER = "runs"
"""In the cache."""
AT_ONCE = 32
"""Runs that are read and written together."""
PAUSE_S = 20.0
"""How long finished runs wait until they are left for others."""


class Sharing:
    """What one study takes from others and leaves for them.

    Args:
        plan: of the study.
        options: say whether, and where.
        engine, facts: of its runs: an engine, and the environment of this machine.
        note: receives lines.
    """

    def __init__(self, plan: Plan, options: Options, engine: Description, facts: Mapping[str, Any], note: Callable[[str], None]) -> None:
        self.plan, self.options, self.note = plan, options, note
        self.environment, self.conditions = digest(dict(facts)), conditions(engine, facts)
        off = not (options.cache_dir and options.shared_bytes) or options.backend != "local" or not can_be_shared(plan)
        self.runs = None if off else SharedRuns(Path(options.cache_dir) / FOLDER, options.shared_bytes, note)
        self.known, self.taken, self.left, self.since = dict[str, Run](), set[str](), set[str](), time.monotonic()

    def there(self, runs: Collection[Run]) -> set[str]:
        """Return the ids of the runs that can be taken."""
        if self.runs is None or self.options.fresh or self.options.reuse == Reuse.NONE:
            return set()
        return self.runs.there(self._wanted(runs), self.options.reuse == Reuse.ANY)

    def take(self, store: Store, runs: Collection[Run], finished: Collection[str]) -> None:
        """Copy those of a plan's runs into a results folder that are not finished there and others have made, and say from where."""
        self.known |= {run.run_id: run for run in runs}
        there = self.there([run for run in runs if run.run_id not in finished])
        if self.runs is None or not there:
            return
        by_id, taken = {run.run_id: run for run in runs if run.run_id in there}, dict[str, str]()

        def fits(record: Record) -> bool:
            run = by_id[record.run_id]
            return record.status in FINAL and (record.seed, record.recipe) == (run.seed, json.loads(json.dumps(to_dict(run.recipe))))

        for kept in self.runs.take(self._wanted(by_id.values()), fits, self.options.reuse == Reuse.ANY):
            store.add_environment(kept.record.environment, kept.environment)
            store.add(kept.record, kept.arrays | origin_array(kept))
            taken[kept.record.run_id] = kept.folder
        self.taken |= taken.keys()
        self.left |= taken.keys()
        self.runs.used(taken)
        if taken:
            places = listed([f"{count} in {folder}" for folder, count in Counter(taken.values()).most_common()], most=4)
            self.note(f"{plural(len(taken), 'run')} made for other studies ({places}) "
                      f"{'is' if len(taken) == 1 else 'are'} taken from there; `--reuse none` makes them anew")

    def give(self, store: Store, now: bool = False) -> None:
        """Leave finished runs for other studies: every few seconds, or now."""
        if self.runs is None or not (now or time.monotonic() - self.since > PAUSE_S):
            return
        self.since = time.monotonic()
        ids = [run_id for run_id, where in store.origins().items()
               if run_id in self.known and where == self.environment and run_id not in self.left]
        made_for, facts = origins(store), store.environments()
        for start in range(0, len(ids), AT_ONCE):
            some = {run_id: self.known[run_id] for run_id in ids[start:start + AT_ONCE]}
            wanted = self._wanted(some.values())
            new = some.keys() - (set() if self.options.fresh else self.runs.there(wanted))
            kept = [(run, wanted[run_id]) for run_id in new if (run := self._kept(store, run_id, facts, made_for)) is not None]
            if kept:
                self.runs.give(kept, replace=self.options.fresh)
            self.left |= some.keys()

    def _kept(self, store: Store, run_id: str, facts: Mapping[str, Any], made_for: Mapping[str, Any]) -> Kept | None:
        record = record_of(store, run_id)
        if record is None or not isinstance(record.controls.data, str):
            return None
        own = {"study": self.plan.study.name, "folder": str(self.options.out.resolve())}
        return Kept(record, arrays_of(store, run_id), facts[record.environment], **made_for.get(run_id, own))

    def _wanted(self, runs: Iterable[Run]) -> dict[str, str]:
        """Run id -> what has to be equal, beside its recipe and seed, for another run to be the same."""
        study = self.plan.study
        return {run.run_id: _digest([self.conditions, file_hashes_of(run.recipe, study.files),
                                     study.metric if run.recipe.target is not None else None]) for run in runs}


def conditions(engine: Description, facts: Mapping[str, Any]) -> list[Any]:
    """Return what two machines have to have in common for a run to be the same on both: versions, and the kind of hardware.

    Args:
        engine: of the run.
        facts: of an environment.
    """
    hardware = ("system", "cpu", "gpus", "threads_per_worker", *engine.facts)
    return [engine.name, equivalent(facts), [facts.get(name) for name in hardware], processor()]


def can_be_shared(plan: Plan) -> bool:
    """Return whether it can be shown that a run of another study is the same: what a script reads is not known, and a time is measured
    anew."""
    study = plan.study
    return not study.baseline.command.run and {study.metric, *(name for name, _ in study.further)}.isdisjoint(MEASURED)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
