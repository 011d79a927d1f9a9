"""The outcome of a run at its end, and those of runs that are read off it on the way."""

from __future__ import annotations

import hashlib
import math
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache, partial

from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.stopping import Validated, stopping_of
from dlbench.engines.keras.loop.train import VALIDATION, Trainer
from dlbench.engines.keras.measure.deploy import Converted, deployed, size
from dlbench.engines.keras.measure.scoring import score_run, scored_in_training
from dlbench.engines.keras.measure.window import Evaluation, Window, evaluated
from dlbench.values.recipe import Recipe
from dlbench.values.record import Controls, Cost, Outcome, Status
from dlbench.values.window import planned_epochs


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
    model = deployed(program, recipe, data) if status == Status.DONE else program
    scores, arrays = score_run(model, trainer, window, begun.metric) if status == Status.DONE else ({}, {})
    ended = time.perf_counter()
    controls = Controls(
        data.hashes["data"], data.hashes["split"], data.hashes["evaluation"], begun.init, tuple(program.network.touched),
        begun.near_duplicates, content=begun.content, order=tuple(done.orders), weights=_digest(model),
        global_draws=program.global_draws(), acted=done.acted, texts=data.texts)
    cost = Cost(
        program.network.parameters(), program.network.macs * len(program.views), **size(model, recipe), epochs=done.epoch, steps=done.steps,
        planned_steps=trainer.total or done.steps, examples=done.examples, load_s=begun.load_s, trace_s=begun.trace_s,
        train_scored=len(data.positions[scored_in_training(recipe, data)]) if status == Status.DONE else None,
        train_s=done.seconds, evaluate_s=done.validation_s + ended - trained, wall_s=ended - begun.started,
        peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    return Outcome(status, reason, scores, done.curves, cost, controls, arrays)


class Reading:
    """A run that is read off another one while that is trained: its training is that of the other, up to where it ends.

    Args:
        recipe: of the run.
        trainer: of the other one.
        begun: that other one.

    Attributes:
        outcome: of the run; None before it has ended.
        lost: whether the run diverged by an evaluation of its own, so that it has to be trained by itself.
    """

    def __init__(self, recipe: Recipe, trainer: Trainer, begun: Begun) -> None:
        self.recipe, self.trainer, self.begun = recipe, trainer, begun
        self.epochs = planned_epochs(recipe, trainer.examples)
        self.window = Window(recipe, trainer.data, self.epochs)
        self.stopping = stopping_of(recipe.training.early_stopping)
        self.program = trainer.program.scoring(recipe, trainer.data.train[0])
        self.curves: dict[str, list[float]] = {}
        self.outcome: Outcome | None = None
        self.lost = False

    def after_epoch(self, epoch: int, evaluation: Callable[[], Evaluation]) -> None:
        """Follow the training by an epoch; where the run ends with it, score it."""
        averages = self.trainer.program.step.averages
        with nullcontext() if averages is None or self.program.step.averages is averages else averages.apart():
            self._after_epoch(epoch, cache(partial(evaluated, self.program, self.recipe, self.trainer.data)) if self.apart else evaluation)

    @property
    def apart(self) -> bool:
        """Whether the run evaluates for itself, because it averages other views, or does not average weights as the other one does."""
        return self.program is not self.trainer.program

    def _after_epoch(self, epoch: int, evaluation: Callable[[], Evaluation]) -> None:
        self.window.after_epoch(epoch, evaluation)
        validated, loss, stops = *self._validated(), False
        if self.apart and validated is not None and not math.isfinite(loss):
            self.lost = True
            return
        if self.stopping is not None:
            self.stopping.keep(loss, self.program.model, validated)
            stops = epoch != self.epochs and self.stopping.stops(loss)
        if stops or epoch == self.epochs:
            self.outcome = self._ended(validated, stops)

    def _validated(self) -> tuple[Validated | None, float]:
        """The evaluation of the validation part and its loss: those of the other run, or its own."""
        done = self.trainer.done
        if not self.apart:
            return done.validated, done.curves["validation_loss"][-1]
        validated, found = self.trainer.validation(self.program)
        for name, value in zip(self.trainer.names[VALIDATION], found):
            self.curves.setdefault(name, []).append(float(value))
        return validated, found[0]

    def _broken_off(self) -> Trainer:
        """Return the trainer as the one that this run would have had so far."""
        ended = self.trainer.broken_off(self.recipe, self.stopping)
        ended.program = self.program
        ended.done.curves |= self.curves
        return ended

    def _ended(self, validated: Validated | None, stopped: bool) -> Outcome:
        """Score the run with the weights that it ends with, and give the network those that training goes on with."""
        ended = self._broken_off()
        ended.done.validated = validated
        ended.done.acted |= {"early_stopping": True} if stopped else {}
        going_on = self.trainer.program.model.get_weights()
        ended.end()
        outcome = outcome_of(ended, self.window, self.begun)
        self.trainer.program.model.set_weights(going_on)
        return outcome

    def diverged(self, outcome: Outcome) -> Outcome:
        """Return the outcome of the run where the other one diverged before this one had ended."""
        ended = self._broken_off()
        return outcome_of(ended, self.window, self.begun, Status(outcome.status), outcome.reason)


class Readings:
    """Evaluates the test part after each epoch for those who score it then: the run that is trained, and those that are read off it.

    Each of these has the bits of a run that is trained by itself.

    Args:
        recipes: of the runs that are read off.
        trainer: of the run that is trained.
        window: of that run.
        begun: that run.
        alone: trains a run by itself.
    """

    def __init__(self, recipes: Sequence[Recipe], trainer: Trainer, window: Window, begun: Begun,
                 alone: Callable[[Recipe], Outcome]) -> None:
        self.trainer, self.window, self.alone = trainer, window, alone
        self.every = [Reading(recipe, trainer, begun) for recipe in recipes]

    def after_epoch(self, epoch: int, program: Program) -> None:
        """Evaluate the test part at most once, and score the runs that end with this epoch."""
        evaluation = cache(lambda: evaluated(program, self.trainer.recipe, self.trainer.data))
        self.window.after_epoch(epoch, evaluation)
        for reading in self.every:
            if reading.outcome is None and not reading.lost:
                reading.after_epoch(epoch, evaluation)

    def closed(self, outcome: Outcome) -> Outcome:
        """Return the outcome of the run that was trained with those that were read off it.

        Where it diverged, those left did so with it; those that evaluate for themselves may not have, and are trained by themselves.
        """
        return replace(outcome, shorter=tuple(reading.outcome or self._unfinished(reading, outcome) for reading in self.every))

    def _unfinished(self, reading: Reading, outcome: Outcome) -> Outcome:
        return self.alone(reading.recipe) if reading.apart else reading.diverged(outcome)


def _digest(model: Program | Converted) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a model: of its weights and the views that it averages, or its converted file."""
    if isinstance(model, Converted):
        return hashlib.sha256(model.content).hexdigest()[:16]
    state = hashlib.sha256()
    for name, value in sorted(model.network.weights().items()):
        state.update(name.encode() + value.tobytes())
    if len(model.views) > 1:
        state.update(repr(model.views).encode())
    return state.hexdigest()[:16]
