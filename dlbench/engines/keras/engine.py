"""The Keras engine's methods, and how a process becomes its worker."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from dlbench.datasets import source
from dlbench.datasets.gaps import filled
from dlbench.datasets.sentinels import sentinel_notes
from dlbench.datasets.splits import split
from dlbench.datasets.telling import telling_features
from dlbench.engines.keras.data.resident import Resident, part_notes
from dlbench.engines.keras.data.text import word_notes
from dlbench.engines.keras.loop.devices import claim
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import Trainer, demand_watched
from dlbench.engines.keras.measure.following import trained_together
from dlbench.engines.keras.measure.gain import measured_gain
from dlbench.engines.keras.measure.outcome import Begun
from dlbench.engines.keras.measure.pictures import examples, preview
from dlbench.engines.keras.measure.timing import measure
from dlbench.engines.keras.memory import Memory
from dlbench.engines.keras.network.hooks import Hooked
from dlbench.engines.keras.network.inspect import inspected
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.plain import write_plain
from dlbench.engines.keras.readers import watch_readers
from dlbench.engines.keras.rehearsal import demand_network, rehearse
from dlbench.engines.protocol import Complete, Diagnosis, ExampleImages, Preview, RunInputs, Settings, Timing
from dlbench.models import architecture
from dlbench.models.embeddings import embedding_notes
from dlbench.plugins import use
from dlbench.references.guard import FORBIDDEN
from dlbench.references.watch import calling, files_read
from dlbench.tasks import task
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.errors import InputError
from dlbench.values.examination import Examination
from dlbench.values.folds import of_seed
from dlbench.values.gain import Gain
from dlbench.values.inspection import Inspection
from dlbench.values.recipe import Recipe, edit
from dlbench.values.record import Outcome
from dlbench.values.rehearsal import Rehearsal
from dlbench.values.window import demand_window


class KerasEngine(Memory, Complete):
    """Trains, scores, times and shows runs. It has every capability, see :class:`dlbench.engines.protocol.Complete`."""

    def prepare(self, recipes: Sequence[Recipe]) -> list[tuple[int, ...]]:
        duplicates, alike = dict[Hashable, tuple[int, ...]](), dict[Hashable, list[Recipe]]()
        for recipe in recipes:
            alike.setdefault(_network_key(recipe), []).append(recipe)
        for recipe in recipes:
            demand_watched(recipe, self.data(recipe))
            demand_window(recipe, len(self.data(recipe).positions))
            self._demand_pretraining(recipe)
            if (key := _network_key(recipe)) not in duplicates:
                data, hungriest = self.data(recipe), max(alike[key], key=lambda other: other.training.batch_size)
                demand_network(self, hungriest, data, Network(hungriest, data.shape, data.classes))
                duplicates[key] = self.near_duplicates(recipe)
        return [duplicates[_network_key(recipe)] for recipe in recipes]

    def _demand_pretraining(self, recipe: Recipe) -> None:
        """Check that the data of what a recipe starts from is there; an InputError where it is not."""
        if (first := pretraining(recipe)) is not None:
            try:
                self.data(first)
            except InputError as error:
                raise InputError(f"its pretraining: {error}") from None
            self._demand_pretraining(first)

    def rehearse(self, recipes: Sequence[Recipe]) -> list[Rehearsal]:
        return [rehearse(self, recipe) for recipe in recipes]

    def inspect(self, recipes: Sequence[Recipe]) -> list[Inspection]:
        return [replace(self._inspection(recipe), read=files_read()) for recipe in recipes]

    def _inspection(self, recipe: Recipe) -> Inspection:
        with calling(recipe.data.source if source(recipe.data.source).identity == "result" else ""):
            arrays, data = self.arrays(recipe.data), self.data(recipe)
            recipe = edit(recipe, data__cardinalities=arrays.cardinalities or None)
        examples = arrays.train, len(arrays.y) - arrays.train
        with calling(architecture(recipe.model.name).build):
            network = Network(recipe, data.shape, data.classes)
            build, notes = inspected(recipe, network, data, arrays.kind)
        Hooked(recipe.hooks).tried(data.shape, network.units, data.train[1])
        of, odd = task(recipe.data.task), sentinel_notes(arrays, recipe.data.features or ())
        coded = embedding_notes(arrays.names_of_columns[-data.coded :], arrays.cardinalities, recipe.model.embedding_width)
        told = (f"input {one.words()}" for one in arrays.inputs)
        notes = (*told, *arrays.notes, *odd, *data.notes, *part_notes(data, of), *word_notes(arrays, data), *coded, *notes)
        return Inspection(arrays.kind, tuple(arrays.shape), arrays.classes, examples, self.near_duplicates(recipe),
                          arrays.content or None, build, notes, arrays.changed, arrays.names, arrays.features,
                          of.contents.format(classes=arrays.classes), cardinalities=arrays.cardinalities,
                          inputs=arrays.inputs)

    def run(self, recipe: Recipe, seed: int, inputs: RunInputs) -> Outcome:
        started, recipe = time.perf_counter(), of_seed(recipe, seed)
        data = self.data(recipe)
        loaded = time.perf_counter()
        program = self.program(recipe, traced=not self.frozen.wanted(recipe))

        def start(of: int) -> None:
            self._make_ready(program, recipe, of, inputs.weights)

        start(seed)
        program, data = self._made(recipe, program, data, partial(start, seed))
        traced = time.perf_counter()
        begun = Begun(inputs.metric, self.near_duplicates(recipe)[:2], self.arrays(recipe.data).digest, program.network.hashes(), started,
                      loaded - started, traced - loaded)
        return trained_together(Trainer(recipe, seed, data, program), begun, [of_seed(other, seed) for other in inputs.others], start,
                                lambda place: self.run(inputs.others[place], seed, replace(inputs, others=())))

    def _made(self, recipe: Recipe, program: Program, data: Resident, ready: Callable[[], None]) -> tuple[Program, Resident]:
        """Return the traced program and the data of a run: of the whole network, or of its head on the features of its frozen base."""
        program, data = self.frozen.on_features(recipe, program, data, ready)
        if not program.traced:
            program.trace(data.train[0])
        return program, data

    def _make_ready(self, program: Program, recipe: Recipe, seed: int, weights: Mapping[str, np.ndarray] | None) -> None:
        """Reset the program for a run, and load given or pretrained weights into its teacher or its base."""
        program.reset(recipe, seed)
        if program.teacher is not None:
            program.teacher.load(weights or {}, whole=True)
        elif recipe.transfer.weights or weights is not None:
            program.network.load(weights or self.pretrained(recipe))

    def time(self, recipes: Sequence[Recipe], rounds: int) -> list[list[Timing]]:
        self.hold(recipes)
        return measure([(recipe, self.program(recipe), self.data(recipe)) for recipe in recipes], rounds)

    def preview(self, recipe: Recipe, seed: int) -> Preview:
        return preview(recipe, seed, self.data(of_seed(recipe, seed)))

    def examples(self, recipe: Recipe, rows: Sequence[int]) -> ExampleImages:
        return examples(recipe, rows, self.data(recipe))

    def examine(self, recipe: Recipe) -> Examination:
        arrays, first = self.arrays(recipe.data), of_seed(recipe, 0)
        parts = split(arrays, first.data)
        scored = np.concatenate([parts.train, parts.validation, parts.test]) if recipe.data.folds else parts.test
        if not task(recipe.data.task).classes:
            return Examination((), self.near_duplicates(recipe), (), len(scored))
        return Examination(tuple(np.bincount(arrays.y[scored]).tolist()), self.near_duplicates(recipe),
                           telling_features(filled(arrays, parts.train, recipe.data), parts.train, parts.test), len(scored))

    def write(self, recipe: Recipe, seed: int, folder: str) -> list[str]:
        recipe = of_seed(recipe, seed)
        program = self.program(recipe, traced=False)
        program.reset(recipe, seed)
        return write_plain(recipe, seed, program, self.data(recipe), Path(folder))

    def diagnose(self) -> Diagnosis:
        threads = tf.config.threading.get_intra_op_parallelism_threads()
        return Diagnosis(threads, {"oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1"})

    def gain(self) -> Gain:
        return measured_gain()


def _network_key(recipe: Recipe) -> Hashable:
    """What :func:`demand_network` looks at: of recipes that are equal in it, that with the largest batches is looked at for all."""
    training = recipe.training
    return (recipe.data, recipe.model, recipe.transfer, recipe.hooks, recipe.imbalance.thresholds, recipe.scoring.passes > 0,
            training.resizing, training.devices)


def start(settings: Settings) -> KerasEngine:
    """Make this process a worker: register plug-ins, fix the number of compute threads, and claim devices."""
    if (training := (keras.Model, "fit", "trains a model")) not in FORBIDDEN:
        FORBIDDEN.append(training)
    if settings.watched:
        watch_readers()
    use(settings.plugins, settings.beside)
    tf.config.threading.set_intra_op_parallelism_threads(settings.threads)
    tf.config.threading.set_inter_op_parallelism_threads(settings.threads)
    claim(settings.devices, settings.worker)
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(device, True)
        tf.config.experimental.enable_op_determinism()
    return KerasEngine(settings)
