"""Runs what a plan asks for and the store does not have yet; the driver alone writes."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlbench.datasets.places import travelling
from dlbench.engines.lacking import lacking_words
from dlbench.engines.protocol import Capability, RunInputs, Settings, engine_named
from dlbench.execution import environment
from dlbench.execution.backends.local import Pool
from dlbench.execution.backends.protocol import LOST, Backend, TaskResult
from dlbench.execution.backends.ray import Ask, Cluster
from dlbench.execution.lengths import Trainings, share_trainings
from dlbench.execution.options import Listener, Options, Summary
from dlbench.execution.outcomes import ended_runs
from dlbench.execution.pictures import make_pictures, missing_pictures
from dlbench.execution.preparation import prepare_engine
from dlbench.execution.provenance import changed_data, declared_first, stale_runs, stale_warnings
from dlbench.execution.queue import Queue, prepared
from dlbench.execution.shared import Sharing
from dlbench.execution.stages import arm_row, parts, stage_name, stages, study_record
from dlbench.execution.timing import last_environment, machine, pairs_of, time_pairs
from dlbench.store.database import Store, holds_results
from dlbench.store.lock import hold
from dlbench.study.parts import plan_of_shard
from dlbench.study.plan import Plan, Run
from dlbench.values.recipe import to_dict
from dlbench.values.record import Outcome, Record, Status

POLL_S = 0.5
MOST_LOSSES = 3
"""How often a run is begun anew because its machine went away, or somebody killed its worker, before that is held against the run."""


class Driver:
    """Carries out a plan.

    Args:
        plan: what to run.
        options: how.
        listener: shows progress.
    """

    def __init__(self, plan: Plan, options: Options, listener: Listener) -> None:
        self.plan, self.options, self.listener = plan, options, listener
        self.engine = engine_named(plan.study.engine)
        self.facts = environment.facts_of(self.engine, plan.study)
        self.environment = environment.digest(self.facts)
        self.sharing = Sharing(plan, options, self.engine, self.facts, listener.note)
        self.summary, self.started, self.before, self.losses, self.held = Summary(), {}, set(), Counter(), False
        self.trainings = Trainings()

    def carry_out(self) -> Summary:
        """Hold the results folder, so that nobody else writes to it, and run what is missing.

        Raises:
            InputError: as :meth:`execute`; or another process holds the folder, or it cannot be written.
            Stopped: the disk is full, or no worker starts.
        """
        def waiting(holder: str) -> None:
            self.listener.note(f"{self.options.out}: waiting for {holder} to end")

        with hold(self.options.out, waiting if self.options.wait else None) as notes:
            for note in (*notes, *self._notes_on_old_results()):
                self.listener.note(note)
            self.held = True
            return self.summary if self.nothing_to_do() else self.execute()

    def execute(self) -> Summary:
        """Run what is missing, one stage of the plan after another, then the timing phase.

        Raises:
            InputError: the data or a model cannot be used (nothing was written), or the folder is in use.
        """
        pending = self._pending_runs()
        if lacking := lacking_words(self.engine):
            self.listener.note(f"engine '{self.engine.name}': {'; '.join(lacking)}")
        with self._backend() as pool:
            if pending and Capability.PREPARE in self.engine.capabilities:
                prepare_engine(self.plan, pool, self.listener)
            with Store(self.options.out, write=True, fresh=self.options.fresh, held=self.held) as store:
                self.before = self._finished(store) - self.sharing.taken
                try:
                    for stage in self._stages(store):
                        self._open(store, stage)
                        self._run(pool, store, stage)
                finally:
                    self.sharing.give(store, now=True)
                for problem in make_pictures(missing_pictures(stage, store, self.engine), pool, store):
                    self.listener.note(problem)
                self._time_arms(pool, store)
        return self.summary

    @property
    def _has_results(self) -> bool:
        """Whether the folder has results of earlier sessions, which are not set aside."""
        return not self.options.fresh and holds_results(self.options.out)

    def _notes_on_old_results(self) -> list[str]:
        """Warn of results that were made with other versions or data."""
        if self.options.renew or not self._has_results:
            return []
        with Store(self.options.out) as store:
            return [*changed_data(self.plan, store), *stale_warnings(self._stale(store, (run.run_id for run in self.plan.runs)))]

    def _stale(self, store: Store, run_ids: Iterable[str]) -> dict[str, str]:
        return stale_runs(run_ids, store, self.facts, self.plan.study.files)

    def _finished(self, store: Store, runs: Iterable[Run] | None = None) -> set[str]:
        """Return the ids of finished runs.

        A finished pretraining run that was made under other versions counts as unfinished if one of ``runs`` (by default all of the
        plan) starts from it and is pending.
        """
        finished = store.finished()
        if self.options.renew:
            return finished - self._stale(store, finished).keys()
        needed = {run.needs for run in (self.plan.runs if runs is None else runs) if run.needs and run.run_id not in finished}
        return finished - self._stale(store, needed & finished).keys()

    def nothing_to_do(self) -> bool:
        """Whether the store already has everything; then only the study itself is noted.

        Raises:
            InputError: an adaptive study's seeds were looked at in another way, or the folder is in use.
        """
        if self.options.fresh or (not self._has_results and self._pending_runs()):
            return False
        with Store(self.options.out, write=True, held=self.held) as store:
            for stage in self._stages(store):
                if self._untimed(store, self._timed_in(store)) or self._to_be_made(stage.runs, self._finished(store)):
                    return False
                self._open(store, stage)
                if any(run.run_id not in self._finished(store) for run in stage.runs):
                    return False  # what was to be taken was damaged
                self.summary.reused = len(stage.runs) - self.summary.taken
            self.sharing.give(store, now=True)
            return not missing_pictures(stage, store, self.engine)

    def _stages(self, store: Store) -> Iterator[Plan]:
        """Yield the stages to run; of a shard only the first one, which does not depend on what other shards find."""
        if self.options.shard is None:
            yield from stages(self.plan, store, self.options.jobs or os.cpu_count() or 1)
        else:
            yield plan_of_shard(next(stages(self.plan, store)), self.options.shard)

    def _backend(self) -> Backend:
        options, study = self.options, self.plan.study
        if options.backend == "local":
            jobs = options.jobs or 1
            share = environment.available_bytes() // (4 * jobs)
            return Pool(jobs, replace(self._settings(), device_bytes=share), self.engine)
        ask = Ask(self.engine, study.resources, options.address, options.jobs, travelling(run.recipe for run in self.plan.runs))
        return Cluster(self._settings(), ask)

    def _timed_in(self, store: Store) -> str:
        """Name the environment in which timed pairs count: this machine's, or the one that a cluster was timed in last."""
        return self.environment if self.options.backend == "local" else last_environment(store)

    def _untimed(self, store: Store, where: str) -> dict:
        pairs = {pair: arms for part in self.plan.parts for pair, arms in pairs_of(part.arms).items()}
        timed = store.timed(where) if self._has_timing_phase() else pairs
        return {pair: arms for pair, arms in pairs.items() if pair not in timed}

    def _has_timing_phase(self) -> bool:
        return bool(self.options.rounds) and Capability.TIME in self.engine.capabilities

    def _time_arms(self, pool: Backend, store: Store) -> None:
        if not self._has_timing_phase():
            return
        facts = None if self.options.backend == "local" else machine(pool, self._timed_in(store))
        where = self._keep_environment(store, facts)
        if untimed := self._untimed(store, where):
            self.listener.phase(f"timing {len(untimed)} arms alone on the machine", 1)
            for problem in time_pairs(untimed, pool, store, (where, facts), self.options.rounds):
                self.listener.note(problem)
            self.listener.update(1, 0, 0)

    def _settings(self) -> Settings:
        options, study = self.options, self.plan.study
        out, asked = str((options.out / "runs").resolve()), study.resources
        return Settings(options.cache_dir, options.data_dir, str(Path(study.origin).resolve().parent), options.imagenet, study.plugins,
                        study.baseline.training.devices, out=out, cpus=asked.cpus, gpus=asked.gpus, memory_bytes=asked.memory_bytes,
                        function=study.function, features_bytes=options.features_bytes, variables=study.sources.variables)

    def _pending_runs(self) -> list[Run]:
        """The runs that neither this folder nor another study has."""
        finished = set[str]()
        if self._has_results:
            with Store(self.options.out) as store:
                finished = self._finished(store)
        asked = self.plan if self.options.shard is None else plan_of_shard(self.plan, self.options.shard)
        return self._to_be_made(asked.runs, finished)

    def _to_be_made(self, runs: Iterable[Run], finished: set[str]) -> list[Run]:
        lacking = [run for run in runs if run.run_id not in finished]
        there = self.sharing.there(lacking)
        return [run for run in lacking if run.run_id not in there]

    def _open(self, store: Store, stage: Plan) -> None:
        record = study_record(self.plan, self.options, store)
        identity = {**record, "created": "", "command": "", "arms": [arm.name for arm in self.plan.arms]}
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        arms = [arm_row(arm) for arm in self.plan.arms]
        record |= declared_first(self.plan, store)
        for name, part in parts(stage, record).items():
            store.open_study(f"{digest}:{name}", *part, part=True)
        store.open_study(digest, record, arms, [(arm, seed, run_id) for (arm, seed), run_id in stage.cells.items()])
        if self.options.backend == "local":
            store.add_environment(self.environment, self.facts)
        self.sharing.take(store, stage.runs, self._finished(store))
        self.summary.taken = len(self.sharing.taken)

    def _run(self, pool: Backend, store: Store, stage: Plan) -> None:
        finished = self._finished(store, stage.runs)
        self.summary.reused = sum(run.run_id in self.before for run in stage.runs)
        tried = finished | self.summary.failures.keys()
        runs: dict[Hashable, Run] = {run.run_id: run for run in stage.runs if run.run_id not in tried}
        for run in [run for run in runs.values() if run.needs and run.needs not in finished and run.needs not in runs]:
            reason = f"its pretraining run {run.needs} failed in an earlier stage"
            self._add_record(store, runs.pop(run.run_id), Outcome(Status.ERROR, reason))
        if not runs:
            return
        self.trainings = share_trainings(runs.values(), self.engine.shared, len(pool.slots))
        queue, ended = Queue(self.trainings.tasks, finished, self.engine.scheduling_key), self.summary.done + len(self.summary.failures)
        self.listener.phase(stage_name(stage), len(runs))
        while len(queue) or any(slot.task is not None for slot in pool.slots):
            self._assign(pool, store, queue)
            outcomes = pool.wait(POLL_S)
            self._assign(pool, store, queue)  # a worker that is free again need not wait for the disk
            for outcome in outcomes:
                self._keep_result(store, queue, runs[outcome.task], outcome)
            self.sharing.give(store)
            running = sum(slot.task is not None for slot in pool.slots)
            self.listener.update(self.summary.done + len(self.summary.failures) - ended, running, len(self.summary.failures))

    def _assign(self, pool: Backend, store: Store, queue: Queue) -> None:
        for slot in pool.idle():
            chosen = queue.take(slot.prepared, [other.prepared for other in pool.slots if other is not slot])
            if chosen is None:
                return
            group, run = chosen
            slot.prepared = prepared(slot.prepared, group)
            others, now = self.trainings.others.get(run.run_id, ()), datetime.now(UTC).isoformat(timespec="seconds")
            self.started |= dict.fromkeys((one.run_id for one in (*others, run)), now)
            weights = store.weights(run.needs) if run.needs else None
            study = self.plan.study
            inputs = RunInputs(study.metric, weights, study.declared, tuple(one.recipe for one in others))
            arguments = {"recipe": run.recipe, "seed": run.seed, "inputs": inputs}
            limits, trained = (self.options.timeout_s, study.resources.seconds), len(self.trainings.trained((*others, run)))
            pool.submit(slot, run.run_id, ("run", arguments), min((limit * trained for limit in limits if limit), default=None))

    def _keep_result(self, store: Store, queue: Queue, run: Run, outcome: TaskResult) -> None:
        decides_next = bool(self.plan.study.adaptive or self.plan.study.nuisance)
        if outcome.kind == LOST or (outcome.kind == "killed" and decides_next):
            self.losses[run.run_id] += 1
            if self.losses[run.run_id] < MOST_LOSSES:
                why = "its node was lost" if outcome.kind == LOST else outcome.value
                self.listener.note(f"run {run.run_id} (seed {run.seed}): {why}; it is run again")
                queue.add(run)
                return
        where = self._keep_environment(store, outcome.facts)
        made = ended_runs(run, self.trainings.others.get(run.run_id, ()), outcome, self.plan.study.files)
        for one, ended in made:
            self._add_record(store, one, ended, where)
        queue.took(run, sum((ended.cost.wall_s or 0.0) * self.trainings.own_share(one) for one, ended in made))
        ended = made[-1][1]
        if ended.status == Status.DONE:
            queue.finished(run.run_id)
            return
        for lost in queue.failed(run.run_id):
            reason = f"its pretraining run {run.run_id} ended as {ended.status}: {ended.reason}"
            self._add_record(store, lost, Outcome(Status.ERROR, reason))

    def _keep_environment(self, store: Store, facts: dict[str, Any] | None) -> str:
        """Keep the environment of a run (None: this process's own) and return its digest."""
        if facts is None:
            return self.environment
        digest = environment.digest(facts)
        store.add_environment(digest, facts)
        return digest

    def _add_record(self, store: Store, run: Run, outcome: Outcome, where: str | None = None) -> None:
        started = self.started.get(run.run_id, datetime.now(UTC).isoformat(timespec="seconds"))
        record = Record.of(outcome, run.run_id, to_dict(run.recipe), run.seed, environment=where or self.environment, started=started)
        store.add(record, outcome.arrays)
        if record.status == Status.DONE:
            self.summary.done += 1
        else:
            self.summary.failures[run.run_id] = f"{record.status}: {record.reason}"
            self.listener.note(f"run {run.run_id} (seed {run.seed}) {record.status}: {record.reason}")
