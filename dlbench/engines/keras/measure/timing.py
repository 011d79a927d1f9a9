"""Times the training step and inference of each arm alone on the machine, interleaved in rotating order."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from dlbench.engines.keras.data.batches import Epoch
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.ensemble import Ensemble
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import draw, epoch_order
from dlbench.engines.keras.measure.deploy import Converted, deployed
from dlbench.engines.protocol import Timing
from dlbench.values.course import sizes_px
from dlbench.values.recipe import Recipe

STRETCH_S = 0.05
"""How long one measurement should last."""
SCORED = 1000
"""How many test examples inference is measured on, at most."""

Subject = tuple[Recipe, Program, Resident]


def measure(subjects: list[Subject], rounds: int) -> list[list[Timing]]:
    """Measure every subject once a round, in an order that rotates by one from round to round.

    Args:
        subjects: recipe, traced program and data.
        rounds: how many.

    Returns:
        For each subject, the times of each round.
    """
    stretches, programs = [_stretch(*subject) for subject in subjects], [program for _, program, _ in subjects]
    times: list[list[Timing]] = [[] for _ in subjects]
    for turn in range(rounds):
        for place in range(len(subjects)):
            which = (turn + place) % len(subjects)
            recipe, program, _ = subjects[which]
            if programs.count(program) > 1:  # it was left with the numbers of another subject
                program.reset(recipe, 0)
            times[which].append(_once(subjects[which], *stretches[which]))
    return times


def _stretch(recipe: Recipe, program: Program, data: Resident) -> tuple[Epoch, int, Program | Converted | Ensemble]:
    """Choose the epoch that a measurement trains on, of as many steps as about fill :data:`STRETCH_S`, and the model that it scores."""
    program.reset(recipe, 0)
    steps = 2
    _train(program, data, _epoch(recipe, data, steps), recipe)  # what is called first takes longer
    while True:
        epoch = _epoch(recipe, data, steps)
        started = time.perf_counter()
        _train(program, data, epoch, recipe)
        seconds = time.perf_counter() - started
        if seconds >= 0.8 * STRETCH_S or steps >= 4096:
            return epoch, steps, deployed(program, recipe, data)
        steps = max(steps + 1, round(steps * STRETCH_S / max(seconds, 1e-6)))


def _epoch(recipe: Recipe, data: Resident, steps: int) -> Epoch:
    order = epoch_order(0, (), 0, len(data.positions))
    rows = np.resize(order, steps * recipe.training.batch_size)
    return Epoch(rows, np.full(steps, recipe.training.learning_rate, np.float32), *draw(recipe, 0, data, 0))


def _train(program: Program, data: Resident, epoch: Epoch, recipe: Recipe) -> None:
    """Train once in each size that images have."""
    for size in sizes_px(recipe.training.resizing, data.shape):
        program.train(*data.train, data.inputs, replace(epoch, size=size), recipe.training.batch_size)


def _once(subject: Subject, epoch: Epoch, steps: int, model: Program | Converted | Ensemble) -> Timing:
    recipe, program, data = subject
    started = time.perf_counter()
    _train(program, data, epoch, recipe)
    trained = time.perf_counter()
    x, y = data.test[0][:SCORED], data.test[1][:SCORED]
    ready = time.perf_counter()
    model.evaluate(x, y, data.inputs)
    ended = time.perf_counter()
    steps *= len(sizes_px(recipe.training.resizing, data.shape))
    return Timing(1000 * (trained - started) / steps * recipe.scoring.members, 1000 * (ended - ready) / len(y))
