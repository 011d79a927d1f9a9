"""Runs that are trained together: one is trained, and others take its training over as long as theirs would have the same bits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache, partial

import numpy as np

from dlbench.engines.keras.lengths import shared
from dlbench.engines.keras.loop.ensemble import trained
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import Trainer
from dlbench.engines.keras.measure.outcome import Begun, outcome_of
from dlbench.engines.keras.measure.window import Evaluation, Window, evaluated
from dlbench.values.recipe import Recipe
from dlbench.values.record import Outcome, Status
from dlbench.values.sharing import leaders
from dlbench.values.window import planned_epochs

Kept = Callable[[], list[np.ndarray] | None]
"""Keeps the state of training, once at most."""


class Companion:
    """A run of several that are trained together: the one that is trained first, or one that follows another.

    A run that follows takes over each epoch of the other one, and decides after it for itself whether it is evaluated, stops or is scored.
    Where its learning rate first differs, it goes on by itself with the state that training had then.

    Args:
        trainer: of the run.
        begun: the first run.
        start: makes the program ready for a further member of an ensemble.

    Attributes:
        apart: whether it evaluates for itself, because it averages other views, or does not average weights as the other one does.
        outcome: None before it has ended.
        state: that it goes on from, where it has left the other one and is still to be trained.
        lost: whether it has to be trained by itself from its start.
    """

    def __init__(self, trainer: Trainer, begun: Begun, start: Callable[[int], None]) -> None:
        self.trainer, self.begun, self.start, self.apart = trainer, begun, start, False
        self.epochs = planned_epochs(trainer.recipe, trainer.examples)
        self.window = Window(trainer.recipe, trainer.data, self.epochs)
        self.followers: list[Companion] = []
        self.outcome: Outcome | None = None
        self.state: list[np.ndarray] | None = None
        self.left, self.lost = 0.0, False
        trainer.after_epoch = self._after_epoch

    def followed_by(self, recipe: Recipe) -> Companion:
        """Return a run of this recipe that follows this one."""
        ours = self.trainer
        program = ours.program.scored_by(recipe, ours.data.train[0])
        follower = Companion(Trainer(recipe, ours.seed, ours.data, program), self.begun, self.start)
        follower.apart = program is not ours.program
        self.followers.append(follower)
        return follower

    @property
    def follows(self) -> bool:
        """Whether the run still follows another one."""
        return self.outcome is None and self.state is None and not self.lost

    def train(self) -> Outcome:
        """Train the run to its end and score it; where it diverges, those that still follow it did so too."""
        status, reason = trained(self.trainer, self.start)
        if status == Status.DIVERGED:
            return self._diverged(reason)
        self.outcome = outcome_of(self.trainer, self.window, self.begun)
        return self.outcome

    def ended(self) -> Outcome | None:
        """Return the outcome; of a run that has left the other one, train the rest. None where it has to be trained from its start."""
        if self.state is None:
            return self.outcome
        self.begun = replace(self.begun, started=self.begun.started + time.perf_counter() - self.left)
        self.trainer.program.restore(self.state)
        self.state = None
        return self.train()

    def _diverged(self, reason: str) -> Outcome:
        self.outcome = outcome_of(self.trainer, self.window, self.begun, Status.DIVERGED, reason)
        for follower in self.followers:
            if follower.follows and not follower.apart:
                follower.trainer.take_over(self.trainer)
                follower._diverged(reason)
        return self.outcome

    def _after_epoch(self, epoch: int, program: Program) -> None:
        self._pass_on(epoch, cache(partial(evaluated, program, self.trainer.recipe, self.trainer.data)), cache(program.state))

    def _pass_on(self, epoch: int, evaluation: Callable[[], Evaluation], state: Kept) -> None:
        """Note an epoch of the run and of those that follow it; the test part is evaluated, and the state is kept, once at most."""
        self.window.after_epoch(epoch, evaluation)
        for follower in self.followers:
            if follower.follows:
                with self._weights_of(follower):
                    follower._follow(self.trainer, evaluation, state)

    def _weights_of(self, follower: Companion) -> AbstractContextManager[None]:
        """Give the network the weights that a follower is evaluated with: the trained ones, where it does not average as this run does."""
        step = self.trainer.program.step
        return nullcontext() if follower.trainer.program.step.averages is step.averages else step.trained()

    def _follow(self, leader: Trainer, evaluation: Callable[[], Evaluation], state: Kept) -> None:
        trainer, epoch = self.trainer, leader.done.epoch
        if not trainer.follow(leader):
            self.lost = True
        elif self.apart:
            self._after_epoch(epoch, trainer.program)
        else:
            self._pass_on(epoch, evaluation, state)
        if self.lost:
            return
        if epoch == self.epochs:
            self._end()
        elif not trainer.goes_along(leader):
            self._leave(state)
        elif trainer.stops():
            self._end()

    def _end(self) -> None:
        """Score the run with the weights that it ends with, and give the network those that training goes on with."""
        model = self.trainer.program.model
        going_on = model.get_weights()
        self.trainer.end()
        self.outcome = outcome_of(self.trainer, self.window, self.begun)
        model.set_weights(going_on)

    def _leave(self, state: Kept) -> None:
        """Keep the state that the run goes on from; a step that draws from a generator which no seed controls has more state than that."""
        self.state, self.left = None if self.trainer.program.global_draws() else state(), time.perf_counter()
        self.lost = self.state is None


def trained_together(trainer: Trainer, begun: Begun, others: Sequence[Recipe], start: Callable[[int], None],
                     alone: Callable[[int], Outcome]) -> Outcome:
    """Train a run, and return its outcome with those of others that have its bits up to some step, or to their end.

    Each of these has every bit that it would have if it were trained by itself.

    Args:
        trainer, begun: of the run.
        others: recipes of the others, in the order of :func:`dlbench.values.sharing.in_order`.
        start: makes the program ready for a further member of an ensemble.
        alone: trains one of them by itself, by its place; it is called where one turns out to have other bits.
    """
    runs = [Companion(trainer, begun, start)]
    for recipe, (leader, _) in zip(others, leaders([trainer.recipe, *others], shared)[1:], strict=True):
        runs.append(runs[leader or 0].followed_by(recipe))
        runs[-1].lost = leader is None
    outcome = runs[0].train()
    return replace(outcome, others=tuple(member.ended() or alone(place) for place, member in enumerate(runs[1:])))
