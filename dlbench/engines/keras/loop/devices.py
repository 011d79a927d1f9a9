"""Where a training step is carried out: on one device, or shared out over several that keep the same weights.

Several devices (``tf.distribute.MirroredStrategy``) each take a part of every batch forward and back; the gradients of the parts are
summed, and every device makes the same update with the sum. What a step computes is what it computes on one device, but for rounding:
losses are weighted by the whole batch, penalties are counted once, batch normalisation takes its statistics over the whole batch, and a
layer that draws draws for the whole batch and uses its part. GPUs are taken where there are any, else processor devices stand in.

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
    """The step as it is."""

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context in which the variables of a program are made."""
        return nullcontext()

    def adapt(self, model: keras.Model) -> None:
        """Make a network ready to be given a part of each batch."""

    def demand(self, network: Network) -> None:
        """Refuse a network that cannot be given a part of each batch."""

    def over(self, step: Callable) -> Callable:
        """The step as the loop calls it, ``step(images, labels, rate)``, on a whole batch."""
        return step

    def mean(self, values: tf.Tensor) -> tf.Tensor:
        """Mean over the batch of one number an example; of a part of it, the part's share of that mean."""
        return tf.reduce_mean(values)

    def sum(self, values: tf.Tensor) -> tf.Tensor:
        """The sum of one number an example."""
        return tf.reduce_sum(values)

    def once(self, penalties: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Terms of the loss that are not of the examples, so that all devices together count them once."""
        return list(penalties)

    def total(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Each tensor summed over the devices, the same on all of them."""
        return list(tensors)


class Part(NamedTuple):
    """A device's part of a batch: examples ``first`` to ``last`` of ``whole``, each counted ``weight`` times; scalar tensors."""

    first: tf.Tensor
    last: tf.Tensor
    whole: tf.Tensor
    weight: tf.Tensor

    def cut(self, batch: Any) -> Any:
        """The part of each tensor [whole, ...]."""
        return tf.nest.map_structure(lambda tensor: tensor if tensor is None else tensor[self.first : self.last], batch)

    def placed(self, x: Any) -> Any:
        """The part's tensor at its place in the batch, [whole, ...], with zeros in the place of the others."""
        if not tf.is_tensor(x):
            return x
        around = [[self.first, self.whole - self.last], *[[0, 0]] * (len(x.shape) - 1)]
        return tf.ensure_shape(tf.pad(x, around), [None, *x.shape[1:]])


def part(number: int, of: int, whole: tf.Tensor) -> Part:
    """One of so many parts, whose sizes differ by one example at most.

    A batch of fewer examples than devices is given to each of them whole, and counts a share of one: no device is without examples.

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
    """The same weights on several devices.

    Args:
        names: of the devices. The sums are made on the first of them, in the order of the devices, so that they are always the same.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.strategy = tf.distribute.MirroredStrategy(list(names), tf.distribute.ReductionToOneDevice())
        self.count, self._here = len(names), threading.local()

    @property
    def _part(self) -> Part | None:
        """The part that is being traced: every device has a thread of its own."""
        return getattr(self._here, "part", None)

    def scope(self) -> AbstractContextManager[Any]:
        """Variables made within are kept on every device."""
        return self.strategy.scope()

    def adapt(self, model: keras.Model) -> None:
        """Have batch normalisation and layers that draw see the whole batch."""
        for layer in model._flatten_layers(include_self=True, recursive=True):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = True
            if layer._seed_generators:
                layer.call = self._in_its_place(layer.call)

    def demand(self, network: Network) -> None:
        """Refuse a network with a loss of its own, of which nobody knows how it adds up over parts of a batch.

        Raises:
            InputError: it has one.
        """
        _ = network.macs  # the network was called to count them, and its layers have noted what they add
        for layer in network.model._flatten_layers(include_self=True, recursive=True):
            if layer._losses:
                raise InputError(f"devices = {self.count}: layer '{layer.name}' adds a loss of its own, which may depend on the whole "
                                 "batch; accepted: devices = 1, or a layer without one")

    def over(self, step: Callable) -> Callable:
        """A step on a whole batch: every device steps on its part."""
        def on_one(mine: Part, images: tf.Tensor, labels: Any, rate: tf.Tensor) -> tf.Tensor:
            self._here.part = mine
            return step(images, labels, rate)

        def shared(images: tf.Tensor, labels: Any, rate: tf.Tensor) -> tf.Tensor:
            whole = tf.shape(images)[0]
            parts = [part(number, self.count, whole) for number in range(self.count)]
            given = self.strategy.experimental_distribute_values_from_function(
                lambda place: (own := parts[place.replica_id_in_sync_group], own.cut(images), own.cut(labels)))
            return self.strategy.experimental_local_results(self.strategy.run(on_one, (*given, rate)))[0]

        return shared

    def _in_its_place(self, call: Callable) -> Callable:
        """A layer's ``call`` that is made for the whole batch, with zeros in the place of the other parts."""
        @wraps(call)
        def called(*inputs: Any, **options: Any) -> Any:
            mine, self._here.part = self._part, None  # layers within this one are given the whole batch
            try:
                found = call(*(inputs if mine is None else map(mine.placed, inputs)), **options)
            finally:
                self._here.part = mine
            return found if mine is None else mine.cut(found)

        return called

    def mean(self, values: tf.Tensor) -> tf.Tensor:
        """A part's share of the mean over the whole batch."""
        return self.sum(values) / tf.cast(self._part.whole, values.dtype)

    def sum(self, values: tf.Tensor) -> tf.Tensor:
        """The sum over a part, as it counts."""
        return self._part.weight * tf.reduce_sum(values)

    def once(self, penalties: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """An equal share of each."""
        return [penalty / self.count for penalty in penalties]

    def total(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Each tensor summed over the devices."""
        dense = [tf.convert_to_tensor(tensor) for tensor in tensors]
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, dense)


@cache
def devices(count: int) -> OneDevice:
    """Choose the devices of a run by their number.

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
    """Take the devices that runs on several of them will need; once a process, before TensorFlow computes anything.

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
