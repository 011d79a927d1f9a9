"""Turns rows of the training data into augmented inputs and labels inside the graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from dlbench.kernels.augment import add_noise, cut_out, displacements, distort, erase, mix, tint, warp
from dlbench.kernels.maps import Maps
from dlbench.kernels.mixing import NO_MIXING, Mixing


@dataclass(frozen=True)
class Inputs:
    """How raw values become inputs: x·scale + offset per channel; ``span`` is the smallest value and the full range."""

    scale: tf.Tensor
    offset: tf.Tensor
    span: tf.Tensor


@dataclass(frozen=True)
class Epoch:
    """What a stretch of training consumes, on the device.

    Attributes:
        order: int32 [n] rows of the training data in the order of their use.
        rates: float32 [steps] learning rate of each step.
        maps: augmentation of each row of the training data.
        mixing: what each row of the training data is mixed with.
        weights: float32 [n], of the loss of each row of the training data; None where all have 1.
        draws: int32 [n] the row of maps and mixing for each use of an example; None: that of the example.
        size: height and width that augmented images are brought to; None: their own.
    """

    order: np.ndarray
    rates: np.ndarray
    maps: Maps
    mixing: Mixing = NO_MIXING
    weights: np.ndarray | None = None
    draws: np.ndarray | None = None
    size: tuple[int, int] | None = None

    @property
    def rows(self) -> np.ndarray:
        """Rows of the training data, and those of maps and mixing, int32 [2, n]."""
        return np.stack([self.order, self.order if self.draws is None else self.draws]).astype(np.int32)

    def consumed(self, span: slice) -> np.ndarray:
        """Rows of the training data that a run of whole steps reads: those it trains on, then those they are mixed with."""
        rows, drawn = self.rows[:, span]
        return np.concatenate([rows, self.mixing.partner[drawn]]) if len(self.mixing.partner) else rows

    def part(self, span: slice, batch_size: int) -> Epoch:
        """A run of whole steps, for rows that were gathered beforehand by :meth:`consumed`: its order is 0, 1, 2, ..."""
        drawn, consumed = self.rows[1, span], self.consumed(span)
        count, first, mixing = len(drawn), span.start // batch_size, self.mixing
        if len(consumed) > count:
            mixing = dataclasses.replace(mixing.rows(drawn), partner=np.arange(count, 2 * count, dtype=np.int32))
        maps = self.maps.rows(np.concatenate([drawn, consumed[count:]])) if len(self.maps.shift) else self.maps
        weights = None if self.weights is None else self.weights[consumed]
        return Epoch(np.arange(count), self.rates[first : first + -(-count // batch_size)], maps, mixing, weights, size=self.size)

    def drawn(self) -> tuple[list[tf.Tensor], list[tf.Tensor], tf.Tensor]:
        """Maps, mixing and weights, on the device."""
        maps, mixing = ([tf.constant(array) for array in drawn.arrays()] for drawn in (self.maps, self.mixing))
        return maps, mixing, tf.constant([] if self.weights is None else self.weights, tf.float32)


class Labels(NamedTuple):
    """What a batch is trained towards: the images' targets; where images are mixed, also their partners' and the share of their own.

    Where losses are weighted, ``weights`` are those of the images' targets, and ``partner_weights`` those of their partners'.
    """

    targets: tf.Tensor
    partner_targets: tf.Tensor | None = None
    share: tf.Tensor | None = None
    weights: tf.Tensor | None = None
    partner_weights: tf.Tensor | None = None

    def mixed(self, own: tf.Tensor, partner: tf.Tensor | None) -> tf.Tensor:
        """Mix what belongs to the images' own targets with what belongs to their partners', by the share; without mixing, the former."""
        return own if self.share is None else self.share * own + (1 - self.share) * partner

    def blended(self, form: Callable[[tf.Tensor], tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Return one target an example, and the weight of each; a mixed target of two weights is their weighted mean, with their sum.

        Args:
            form: gives targets as columns, [b, k].
        """
        own = form(self.targets)
        if self.partner_targets is None or self.share is None:
            return own, self.weights
        partner, share = form(self.partner_targets), self.share[:, None]
        if self.weights is None or self.partner_weights is None:
            return share * own + (1 - share) * partner, None
        weights = self.mixed(self.weights, self.partner_weights)
        part = share * self.weights[:, None] / weights[:, None]
        return part * own + (1 - part) * partner, weights


@dataclass(frozen=True)
class Acting:
    """What acts on the images of a batch.

    Attributes:
        parts: of the augmentation, from :func:`dlbench.values.augmentation.parts`.
        hooks: functions of plug-ins, called as ``hooks(images, seeds, span)`` on raw values; None where there are none.
        weighted: whether the losses of examples are weighted.
        place: of several packed inputs, where the values of that stand which augmentation acts on; None where all are of one.
        shape: of an example of that input.
    """

    parts: dict[str, bool]
    hooks: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor] | None = None
    weighted: bool = False
    place: slice | None = None
    shape: tuple[int, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether anything changes the images themselves."""
        return self.hooks is not None or any(on for name, on in self.parts.items() if name != "mixing")

    def on_packed(self, x: tf.Tensor, change: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
        """Change the images among the packed inputs of examples, [b, numbers]; of one input, all that there is."""
        if self.place is None:
            return change(x)
        first, last = self.place.start, self.place.stop
        changed = change(tf.reshape(x[:, first:last], [-1, *self.shape]))
        return tf.concat([x[:, :first], tf.reshape(changed, [-1, last - first]), x[:, last:]], axis=1)


def specs() -> tuple[list[tf.TensorSpec], list[tf.TensorSpec], tf.TensorSpec]:
    """The kinds of :meth:`Epoch.drawn`."""
    number, rows, boxes = tf.TensorSpec([None]), tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, 4], tf.int32)
    keys, seeds = tf.TensorSpec([None], tf.uint32), tf.TensorSpec([None, 2], tf.uint32)
    maps = [tf.TensorSpec([None, 8]), tf.TensorSpec([None, None, None]), number, number, boxes, keys, boxes, seeds, number,
            tf.TensorSpec([None, 2])]
    return maps, [rows, number, number, boxes], number


def batch(acting: Acting, data: tuple, inputs: tuple, rows: tf.Tensor, drawn: tuple) -> tuple[tf.Tensor, Labels]:
    """Augmented, scaled images of some rows, and their labels.

    Args:
        acting: on the images.
        data: raw images [n, H, W, C] and targets [n].
        inputs: scale, offset and span.
        rows: int32 [2, b], see :attr:`Epoch.rows`.
        drawn: maps, mixing and weights of all n rows, from :meth:`Epoch.drawn`.
    """
    (x, y), (maps, mixing, weights), (rows, draws) = data, drawn, tf.unstack(rows)
    images, labels = _augmented(acting, x, inputs, rows, maps, draws), tf.gather(y, rows)
    own = tf.gather(weights, rows) if acting.weighted else None
    if not acting.parts["mixing"]:
        return images, Labels(labels, weights=own)
    partner, blend, share, boxes = (tf.gather(part, draws) for part in mixing)
    others = _augmented(acting, x, inputs, partner, maps, partner)
    theirs = tf.gather(weights, partner) if acting.weighted else None
    return mix(images, others, blend, boxes), Labels(labels, tf.gather(y, partner), share, own, theirs)


def transform(parts: dict[str, bool], images: tf.Tensor, maps: Sequence[tf.Tensor], span: tf.Tensor) -> tf.Tensor:
    """Move, distort, colour and erase images: the parts of augmentation that act on raw values.

    Args:
        parts: which of them act, from :func:`dlbench.values.augmentation.parts`.
        images: raw values [b, H, W, C], or of sequences [b, T, C], which are moved as images of width 1 are.
        maps: the arrays of the images' :class:`dlbench.kernels.maps.Maps`, in their order.
        span: [2]: smallest possible value and full range.

    Returns:
        float32, of the images' shape.
    """
    images = tf.cast(images, tf.float32)
    affine, colour, towards_mean, shift, erased, noise, _, seeds, _, elastic = maps
    if parts["geometric"]:
        images = warp(images, affine) if len(images.shape) == 4 else warp(images[:, :, None], affine)[:, :, 0]
    if parts["elastic"]:
        images = distort(images, displacements(seeds, elastic, tuple(images.shape[1:3])))
    if parts["colour"]:
        images = tint(images, colour, towards_mean, shift, span)
    return erase(images, erased, noise, span) if parts["erasing"] else images


def _augmented(acting: Acting, x, inputs, rows, maps, draws):  # noqa: PLR0913  (each is an input of the traced program)
    images = tf.gather(x, rows)
    if not acting.acts:
        return tf.cast(images, tf.float32) * inputs[0] + inputs[1]
    maps = [tf.gather(part, draws) for part in maps]
    hole, seeds, level = maps[6:9]

    def raw(images):
        images = transform(acting.parts, images, maps, inputs[2])
        return images if acting.hooks is None else acting.hooks(images, seeds, inputs[2])

    def scaled(images):
        images = add_noise(images, level, seeds) if acting.parts["noise"] else images
        return cut_out(images, hole) if acting.parts["cutout"] else images

    return acting.on_packed(acting.on_packed(images, raw) * inputs[0] + inputs[1], scaled)
