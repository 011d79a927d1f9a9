"""Trains one run: loops over epochs, and takes the decisions that fall between them."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

import numpy as np

from dlbench.engines.keras.data.batches import Epoch
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.program import Member, Program
from dlbench.engines.keras.loop.progress import Progress
from dlbench.engines.keras.loop.stopping import Validated, stopping_of
from dlbench.engines.keras.network.thresholds import move_thresholds
from dlbench.engines.keras.tasks import counted
from dlbench.kernels.imbalance import balanced_order, class_weights, draws_of_uses, moved_thresholds, positive_weights
from dlbench.kernels.maps import Maps, maps
from dlbench.kernels.mixing import Mixing, mixing
from dlbench.tasks import task
from dlbench.techniques.schedules import Patience, factors
from dlbench.values.augmentation import Augmentation, parts
from dlbench.values.course import size_px
from dlbench.values.errors import InputError
from dlbench.values.packed import acted_shape
from dlbench.values.recipe import Recipe, is_weighted
from dlbench.values.seeds import derive
from dlbench.values.window import planned_epochs, total_steps

NO_MAPS = maps(Augmentation(), 0, 0, 0, (1, 1, 1))
SECONDS_CHUNKS = 10
PRUNED_BY = 0.75
"""Share of the budget after which no more weights are pruned."""
GRADIENT = "gradient_norm/"
"""Begins the names of the curves of measured layers."""
CURVES = ("epoch", "train_loss", "train_{}", "validation_loss", "validation_{}", "learning_rate", "seconds")
"""Names of the curves; the braces stand for what the task counts."""
VALIDATION = slice(3, 5)
"""Where the validation part's are among them."""


class Diverged(Exception):
    """The loss is no longer a finite number."""


def demand_watched(recipe: Recipe, data: Resident) -> None:
    """Check that the validation split has examples where a run watches its loss or score.

    Raises:
        InputError: it has none.
    """
    training = recipe.training
    watching = {"early_stopping": training.early_stopping.patience_epochs is not None, "lr_schedule kind = 'plateau'":
                training.schedule.kind == "plateau", "target": recipe.target is not None}
    if not len(data.validation[1]) and (named := [what for what, on in watching.items() if on]):
        raise InputError(f"{named[0]}: it watches the validation split, and validation = {recipe.data.validation:g} leaves no example "
                         "there; accepted: a larger share, or more examples")


def epoch_order(seed: int, redrawn: tuple[str, ...], epoch: int, examples: int) -> np.ndarray:
    """Return the order of the training examples in an epoch, int32 [examples]; it depends on (seed, epoch) alone."""
    return _generator(seed, redrawn, epoch).permutation(examples).astype(np.int32)


def _generator(seed: int, redrawn: tuple[str, ...], epoch: int) -> np.random.Generator:
    stream = derive(seed, "order", *(("redrawn",) if "order" in redrawn else ()), epoch)
    return np.random.Generator(np.random.Philox(stream))


def sampled_order(recipe: Recipe, seed: int, data: Resident, epoch: int) -> np.ndarray:
    """Return the rows of the training data that an epoch uses, int32 [examples]: each once, or classes as the recipe samples them."""
    if power := recipe.imbalance.sampling:
        return balanced_order(data.train[1].numpy(), power, _generator(seed, recipe.redrawn, epoch)).astype(np.int32)
    return epoch_order(seed, recipe.redrawn, epoch, len(data.positions))


class Trainer:
    """Trains one run on a program that was reset for it.

    Args:
        recipe, seed: the run.
        data: on the device.
        program: of the recipe's structure, reset to the run.
        after_epoch: called with the number of each epoch when it has ended, and the program in the form that is scored.

    Attributes:
        done: the progress so far, also where training was broken off.
        members: of an ensemble, those that are trained.
    """

    def __init__(self, recipe: Recipe, seed: int, data: Resident, program: Program,
                 after_epoch: Callable[[int, Program], None] = lambda epoch, program: None) -> None:
        self.recipe, self.seed, self.data, self.program, self.after_epoch = recipe, seed, data, program, after_epoch
        self.examples, self.batch = len(data.positions), recipe.training.batch_size
        self.per_epoch = math.ceil(self.examples / self.batch)
        self.total, self.epochs = total_steps(recipe.budget, self.examples, self.batch), planned_epochs(recipe, self.examples)
        self.factors = factors(recipe.training.schedule, self.total or self.per_epoch * 10_000, self.per_epoch)
        schedule = recipe.training.schedule
        self.plateau = Patience(schedule.patience_epochs, schedule.min_delta) if schedule.kind == "plateau" else None
        self.stopping = stopping_of(recipe.training.early_stopping)
        self.names = tuple(name.format(task(recipe.data.task).counted) for name in CURVES)
        self.done, self.members = Progress(curves={name: [] for name in self.names}), list[Member]()
        if program.step.positive is not None:
            program.step.positive.assign(positive_weights(data.train[1].numpy(), recipe.imbalance.positive_weights))

    def run(self) -> Progress:
        """Train to the end of the budget, or until early stopping.

        Raises:
            Diverged: the loss is not finite; the message says when.
        """
        done = self.done
        while not self._over(done) and not self.stops():
            self._epoch(done)
        if self.program.step.averages is not None:
            self.program.step.averages.adopt()
        self.end()
        return done

    def take_over(self, other: Trainer) -> None:
        """Take over how far another trainer has come, whose steps have the bits of this one's; what this one decided stays its own."""
        own, done = self.done, other.done
        apart = self.names[VALIDATION] if self.program is not other.program else ()
        curves = {name: list(values) for name, values in done.curves.items()} | {name: own.curves[name] for name in apart}
        self.done = replace(done, curves=curves, orders=list(done.orders), acted=own.acted, plateau=own.plateau, shared_steps=done.steps)

    def follow(self, other: Trainer) -> bool:
        """Take over the epoch that another trainer has just ended, and decide what falls after it; return whether the loss is finite."""
        self.take_over(other)
        done = self.done
        if self.program is not other.program:
            done.validated, found = self.validation(self.program)
            for name, value in zip(self.names[VALIDATION], found):
                done.curves[name].append(float(value))
        if finite := done.validated is None or math.isfinite(done.validated.loss):
            self._decide(done, done.curves["validation_loss"][-1])
        return finite

    def goes_along(self, other: Trainer) -> bool:
        """Return whether the learning rates of the next epoch are those of another trainer."""
        left = min(self.per_epoch, (self.total or 0) - self.done.steps)
        return np.array_equal(self._rates(self.done, left), other._rates(other.done, left))

    def end(self) -> None:
        """Give the network, as it is evaluated after an epoch, the weights that are scored, and note what acted."""
        done = self.done
        if self.stopping and self.stopping.weights is not None:
            done.validated = self.stopping.validated
            self.program.model.set_weights(self.stopping.weights)
        if sparsity := self.recipe.compression.sparsity:
            done.validated = None  # other weights are pruned than before the evaluation
            self.program.step.prune(sparsity)
        if power := self.recipe.imbalance.thresholds:
            done.validated = None
            moved = moved_thresholds(self.data.train[1].numpy(), self.data.classes, power)
            move_thresholds(self.program.network, self.recipe.model.name, moved)
        self._note_acts()

    def _over(self, done: Progress) -> bool:
        if self.total is None:
            return done.seconds >= self.recipe.budget.amount
        return done.steps >= self.total

    def _epoch(self, done: Progress) -> None:
        order = sampled_order(self.recipe, self.seed, self.data, done.epoch)
        done.orders.append(hashlib.sha256(order.tobytes()).hexdigest()[:16])
        sums, rate, before = np.zeros(4 + len(self.program.step.measured)), 0.0, done.steps
        started = time.perf_counter()
        drawn = draw(self.recipe, self.seed, self.data, done.epoch)
        draws = draws_of_uses(order) if self.recipe.imbalance.sampling else order
        size = size_px(self.recipe.training.resizing, self.data.shape, done.epoch, self.epochs or 1)
        macs = self.program.macs_at(size)
        done.seconds += time.perf_counter() - started
        for span, rates in self._stretches(done):
            started, part = time.perf_counter(), order[span]
            epoch = Epoch(part, rates.astype(np.float32), *drawn, draws[span], size)
            tally = self.program.train(*self.data.train, self.data.inputs, epoch, self.batch)
            done.seconds += time.perf_counter() - started
            sums, rate = sums + (tally.loss, tally.correct, tally.clipped, len(part), *tally.norms), float(rates[-1])
            done.steps, done.examples, done.macs = done.steps + len(rates), done.examples + len(part), done.macs + len(part) * macs
        done.epoch += 1
        done.clipped += sums[2]
        for layer, norm in zip(self.program.step.measured, sums[4:] / (done.steps - before)):
            done.curves.setdefault(f"{GRADIENT}{layer}", []).append(float(norm))
        self.program.step.prune(self._sparsity(done))
        with self.program.step.averaged():
            self._close_epoch(done, sums[:4], rate)

    def _sparsity(self, done: Progress) -> float:
        """Return the share of weights to prune by now: it rises as 1 - (1 - t)³ over the first three quarters of the budget."""
        spent = done.seconds / self.recipe.budget.amount if self.total is None else done.steps / self.total
        return self.recipe.compression.sparsity * (1 - (1 - min(spent / PRUNED_BY, 1.0)) ** 3)

    def _stretches(self, done: Progress) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield parts of an epoch with their learning rates: one part, or several where the budget is in seconds."""
        left = self.per_epoch if self.total is None else min(self.per_epoch, self.total - done.steps)
        size = left if self.total is not None else math.ceil(left / SECONDS_CHUNKS)
        for first in range(0, left, size):
            if first and self._over(done):
                return
            steps = min(size, left - first)
            rates = self._rates(done, steps)
            yield slice(first * self.batch, (first + steps) * self.batch), rates

    def _rates(self, done: Progress, steps: int) -> np.ndarray:
        training = self.recipe.training
        factor = self.factors[done.steps : done.steps + steps] * max(done.plateau, training.schedule.floor)
        return training.learning_rate * factor

    def _close_epoch(self, done: Progress, sums: np.ndarray, rate: float) -> None:
        loss, correct, _, seen = sums
        started = time.perf_counter()
        done.validated, validation = self.validation(self.program)
        done.validation_s += time.perf_counter() - started
        row = (done.epoch, loss / seen, correct / seen * self.data.scaling[1], *validation, rate, done.seconds)
        for name, value in zip(self.names, row):
            done.curves[name].append(float(value))
        if not math.isfinite(loss) or (len(self.data.validation[1]) and not math.isfinite(validation[0])):
            raise Diverged(f"the loss was not finite in epoch {done.epoch} (step {done.steps})")
        self._decide(done, validation[0])
        started = time.perf_counter()
        self.after_epoch(done.epoch, self.program)
        done.validation_s += time.perf_counter() - started

    def validation(self, program: Program) -> tuple[Validated | None, tuple[float, float]]:
        """Evaluate the validation part; return also the mean loss and what the task counts, which are not numbers where it is empty."""
        x, y = self.data.validation
        if not len(y):
            return None, (math.nan, math.nan)
        found = Validated(*program.evaluate(x, y, self.data.inputs))
        return found, (found.loss, counted(self.recipe.data, found.answers, y, self.data.scaling))

    def _decide(self, done: Progress, loss: float) -> None:
        """Lower the learning rate on a plateau of the validation loss, and keep the weights of its minimum."""
        if self.plateau and self.plateau.exhausted(loss):
            done.plateau *= self.recipe.training.schedule.factor
            done.acted["lr_schedule"] = True
        if self.stopping:
            self.stopping.keep(loss, self.program.model, done.validated)

    def stops(self) -> bool:
        """Count the last epoch by its validation loss; return whether early stopping ends the run after it."""
        done = self.done
        losses = done.curves["validation_loss"]
        stops = bool(self.stopping and losses and self.stopping.stops(losses[-1]))
        done.acted |= {"early_stopping": True} if stops else {}
        return stops

    def _note_acts(self) -> None:
        """Note for each conditional technique whether its condition ever held."""
        done = self.done
        for name, condition in (("early_stopping", self.stopping), ("lr_schedule", self.plateau)):
            if condition:
                done.acted.setdefault(name, False)
        if self.recipe.training.clip_norm is not None:
            done.acted["gradient_clipping"] = bool(done.clipped > 0)
        if limit := self.recipe.regularization.max_norm:
            done.acted["max_norm"] = self.program.step.at_norm_limit(limit)


def draw(recipe: Recipe, seed: int, data: Resident, epoch: int) -> tuple[Maps, Mixing, np.ndarray | None]:
    """Draw how an epoch augments each row of the training data, and what each row is mixed with; weigh the loss of each row."""
    augmentation, positions = recipe.augmentation, data.positions
    seed = derive(seed, "augment", "redrawn") if "augment" in recipe.redrawn else seed
    mixed = mixing(augmentation, seed, epoch, positions, cast(tuple[int, int], acted_shape(data.shape)[:2]))
    weights = weigh(recipe, data) if is_weighted(recipe) else None
    if not any(parts(augmentation).values()) and not recipe.hooks.images:
        return NO_MAPS, mixed, weights
    drawn = maps(augmentation, seed, epoch, int(positions.max()) + 1, acted_shape(data.shape),
                 functions=bool(recipe.hooks.images))
    return drawn.rows(positions), mixed, weights


def weigh(recipe: Recipe, data: Resident) -> np.ndarray:
    """Return the weight of each training example, float32 [n]: that of the data times that of its class."""
    given, power = np.ones(len(data.positions)) if data.weights is None else data.weights, recipe.imbalance.class_weights
    return (given * class_weights(data.train[1].numpy(), power) if power else given).astype(np.float32)
