"""The contract in training, on small data in worker processes: an entry runs, is controlled, acts, and repeats to the bit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dlbench.cases import prepare
from dlbench.cases.checking import difference
from dlbench.contract import samples
from dlbench.contract.declarations import applied
from dlbench.datasets import Source
from dlbench.engines.protocol import RunInputs, Settings, engine_named
from dlbench.execution.backends.local import Pool
from dlbench.models import Architecture
from dlbench.techniques import Technique
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.case import Case
from dlbench.values.controls import Control, control_of, faults
from dlbench.values.metric import Metric
from dlbench.values.recipe import Recipe, changes, edit, to_dict
from dlbench.values.record import Outcome, Record, Status

TINY = edit(
    Recipe(), data__source="dlbench.contract.samples:colour_8", data__examples=100, budget__amount=4,
    model__options=(("hidden", 16), ("width", 4)))
"""Trains in a moment: 100 colour images of 8x8 pixels, 4 epochs of 4 steps, the last of 4 examples."""


class Trial:
    """Workers that try entries. Use it as a context; leaving it ends the workers.

    Args:
        files: plug-in files that the workers read too.
    """

    def __init__(self, files: list[str]) -> None:
        self._cache = tempfile.TemporaryDirectory()
        own = tuple(str(Path(file).resolve()) for file in files)
        settings = Settings(self._cache.name, plugins=own)
        self._pools = [Pool(1, settings, engine_named()) for _ in range(2)]
        self._kept: dict[str, Record] = {}

    def __enter__(self) -> Trial:
        for pool in self._pools:
            pool.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for pool in self._pools:
            pool.__exit__()
        self._cache.cleanup()

    def problems(self, kind: str, entry: Any) -> Iterator[str]:
        """Yield what an entry of a catalogue does not keep, as sentences."""
        checks = {"technique": self._technique, "dataset": self._dataset, "model": self._model, "metric": self._metric,
                  "kernel": self._kernel}
        try:
            yield from checks[kind](entry)
        except _NotTrained as failure:
            yield str(failure)

    def _technique(self, item: Technique) -> Iterator[str]:
        arm = applied(item, TINY)
        reference = edit(TINY, data__classes=arm.data.classes, data__labels_per_class=arm.data.labels_per_class)
        ours, again, theirs = self._record(arm), self._record(arm, worker=1), self._record(reference)
        state, reasons = control_of(ours, theirs, changes(arm, reference))
        if state == Control.FAULT:
            yield "it changed nothing: after training, the weights equal those of the baseline to the bit"
        elif state in (Control.UNCONTROLLED, Control.NOT_PROVEN):
            yield from reasons
        yield from _repeated(ours, again)

    def _dataset(self, item: Source) -> Iterator[str]:
        recipe = edit(TINY, data__source=item.name, data__examples=None, model__name="mlp", model__options=(),
                      budget__unit="steps", budget__amount=2)
        yield from self._twice(recipe)

    def _model(self, item: Architecture) -> Iterator[str]:
        size = next((px for px in samples.SIZES_PX if px >= item.smallest_px), None)
        if size is None:
            yield f"smallest_px = {item.smallest_px}: the largest images that models are tried on have {samples.SIZES_PX[-1]} px"
            return
        recipe = edit(TINY, data__source=f"dlbench.contract.samples:colour_{size}", data__examples=None)
        yield from self._twice(edit(recipe, model__name=item.name, model__options=(), budget__unit="steps", budget__amount=2))

    def _metric(self, item: Metric) -> Iterator[str]:
        if self._record(edit(TINY, metrics=(item.name,))).scores.get(item.name) is None:
            yield "a run has no score of its name"

    def _kernel(self, item: Case) -> Iterator[str]:
        try:
            found = difference(prepare(item))
        except Exception as error:  # whatever a plug-in's code raises is the plug-in's to mend
            found = f"{type(error).__name__}: {error}"
        yield from [found] if found else []

    def _twice(self, recipe: Recipe) -> Iterator[str]:
        one, two = self._record(recipe), self._record(recipe, worker=1)
        yield from faults(one, one, {})
        yield from _repeated(one, two)

    def _record(self, recipe: Recipe, worker: int = 0) -> Record:
        """Return the record of a recipe's first seed; each worker trains a recipe once."""
        key = f"{worker} {to_dict(recipe)}"
        if key not in self._kept:
            self._kept[key] = self._run(recipe, self._pools[worker])
        return self._kept[key]

    def _run(self, recipe: Recipe, pool: Pool) -> Record:
        first, weights = pretraining(recipe), None
        if first is not None:
            arrays = _outcome(pool, first, None).arrays
            weights = {name.removeprefix("weights/"): value for name, value in arrays.items() if name.startswith("weights/")}
        outcome = _outcome(pool, recipe, weights)
        if outcome.status != Status.DONE:
            raise _NotTrained(f"{outcome.status}: {outcome.reason}")
        return Record.of(outcome, "", to_dict(recipe), 0)


class _NotTrained(Exception):
    """A trial has no record; the message says why."""


def _outcome(pool: Pool, recipe: Recipe, weights: dict | None) -> Outcome:
    result = pool.call("run", {"recipe": recipe, "seed": 0, "inputs": RunInputs("test_accuracy", weights)})
    if result.kind != "done":
        raise _NotTrained(result.value)
    return result.value


def _repeated(one: Record, two: Record) -> Iterator[str]:
    for what, words in (("data", "the data"), ("order", "the example order"), ("init", "the initial weights"),
                        ("weights", "the trained weights")):
        if getattr(one.controls, what) != getattr(two.controls, what):
            yield f"the same run in two processes is not the same to the bit: {words} differ; draw from the seeds that are handed over"
            return
