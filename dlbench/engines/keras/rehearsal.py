"""Tries recipes for planning: builds their networks, trains one step where that is cheap, and says what stands in the way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

import keras
import numpy as np
import psutil
import tensorflow as tf

from dlbench.engines.keras.data.batches import Epoch
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.devices import devices
from dlbench.engines.keras.loop.frozen import features_size
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import demand_watched, draw
from dlbench.engines.keras.measure.pictures import consumed_batch, consumed_inputs, one_of_each
from dlbench.engines.keras.memory import LOOPS, Memory
from dlbench.engines.keras.network.cost import training_bytes
from dlbench.engines.keras.network.hooks import Hooked
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.originals import original
from dlbench.engines.keras.network.own_demands import own_steps
from dlbench.engines.keras.network.sampling import demanded_dropouts
from dlbench.engines.keras.network.sizes import demand_sizes
from dlbench.engines.keras.network.thresholds import output_bias
from dlbench.models import architecture
from dlbench.tasks import task
from dlbench.values.augmentation import Augmentation
from dlbench.values.course import sizes_px
from dlbench.values.errors import InputError
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.recipe import Recipe, edit
from dlbench.values.rehearsal import Rehearsal
from dlbench.values.window import demand_stages

MOST_LAYERS = 200
"""A network of more layers is built, but not trained for a step, which would take many seconds an arm."""
LOOKED_AT, EPOCHS = 64, 3
"""Training images and epochs in which augmentation is looked at."""
STEP_EXAMPLES = 2
GIB = 2**30
REMARKED_BYTES = 2 * GIB
"""Memory of training that is remarked on."""


def demand_network(memory: Memory, recipe: Recipe, data: Resident, network: Network) -> None:
    """Check that a recipe's network can be trained as it is, with all that it starts from.

    Raises:
        InputError: it cannot.
    """
    demand_plain(recipe, network)
    demand_memory(recipe, network, len(data.train[1]))
    devices(recipe.training.devices).demand(network)
    Hooked(recipe.hooks).tried(data.shape, network.units, data.train[1])
    if network.own is not None:
        network.own.tried()
    if recipe.imbalance.thresholds:
        output_bias(network, recipe.model.name)
    if recipe.scoring.passes:
        demanded_dropouts(recipe.model.name, network.model)
    if recipe.training.resizing.start:
        demand_sizes(recipe.model.name, network, sizes_px(recipe.training.resizing, data.shape))
        demand_stages(recipe, len(data.train[1]))
    if recipe.transfer.weights:
        network.load(memory.pretrained(recipe))
    _ = network.macs  # counting traces the network, so that one which cannot be traced is refused before any run


def demand_memory(recipe: Recipe, network: Network, examples: int) -> None:
    """Refuse a network whose training takes more than the memory of this machine.

    Raises:
        InputError: saying how much it takes, and what takes less.
    """
    wanted, there = training_bytes(network.model, min(recipe.training.batch_size, examples)), psutil.virtual_memory().total
    if wanted > there and not tf.config.list_physical_devices("GPU"):
        size = "smaller images (`size = [height, width]`), " if len(network.shape) == 3 else ""
        raise InputError(f"{_memory(recipe, network, wanted)}, and this machine has {there / GIB:,.1f} GiB; accepted: {size}a smaller "
                         "model or batch_size")


def _memory(recipe: Recipe, network: Network, wanted: int) -> str:
    return (f"model '{recipe.model.name}': training takes at least {wanted / GIB:,.1f} GiB of memory ({network.parameters():,} parameters, "
            f"batches of {recipe.training.batch_size} examples of {'x'.join(map(str, network.shape))})")


def demand_plain(recipe: Recipe, network: Network) -> None:
    """Refuse a network that computes in other numbers than float32 by itself, or that remembers the batch before.

    Raises:
        InputError: naming the first such layer, and what to do.
    """
    if tf.config.functions_run_eagerly():
        raise InputError(f"model '{recipe.model.name}': its code calls tf.config.run_functions_eagerly(True); leave that out")
    for layer in network.model._flatten_layers(include_self=False, recursive=True):
        kind = layer.dtype_policy.name
        if recipe.model.precision == "float32" and kind.startswith(("mixed_", "float", "bfloat")) and kind != "float32":
            raise InputError(f"model '{recipe.model.name}': layer '{layer.name}' has the dtype policy {kind}; build the model in float32 "
                             "(no keras.config.set_dtype_policy, no set_floatx); the technique mixed_precision computes in 16 bits")
        if getattr(layer, "stateful", False):
            raise InputError(f"model '{recipe.model.name}': layer '{layer.name}' is stateful, so a batch would depend on the one before "
                             "it, and the order is drawn anew in every epoch; build the layer with stateful=False")


def rehearse(memory: Memory, recipe: Recipe) -> Rehearsal:
    """Try a recipe; what stands in the way of running it is told, not raised."""
    try:
        data = memory.data(recipe)
        demand_watched(recipe, data)
        program: Program = LOOPS[recipe.training.loop](recipe, data.shape, data.classes)
        network = program.network
        remarks = (*_said(memory, recipe), *_unused(recipe, data), *_large(recipe, network, len(data.train[1])))
        demand_network(memory, recipe, data, network)
        _try_step(recipe, data, program)
    except InputError as error:
        return Rehearsal(str(error))
    except Exception as error:  # what the user's layers raise is the user's to mend
        return Rehearsal(f"a training step of it fails: {_cause(error)}")
    layers = network.model._flatten_layers(include_self=False, recursive=True)
    return Rehearsal(
        "", _computed(network), network.parameters(), {scope: len(kernels) for scope, kernels in network.kernels.items()},
        sum(len(layer._seed_generators) > 0 for layer in layers), (len(data.train[1]), len(data.validation[1]), len(data.test[1])),
        _data_hash(data), _moved(recipe, data), remarks, features_size(recipe, network, [len(y) for _, y in data.parts]),
        _classes(recipe, data))


def _classes(recipe: Recipe, data: Resident) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Count the training and the test examples of each class."""
    if not task(recipe.data.task).classes:
        return (), ()
    train, test = (tuple(np.bincount(y.numpy(), minlength=data.classes).tolist()) for _, y in (data.train, data.test))
    return train, test


def _said(memory: Memory, recipe: Recipe) -> Iterator[str]:
    """Yield what reading a set of tensorflow-datasets noted, where nothing else looks at it before a study is run."""
    if recipe.data.source.startswith("tfds:") and architecture(recipe.model.name).has is not None:
        yield from (f"dataset '{recipe.data.source}': {note}" for note in memory.arrays(recipe.data).notes)


def _large(recipe: Recipe, network: Network, examples: int) -> Iterator[str]:
    if (wanted := training_bytes(network.model, min(recipe.training.batch_size, examples))) > REMARKED_BYTES:
        yield _memory(recipe, network, wanted)


def _try_step(recipe: Recipe, data: Resident, program: Program) -> None:
    """Train one step of two examples: as the run does where XLA compiles it or Keras carries it out, else without tracing it."""
    program.reset(recipe, 0)
    rows = np.arange(min(STEP_EXAMPLES, len(data.positions)), dtype=np.int32)
    epoch = Epoch(rows, np.array([recipe.training.learning_rate], np.float32), *draw(recipe, 0, data, 0))
    if recipe.training.xla or recipe.training.loop != "compiled":
        program.trace(data.train[0])
        program.train(*data.train, data.inputs, epoch, len(rows))
    elif recipe.training.devices == 1 and len(program.model.layers) <= MOST_LAYERS:
        images, labels = consumed_batch(recipe, epoch, data)
        program.step(program._ordered(images), labels, tf.constant(recipe.training.learning_rate))
    program.reset(recipe, 0)


def _cause(error: Exception) -> str:
    """Describe what a step raised in one line; of XLA's answer, only the operations that it does not have."""
    text = " ".join(str(error).split())
    if found := re.search(r"Detected unsupported operations when trying to compile .*?: (.*?)\)? ?(?:\(|\{\{|The op is created)", text):
        return f"XLA has no {found.group(1).split(' (')[0]}, so this network cannot be compiled by it; leave the technique xla out"
    return f"{type(error).__name__}: {text}"[:300]


def _unused(recipe: Recipe, data: Resident) -> Iterator[str]:
    """Yield what the user's own function gave a model beside its layers, which dlbench does not use."""
    if ":" not in recipe.model.name:
        return
    model, asked = original(recipe, data.shape, data.classes), OF_MODEL in (recipe.training.loss, recipe.training.optimizer)
    if model.compiled and not asked:
        yield (f"model '{recipe.model.name}': what it was compiled with (optimizer, loss, metrics) is not used; the study decides them; "
               "with loss = \"model\" it is")
    if (own := own_steps(model)) and recipe.training.loss != OF_MODEL:
        yield f"model '{recipe.model.name}': its own {' and '.join(own)} is not called; dlbench trains the network by its own loop"


def _computed(network: Network) -> dict[str, str]:
    """Map each layer to a hash of its class, its settings and its initial weights."""
    initial = network.hashes()
    found = {}
    for layer in network.model._flatten_layers(include_self=False, recursive=True):
        if isinstance(layer, keras.layers.InputLayer):  # it computes nothing, and its name differs from one build to the next
            continue
        try:
            config = layer.get_config()
        except NotImplementedError:
            config = {}
        told = {name: value for name, value in config.items() if not name.endswith("_initializer") and name != "name"}
        shapes = [list(weight.shape) for weight in layer.weights]
        content = json.dumps([type(layer).__name__, told, shapes, layer.trainable, initial.get(layer.name)], default=_kind, sort_keys=True)
        found[layer.name] = hashlib.sha256(content.encode()).hexdigest()[:16]
    return found


def _kind(value: object) -> str:
    return type(value).__name__


def _data_hash(data: Resident) -> str:
    scaling = [part.numpy().tolist() for part in (data.inputs.scale, data.inputs.offset)]
    return hashlib.sha256(json.dumps([data.hashes, scaling]).encode()).hexdigest()[:16]


def _moved(recipe: Recipe, data: Resident) -> tuple[int, int]:
    """Count the training images that augmentation changes in a few epochs, and those that were looked at."""
    if recipe.augmentation == Augmentation() and not recipe.hooks.images:
        return 0, 0
    rows = one_of_each(task(recipe.data.task).strata(data.train[1].numpy()), LOOKED_AT)
    plain = edit(recipe, augmentation=Augmentation(), hooks__images=())
    changed = np.zeros(len(rows), bool)
    for epoch in range(EPOCHS):
        ours, theirs = (consumed_inputs(one, 0, data, rows, epoch).numpy() for one in (recipe, plain))
        changed |= (ours != theirs).reshape(len(rows), -1).any(axis=1)
    return int(changed.sum()), len(rows)

