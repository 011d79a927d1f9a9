"""Runs what a plan asks for and the store does not have yet; the driver alone writes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlbench.execution import environment
from dlbench.execution.backends.local import Pool
from dlbench.execution.backends.protocol import LOST, Backend, Outcome
from dlbench.execution.backends.ray import Ask, Cluster, travelling
from dlbench.execution.facts import study_facts
from dlbench.execution.options import Listener, Options, Summary
from dlbench.execution.pictures import make, missing
from dlbench.execution.provenance import moved, stale, warnings
from dlbench.execution.queue import Queue
from dlbench.execution.stages import arm_row, parts, stage_name, stages
from dlbench.execution.timing import Machine, last_environment, machine, pairs_of, time_pairs
from dlbench.store.database import FILE, Store
from dlbench.store.lock import hold
from dlbench.study.content import file_hashes_of
from dlbench.study.parts import plan_of_shard
from dlbench.study.plan import Plan, Run
from dlbench.values.errors import InputError
from dlbench.values.recipe import to_dict
from dlbench.values.record import Record

POLL_S = 0.5
MOST_LOSSES = 3
"""How often a run is begun anew because its machine went away, before that is held against the run."""


class Driver:
    """Carries a plan out.

    Args:
        plan: what to run.
        options: how.
        listener: told of progress.
    """

    def __init__(self, plan: Plan, options: Options, listener: Listener) -> None:
        self.plan, self.options, self.listener = plan, options, listener
        self.facts = environment.facts()
        self.environment = environment.digest(self.facts)
        self.summary, self.started, self.before, self.losses, self.held = Summary(), {}, set(), Counter(), False

    def carry_out(self) -> Summary:
        """Hold the results folder, so that nobody else writes to it, and run what is missing.

        Raises:
            InputError: as :meth:`execute`; or another process holds the folder, or it cannot be written.
            Stopped: the disk is full, or no worker starts.
        """
        def waiting(holder: str) -> None:
            self.listener.note(f"{self.options.out}: waiting for {holder} to end")

        with hold(self.options.out, waiting if self.options.wait else None) as notes:
            for note in (*notes, *self._old()):
                self.listener.note(note)
            self.held = True
            return self.summary if self.nothing_to_do() else self.execute()

    def execute(self) -> Summary:
        """Run what is missing, one stage of the plan after another, then the timing phase.

        Raises:
            InputError: the data or a model cannot be used (nothing was written), or the folder is in use.
        """
        missing = self._missing()
        with self._backend() as pool:
            if missing:
                self._prepare(pool)
            with Store(self.options.out, write=True, fresh=self.options.fresh, held=self.held) as store:
                self.before = self._finished(store)
                for stage in self._stages(store):
                    self._open(store, stage)
                    self._run(pool, store, stage)
                self._picture(pool, store, stage)
                self._time(pool, store)
        return self.summary

    def _old(self) -> list[str]:
        """What is said of results that were made with other versions or data."""
        if self.options.fresh or self.options.renew or not (self.options.out / FILE).exists():
            return []
        with Store(self.options.out) as store:
            return [*moved(self.plan, store), *warnings(self._stale(store, (run.run_id for run in self.plan.runs)))]

    def _stale(self, store: Store, run_ids: Iterable[str]) -> dict[str, str]:
        return stale(run_ids, store, self.facts, self.plan.study.files)

    def _finished(self, store: Store, runs: Iterable[Run] | None = None) -> set[str]:
        """Ids of runs that need not be run again; what ``runs`` (all of the plan) that are not there yet start from is made as they are."""
        finished = store.finished()
        if self.options.renew:
            return finished - self._stale(store, finished).keys()
        needed = {run.needs for run in (self.plan.runs if runs is None else runs) if run.run_id not in finished}
        return finished - self._stale(store, needed & finished).keys()

    def nothing_to_do(self) -> bool:
        """Whether the store already has everything; then only the study itself is noted.

        Raises:
            InputError: an adaptive study's seeds were looked at in another way, or the folder is in use.
        """
        if self.options.fresh or not (self.options.out / FILE).exists():
            return False
        with Store(self.options.out, write=True, held=self.held) as store:
            finished = self._finished(store)
            for stage in self._stages(store):
                if self._untimed(store, self._timed_in(store)) or any(run.run_id not in finished for run in stage.runs):
                    return False
                self._open(store, stage)
                self.summary.reused = len(stage.runs)
            return not missing(stage, store)

    def _stages(self, store: Store) -> Iterator[Plan]:
        """The stages to run; of a shard the first one, which alone does not depend on what other shards find."""
        if self.options.shard is None:
            yield from stages(self.plan, store)
        else:
            yield plan_of_shard(next(stages(self.plan, store)), self.options.shard)

    def _backend(self) -> Backend:
        options, study = self.options, self.plan.study
        if options.backend == "local":
            share = environment.available_bytes() // (4 * options.jobs)
            return Pool(options.jobs, {**self._settings(), "device_bytes": share})
        ask = Ask(study.resources, options.address, options.jobs, travelling(run.recipe for run in self.plan.runs))
        return Cluster(self._settings(), ask)

    def _timed_in(self, store: Store) -> str:
        """The environment in which pairs need no timing any more: this machine's; of a cluster's, the one used last."""
        return self.environment if self.options.backend == "local" else last_environment(store)

    def _untimed(self, store: Store, where: str) -> dict:
        pairs = {pair: arms for part in self.plan.parts for pair, arms in pairs_of(part.arms).items()}
        timed = store.timed(where) if self.options.rounds else pairs
        return {pair: arms for pair, arms in pairs.items() if pair not in timed}

    def _time(self, pool: Backend, store: Store) -> None:
        if not self.options.rounds:
            return
        place = Machine(self.environment) if self.options.backend == "local" else machine(pool, self._timed_in(store))
        untimed = self._untimed(store, place.digest)
        if untimed:
            self._where(store, place.facts)
            self.listener.phase(f"timing {len(untimed)} arms alone on the machine", 1)
            for problem in time_pairs(untimed, pool, store, place, self.options.rounds):
                self.listener.note(problem)
            self.listener.update(1, 0, 0)

    def _picture(self, pool: Pool, store: Store, stage: Plan) -> None:
        for problem in make(missing(stage, store), pool, store):
            self.listener.note(problem)

    def _settings(self) -> dict[str, Any]:
        devices = self.plan.study.baseline.training.devices
        return {"data_dir": self.options.data_dir, "cache_dir": self.options.cache_dir,
                "beside": str(Path(self.plan.study.origin).resolve().parent), "imagenet": self.options.imagenet,
                "plugins": self.plan.study.plugins, **({"shared": (devices, 0)} if devices > 1 else {})}

    def _missing(self) -> list[Run]:
        if self.options.fresh or not (self.options.out / FILE).exists():
            return list(self.plan.runs)
        with Store(self.options.out) as store:
            finished = self._finished(store)
        asked = self.plan if self.options.shard is None else plan_of_shard(self.plan, self.options.shard)
        return [run for run in asked.runs if run.run_id not in finished]

    def _prepare(self, pool: Backend) -> None:
        self.listener.phase("preparing", 1)
        recipes = {json.dumps(fields := to_dict(arm.recipe), sort_keys=True): fields for part in self.plan.parts
                   for arm in part.arms}
        outcome = pool.call("prepare", {"recipes": list(recipes.values())})
        if outcome.kind == "input":
            raise InputError(f"{Path(self.plan.study.origin).name}: {outcome.value}")
        if outcome.kind != "done":
            raise InputError(f"{Path(self.plan.study.origin).name}: the data or a model cannot be made: {outcome.value}")
        self.listener.update(1, 0, 0)
        near = {facts["dataset"]: facts["near_duplicates"] for facts in reversed(outcome.value or ())}
        for name, (found, looked_at) in near.items():
            if found:
                self.listener.note(f"{found} of {looked_at} test examples of '{name}' have a near-duplicate in training")

    def _open(self, store: Store, stage: Plan) -> None:
        facts = study_facts(self.plan, self.options)
        identity = {**facts, "created": "", "command": "", "arms": [arm.name for arm in self.plan.arms]}
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        for name, part in parts(stage, facts).items():
            store.open_study(f"{digest}:{name}", *part, part=True)
        store.open_study(digest, facts, [arm_row(arm) for arm in self.plan.arms],
                         [(arm, seed, run_id) for (arm, seed), run_id in stage.cells.items()])
        if self.options.backend == "local":
            store.add_environment(self.environment, self.facts)

    def _run(self, pool: Backend, store: Store, stage: Plan) -> None:
        finished = self._finished(store, stage.runs)
        self.summary.reused = sum(run.run_id in self.before for run in stage.runs)
        tried = finished | self.summary.failures.keys()
        runs = {run.run_id: run for run in stage.runs if run.run_id not in tried}
        for run in [run for run in runs.values() if run.needs and run.needs not in finished and run.needs not in runs]:
            reason = f"its pretraining run {run.needs} failed in an earlier stage"
            self._store(store, runs.pop(run.run_id), {"status": "error", "reason": reason}, {})
        if not runs:
            return
        queue, ended = Queue(runs.values(), finished), self.summary.done + len(self.summary.failures)
        self.listener.phase(stage_name(stage), len(runs))
        while len(queue) or any(slot.task is not None for slot in pool.slots):
            self._assign(pool, store, queue)
            outcomes = pool.wait(POLL_S)
            self._assign(pool, store, queue)  # a worker that is free again need not wait for the disk
            for outcome in outcomes:
                self._keep(store, queue, runs[outcome.task], outcome)
            running = sum(slot.task is not None for slot in pool.slots)
            self.listener.update(self.summary.done + len(self.summary.failures) - ended, running, len(self.summary.failures))

    def _assign(self, pool: Backend, store: Store, queue: Queue) -> None:
        for slot in pool.idle():
            others = [other.history[-1] for other in pool.slots if other is not slot and other.history]
            chosen = queue.take(slot.history[-1] if slot.history else None, others)
            if chosen is None:
                return
            group, run = chosen
            slot.history.append(group)
            self.started[run.run_id] = datetime.now(UTC).isoformat(timespec="seconds")
            weights = store.weights(run.needs) if run.needs else None
            arguments = {"fields": to_dict(run.recipe), "seed": run.seed, "metric": self.plan.study.metric, "weights": weights}
            pool.submit(slot, run.run_id, ("run", arguments), self.options.timeout_s)

    def _keep(self, store: Store, queue: Queue, run: Run, outcome: Outcome) -> None:
        if outcome.kind == LOST and self._again(run):
            queue.again(run)
            return
        parts = dict(outcome.value) if outcome.kind == "done" else {"status": _STATUS[outcome.kind], "reason": outcome.value}
        arrays = parts.pop("arrays", {})
        if "controls" in parts and (files := file_hashes_of(run.recipe, self.plan.study.files)):
            parts["controls"] = {**parts["controls"], "files": files}
        self._store(store, run, parts | {"environment": self._where(store, outcome.facts)}, arrays)
        if parts["status"] == "done":
            self.summary.done += 1
            queue.finished(run.run_id)
            return
        for lost in queue.failed(run.run_id):
            reason = f"its pretraining run {run.run_id} ended as {parts['status']}: {parts['reason']}"
            self._store(store, lost, {"status": "error", "reason": reason}, {})

    def _again(self, run: Run) -> bool:
        """Whether a run whose machine went away is begun anew."""
        self.losses[run.run_id] += 1
        again = self.losses[run.run_id] < MOST_LOSSES
        if again:
            self.listener.note(f"run {run.run_id} (seed {run.seed}): its node was lost; it is run again")
        return again

    def _where(self, store: Store, facts: dict[str, Any] | None) -> str:
        """The digest of the environment of a run, whose facts are kept."""
        if facts is None:
            return self.environment
        digest = environment.digest(facts)
        store.add_environment(digest, facts)
        return digest

    def _store(self, store: Store, run: Run, parts: dict[str, Any], arrays: dict[str, Any]) -> None:
        started = self.started.get(run.run_id, datetime.now(UTC).isoformat(timespec="seconds"))
        fields = {"environment": self.environment, "started": started, **parts}
        record = Record(run.run_id, to_dict(run.recipe), run.seed, **fields)
        store.add(record, arrays)
        if record.status != "done":
            self.summary.failures[run.run_id] = f"{record.status}: {record.reason}"
            self.listener.note(f"run {run.run_id} (seed {run.seed}) {record.status}: {record.reason}")


_STATUS = {"error": "error", "input": "error", "killed": "killed", "timeout": "timeout", LOST: "killed"}
