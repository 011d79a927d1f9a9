"""Runs a training step on one device, or on several that keep the same weights.

With several devices (``tf.distribute.MirroredStrategy``), each computes the gradients of a part of every batch; they are summed, and
every device makes the same update. But for rounding, a step gives the result of one device: losses are weighted by the whole batch,
penalties count once, batch normalisation takes its statistics over the whole batch, and a layer that draws draws for the whole batch and
uses its part. Devices are GPUs, or processor devices where there is no GPU.

Source: J. Chen et al., "Revisiting distributed synchronous SGD", 2016, https://arxiv.org/abs/1604.00981.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache, wraps
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from dlbench.engines.keras.network.network import Network
from dlbench.values.errors import InputError


class OneDevice:
    """Runs the step unchanged."""

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context in which a program makes its variables."""
        return nullcontext()

    def adapt(self, model: keras.Model) -> None:
        """Make a network ready to be given a part of each batch."""

    def demand(self, network: Network) -> None:
        """Refuse a network that cannot be given a part of each batch.

        Raises:
            InputError: it adds a loss of its own, which may depend on the whole batch.
        """

    def over(self, step: Callable) -> Callable:
        """Return the step that the loop calls on a whole batch, ``step(images, labels, rate)``."""
        return step

    def mean(self, values: tf.Tensor) -> tf.Tensor:
        """Average one number an example over the batch; of a part of it, return the part's share of that mean."""
        return tf.reduce_mean(values)

    def sum(self, values: tf.Tensor) -> tf.Tensor:
        """Sum one number an example."""
        return tf.reduce_sum(values)

    def once(self, penalties: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Weight loss terms that do not depend on examples, so that all devices together count them once."""
        return list(penalties)

    def total(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Sum each tensor over the devices; all of them get the sums."""
        return list(tensors)


class Part(NamedTuple):
    """A device's part of a batch: examples ``first`` to ``last`` of ``whole``, each counted ``weight`` times; scalar tensors."""

    first: tf.Tensor
    last: tf.Tensor
    whole: tf.Tensor
    weight: tf.Tensor

    def cut(self, batch: Any) -> Any:
        """Return the part of each tensor [whole, ...]."""
        return tf.nest.map_structure(lambda tensor: tensor if tensor is None else tensor[self.first : self.last], batch)

    def placed(self, x: Any) -> Any:
        """Put the part's tensor at its place in the batch, [whole, ...], with zeros elsewhere."""
        if not tf.is_tensor(x):
            return x
        around = [[self.first, self.whole - self.last], *[[0, 0]] * (len(x.shape) - 1)]
        return tf.ensure_shape(tf.pad(x, around), [None, *x.shape[1:]])


def part(number: int, of: int, whole: tf.Tensor) -> Part:
    """Return one of several parts of a batch, whose sizes differ by at most one example.

    Every device gets the whole of a batch that has fewer examples than there are devices, and counts only a share of it.

    Args:
        number: from 0.
        of: how many devices.
        whole: examples of the batch, int32.

    Example:
        >>> [[int(value) for value in part(number, 3, tf.constant(8))[:2]] for number in range(3)]
        [[0, 2], [2, 5], [5, 8]]
        >>> [round(float(value), 2) for value in part(2, 3, tf.constant(2))]
        [0.0, 2.0, 2.0, 0.33]
    """
    few = whole < of
    first, last = (tf.where(few, whole * turn, whole * (number + turn) // of) for turn in (0, 1))
    return Part(first, last, whole, tf.where(few, 1.0 / of, 1.0))


class Mirrored(OneDevice):
    """Keeps the same weights on several devices.

    Args:
        names: of the devices. The sums are made on the first of them, in the order of the devices, so that they are always the same.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.strategy = tf.distribute.MirroredStrategy(list(names), tf.distribute.ReductionToOneDevice())
        self.count, self._here = len(names), threading.local()

    @property
    def _part(self) -> Part | None:
        """The part that this thread traces; every device has its own thread."""
        return getattr(self._here, "part", None)

    @property
    def _traced(self) -> Part:
        if (part := self._part) is None:
            raise RuntimeError("a sum over devices is asked for outside of a step that runs on them")
        return part

    def scope(self) -> AbstractContextManager[Any]:
        return self.strategy.scope()

    def adapt(self, model: keras.Model) -> None:
        for layer in model._flatten_layers(include_self=True, recursive=True):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = True
            if layer._seed_generators:
                layer.call = self._in_its_place(layer.call)

    def demand(self, network: Network) -> None:
        _ = network.macs  # counting calls the network, and its layers note the losses that they add
        for layer in network.model._flatten_layers(include_self=True, recursive=True):
            if layer._losses:
                raise InputError(f"devices = {self.count}: layer '{layer.name}' adds a loss of its own, which may depend on the whole "
                                 "batch; accepted: devices = 1, or a layer without one")

    def over(self, step: Callable) -> Callable:
        def on_one(mine: Part, images: tf.Tensor, labels: Any, rate: tf.Tensor) -> tf.Tensor:
            self._here.part = mine
            return step(images, labels, rate)

        def shared(images: tf.Tensor, labels: Any, rate: tf.Tensor) -> tf.Tensor:
            whole = tf.shape(images)[0]
            parts = [part(number, self.count, whole) for number in range(self.count)]
            given = self.strategy.experimental_distribute_values_from_function(
                lambda replica: (mine := parts[replica.replica_id_in_sync_group], mine.cut(images), mine.cut(labels)))
            return self.strategy.experimental_local_results(self.strategy.run(on_one, (*given, rate)))[0]

        return shared

    def _in_its_place(self, call: Callable) -> Callable:
        """Wrap a layer's ``call`` so that it gets the whole batch, with zeros in the place of the other parts."""
        @wraps(call)
        def called(*inputs: Any, **options: Any) -> Any:
            mine, self._here.part = self._part, None  # layers within this one are given the whole batch
            try:
                output = call(*(inputs if mine is None else map(mine.placed, inputs)), **options)
            finally:
                self._here.part = mine
            return output if mine is None else mine.cut(output)

        return called

    def mean(self, values: tf.Tensor) -> tf.Tensor:
        return self.sum(values) / tf.cast(self._traced.whole, values.dtype)

    def sum(self, values: tf.Tensor) -> tf.Tensor:
        return self._traced.weight * tf.reduce_sum(values)

    def once(self, penalties: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        return [penalty / self.count for penalty in penalties]

    def total(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        dense = [tf.convert_to_tensor(tensor) for tensor in tensors]
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, dense)


@cache
def devices(count: int) -> OneDevice:
    """Return the devices of a run.

    Raises:
        InputError: there are fewer of them in this process.

    Example:
        >>> type(devices(1)).__name__
        'OneDevice'
    """
    if count == 1:
        return OneDevice()
    here = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(here) < count:
        raise InputError(f"devices = {count}: a worker has {len(here)} of type {here[0].device_type} here; accepted: as many GPUs for each "
                         "worker (fewer --jobs leave it more), or none at all: then processor devices stand in")
    return Mirrored([device.name for device in here[:count]])


def claim(count: int, worker: int) -> None:
    """Reserve the devices that runs on several of them need; called once a process, before TensorFlow computes anything.

    Args:
        count: devices of a run.
        worker: number of this worker on its machine, from 0; each has GPUs of its own.
    """
    if count == 1:
        return
    if gpus := tf.config.list_physical_devices("GPU"):
        tf.config.set_visible_devices(gpus[worker * count : (worker + 1) * count], "GPU")
    else:
        (processor,) = tf.config.list_physical_devices("CPU")
        tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * count)
