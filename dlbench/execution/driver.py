"""Runs what a plan asks for and the store does not have yet; the driver alone writes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from dlbench.execution import environment
from dlbench.execution.looks import declared
from dlbench.execution.pictures import make, missing
from dlbench.execution.pool import Outcome, Pool
from dlbench.execution.provenance import stale, warnings
from dlbench.execution.queue import Queue
from dlbench.execution.stages import arm_row, parts, stage_name, stages
from dlbench.execution.timing import pairs_of, time_pairs
from dlbench.store.database import FILE, Store
from dlbench.store.lock import hold
from dlbench.study.designs import fraction, settings
from dlbench.study.plan import Plan, Run
from dlbench.study.schema import Study
from dlbench.values.errors import InputError
from dlbench.values.recipe import to_dict
from dlbench.values.record import Record

POLL_S = 0.5


@dataclass(frozen=True)
class Options:
    """How a plan is run.

    Attributes:
        out: results folder.
        command: what reproduces the study, for the report.
        jobs: worker processes.
        data_dir, cache_dir: where data lies, and where decoded data is kept.
        timeout_s: limit for one run.
        fresh: set earlier results aside.
        wait: wait for another process that is writing to the folder.
        renew: run again what was made with other versions than the present ones.
        rounds: of the timing phase; 0 leaves it out.
        imagenet: file of ImageNet weights; None downloads them where a study asks for them.
    """

    out: Path
    command: str
    jobs: int
    data_dir: str | None
    cache_dir: str
    timeout_s: float | None = None
    fresh: bool = False
    wait: bool = False
    renew: bool = False
    rounds: int = 10
    imagenet: str | None = None


class Listener(Protocol):
    """Whoever shows progress."""

    def phase(self, name: str, total: int) -> None:
        """A phase of so many parts begins."""

    def update(self, done: int, running: int, failed: int) -> None:
        """Counts within the phase."""

    def note(self, text: str) -> None:
        """Something worth a line."""


@dataclass
class Summary:
    """What a call did: counts, and the reasons of failures by run id."""

    done: int = 0
    reused: int = 0
    failures: dict[str, str] = field(default_factory=dict)


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
        self.summary, self.started, self.before, self.held = Summary(), {}, set(), False

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
        with Pool(self.options.jobs, self._settings()) as pool:
            if missing:
                self._prepare(pool)
            with Store(self.options.out, write=True, fresh=self.options.fresh, held=self.held) as store:
                self.before = self._finished(store)
                for stage in stages(self.plan, store):
                    self._open(store, stage)
                    self._run(pool, store, stage)
                self._picture(pool, store, stage)
                self._time(pool, store)
        return self.summary

    def _old(self) -> list[str]:
        """What is said of results that were made with other versions."""
        if self.options.fresh or self.options.renew or not (self.options.out / FILE).exists():
            return []
        with Store(self.options.out) as store:
            return warnings(stale([run.run_id for run in self.plan.runs], store, self.facts))

    def _finished(self, store: Store) -> set[str]:
        """Ids of runs that need not be run again."""
        finished = store.finished()
        return finished - stale(finished, store, self.facts).keys() if self.options.renew else finished

    def nothing_to_do(self) -> bool:
        """Whether the store already has everything; then only the study itself is noted.

        Raises:
            InputError: an adaptive study's seeds were looked at in another way, or the folder is in use.
        """
        if self.options.fresh or not (self.options.out / FILE).exists():
            return False
        with Store(self.options.out, write=True, held=self.held) as store:
            finished = self._finished(store)
            for stage in stages(self.plan, store):
                if self._untimed(store) or any(run.run_id not in finished for run in stage.runs):
                    return False
                self._open(store, stage)
                self.summary.reused = len(stage.runs)
            return not missing(stage, store)

    def _untimed(self, store: Store) -> dict:
        pairs = {pair: arms for part in self.plan.parts for pair, arms in pairs_of(part.arms).items()}
        timed = store.timed(self.environment) if self.options.rounds else pairs
        return {pair: arms for pair, arms in pairs.items() if pair not in timed}

    def _time(self, pool: Pool, store: Store) -> None:
        untimed = self._untimed(store)
        if untimed:
            self.listener.phase(f"timing {len(untimed)} arms alone on the machine", 1)
            for problem in time_pairs(untimed, pool, store, self.environment, self.options.rounds):
                self.listener.note(problem)
            self.listener.update(1, 0, 0)

    def _picture(self, pool: Pool, store: Store, stage: Plan) -> None:
        for problem in make(missing(stage, store), pool, store):
            self.listener.note(problem)

    def _settings(self) -> dict[str, Any]:
        share = environment.available_bytes() // (4 * self.options.jobs)
        return {"data_dir": self.options.data_dir, "cache_dir": self.options.cache_dir, "device_bytes": share,
                "beside": str(Path(self.plan.study.origin).resolve().parent), "imagenet": self.options.imagenet}

    def _missing(self) -> list[Run]:
        if self.options.fresh or not (self.options.out / FILE).exists():
            return list(self.plan.runs)
        with Store(self.options.out) as store:
            finished = self._finished(store)
        return [run for run in self.plan.runs if run.run_id not in finished]

    def _prepare(self, pool: Pool) -> None:
        self.listener.phase("preparing", 1)
        recipes = {json.dumps(fields := to_dict(arm.recipe), sort_keys=True): fields for part in self.plan.parts
                   for arm in part.arms}
        outcome = pool.call("prepare", {"recipes": list(recipes.values())})
        if outcome.kind == "input":
            raise InputError(f"{Path(self.plan.study.origin).name}: {outcome.value}")
        if outcome.kind != "done":
            raise InputError(f"{Path(self.plan.study.origin).name}: the data or a model cannot be made: {outcome.value}")
        self.listener.update(1, 0, 0)

    def _open(self, store: Store, stage: Plan) -> None:
        facts = study_facts(self.plan, self.options)
        identity = {**facts, "created": "", "command": "", "arms": [arm.name for arm in self.plan.arms]}
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        for name, part in parts(stage, facts).items():
            store.open_study(f"{digest}:{name}", *part, part=True)
        store.open_study(digest, facts, [arm_row(arm) for arm in self.plan.arms],
                         [(arm, seed, run_id) for (arm, seed), run_id in stage.cells.items()])
        store.add_environment(self.environment, self.facts)

    def _run(self, pool: Pool, store: Store, stage: Plan) -> None:
        finished = self._finished(store)
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
            for outcome in pool.wait(POLL_S):
                self._keep(store, queue, runs[outcome.task], outcome)
            running = sum(slot.task is not None for slot in pool.slots)
            self.listener.update(self.summary.done + len(self.summary.failures) - ended, running, len(self.summary.failures))

    def _assign(self, pool: Pool, store: Store, queue: Queue) -> None:
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
        parts = dict(outcome.value) if outcome.kind == "done" else {"status": _STATUS[outcome.kind], "reason": outcome.value}
        arrays = parts.pop("arrays", {})
        self._store(store, run, parts, arrays)
        if parts["status"] == "done":
            self.summary.done += 1
            queue.finished(run.run_id)
            return
        for lost in queue.failed(run.run_id):
            reason = f"its pretraining run {run.run_id} ended as {parts['status']}: {parts['reason']}"
            self._store(store, lost, {"status": "error", "reason": reason}, {})

    def _store(self, store: Store, run: Run, parts: dict[str, Any], arrays: dict[str, Any]) -> None:
        started = self.started.get(run.run_id, datetime.now(UTC).isoformat(timespec="seconds"))
        record = Record(run.run_id, to_dict(run.recipe), run.seed, environment=self.environment, started=started, **parts)
        store.add(record, arrays)
        if record.status != "done":
            self.summary.failures[run.run_id] = f"{record.status}: {record.reason}"
            self.listener.note(f"run {run.run_id} (seed {run.seed}) {record.status}: {record.reason}")


_STATUS = {"error": "error", "input": "error", "killed": "killed", "timeout": "timeout"}


def study_facts(plan: Plan, options: Options) -> dict[str, Any]:
    """What the store keeps of a study."""
    study, recipe = plan.study, plan.study.baseline
    return {
        "name": study.name, "question": study.question, "dataset": recipe.data.source, "model": recipe.model.name,
        "design": study.design, "metric": study.metric, "margin": study.margin, "seeds": list(study.seeds),
        "budget": asdict(recipe.budget), "split_seed": recipe.data.split_seed, "target": recipe.target, "text": study.text,
        "overrides": list(study.overrides), "command": options.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"), **_design_facts(study),
        **({"datasets": list(study.datasets)} if study.datasets else {}),
        **({"adaptive": declared(plan)} if study.looks else {}),
    }


def _design_facts(study: Study) -> dict[str, Any]:
    """What a report has to know of a design that sets several factors at once; nothing for the others."""
    factors, part = settings(study), fraction(study)
    names = [entry.name for entry in study.entries]
    return ({"factor_names": names, "factors": factors} if factors else {}) | (
        {"resolution": part.resolution, "aliases": list(part.aliases)} if part is not None else {})
