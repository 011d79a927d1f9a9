"""The outcome of a run at its end."""

from __future__ import annotations

import hashlib
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass

from dlbench.engines.keras.loop.ensemble import Ensemble
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import Trainer
from dlbench.engines.keras.measure.deploy import Converted, deployed, size
from dlbench.engines.keras.measure.scoring import score_run, scored_in_training
from dlbench.engines.keras.measure.window import Window
from dlbench.values.record import Controls, Cost, Outcome, Status
from dlbench.values.scoring import forward_passes, views


@dataclass(frozen=True)
class Begun:
    """What is known of a run before its first step.

    Attributes:
        metric: of the study.
        near_duplicates: test examples that have a near-duplicate in training, and how many were looked at.
        content: hash of the whole dataset; None where it is not known.
        init: hashes of the initial weights, by layer.
        started, load_s, trace_s: the reading of the clock at its start, and the seconds that data and tracing took.
    """

    metric: str
    near_duplicates: tuple[int, int]
    content: str | None
    init: Mapping[str, str]
    started: float
    load_s: float
    trace_s: float


def outcome_of(trainer: Trainer, window: Window, begun: Begun, status: Status = Status.DONE, reason: str = "") -> Outcome:
    """Score a trained network, and collect what its run took and proves; a run that diverged is not scored."""
    recipe, data, program, done, trained = trainer.recipe, trainer.data, trainer.program, trainer.done, time.perf_counter()
    model = deployed(program, recipe, data, trainer.members) if status == Status.DONE else program
    scores, arrays = score_run(model, trainer, window, begun.metric) if status == Status.DONE else ({}, {})
    ended = time.perf_counter()
    controls = Controls(
        data.hashes["data"], data.hashes["split"], data.hashes["evaluation"], begun.init, tuple(program.network.touched),
        begun.near_duplicates, content=begun.content, order=tuple(done.orders), weights=_digest(model),
        global_draws=program.global_draws(), acted=done.acted, texts=data.texts)
    cost = Cost(
        program.network.parameters() * (members := recipe.scoring.members), program.network.macs * forward_passes(recipe.scoring) * members,
        **size(model, recipe), epochs=done.epoch, steps=done.steps, planned_steps=(trainer.total or 0) * members or done.steps,
        shared_steps=done.shared_steps or None, examples=done.examples, train_macs=done.macs, load_s=begun.load_s, trace_s=begun.trace_s,
        train_scored=len(data.positions[scored_in_training(recipe, data)]) if status == Status.DONE else None,
        train_s=done.seconds, evaluate_s=done.validation_s + ended - trained, wall_s=ended - begun.started,
        peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    return Outcome(status, reason, scores, done.curves, cost, controls, arrays)


def _digest(model: Program | Converted | Ensemble) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a model: of its weights and what it averages over, or its converted file."""
    if isinstance(model, Converted):
        return hashlib.sha256(model.content).hexdigest()[:16]
    state = hashlib.sha256()
    for network in model.networks():
        for name, value in sorted(network.weights().items()):
            state.update(name.encode() + value.tobytes())
    if len(seen_by := views(model.scoring)) > 1:
        state.update(repr(seen_by).encode())
    if model.scoring.passes:
        state.update(f"{model.scoring.passes} passes".encode())
    return state.hexdigest()[:16]
