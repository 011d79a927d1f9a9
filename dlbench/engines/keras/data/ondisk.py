"""Images that are larger than memory: rows are read from a memory map when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

CHUNK_BYTES = 2**24
"""How much is read, or augmented, at once; where images are read from disk, two such chunks are kept ahead of the computation.

The memory of larger arrays is returned to the system and zeroed anew each time, which takes twice as long as augmenting them does.
"""


@dataclass(frozen=True)
class OnDisk:
    """Rows of a memory-mapped array, in an order of their own.

    Attributes:
        source: [N, H, W, C].
        rows: positions in ``source``, int64 [n].
    """

    source: np.ndarray
    rows: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """[n, H, W, C]."""
        return (len(self.rows), *self.source.shape[1:])

    @property
    def dtype(self) -> tf.DType:
        """Of the stored values."""
        return tf.as_dtype(self.source.dtype)

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, chosen: np.ndarray | slice) -> np.ndarray:
        """Some of the rows, in memory."""
        return np.ascontiguousarray(self.source[self.rows[chosen]])

    def whole_batches(self, batch_size: int) -> int:
        """How many rows a chunk has: a multiple of the batch size."""
        return whole_batches(self.source[0].nbytes, batch_size)

    def spans(self, size: int) -> list[slice]:
        """All rows, ``size`` at a time."""
        return [slice(first, first + size) for first in range(0, len(self), size)]

    def stream(self, wanted: Sequence[np.ndarray | slice]) -> Iterator[tf.Tensor]:
        """Some rows after the other, read ahead by ``tf.data`` while the caller computes."""
        kind = tf.TensorSpec([None, *self.shape[1:]], self.dtype)
        chunks = tf.data.Dataset.from_generator(lambda: map(self.read, wanted), output_signature=kind)
        return iter(chunks.prefetch(2))


def whole_batches(row_bytes: int, batch_size: int) -> int:
    """How many rows of a size a chunk has: a multiple of the batch size, and one batch at least.

    Example:
        >>> whole_batches(3072, 64), whole_batches(2**24, 64)
        (5440, 64)
    """
    return max(CHUNK_BYTES // (row_bytes * batch_size), 1) * batch_size


Images = tf.Tensor | OnDisk
"""What a program trains on: images on the device, or on disk."""


def head(images: Images, count: int) -> Images:
    """The first ``count`` images."""
    return OnDisk(images.source, images.rows[:count]) if isinstance(images, OnDisk) else images[:count]
