"""Images that are larger than memory: rows are read from a memory map when they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

CHUNK_BYTES = 2**24
"""How much is read or augmented at once. From disk, two such chunks are read ahead of the computation.

The system takes back the memory of larger arrays and zeroes it each time, which takes twice as long as augmenting them.
"""


@dataclass(frozen=True)
class OnDisk:
    """Chosen rows of a memory-mapped array.

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
        """The type of the stored values."""
        return tf.as_dtype(self.source.dtype)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, span: slice | np.ndarray) -> OnDisk:
        return OnDisk(self.source, self.rows[span])

    def read(self, chosen: np.ndarray | slice) -> np.ndarray:
        """Read some of the rows into memory."""
        return np.ascontiguousarray(self.source[self.rows[chosen]])

    def whole_batches(self, batch_size: int) -> int:
        """Count the rows of a chunk: a multiple of the batch size."""
        return whole_batches(self.source[0].nbytes, batch_size)

    def spans(self, size: int) -> list[slice]:
        """Split the rows into slices of ``size``."""
        return [slice(first, first + size) for first in range(0, len(self), size)]

    def stream(self, wanted: Sequence[np.ndarray | slice]) -> Iterator[tf.Tensor]:
        """Yield chunks of rows; ``tf.data`` reads ahead while the caller computes."""
        kind = tf.TensorSpec([None, *self.shape[1:]], self.dtype)
        chunks = tf.data.Dataset.from_generator(lambda: map(self.read, wanted), output_signature=kind)
        return iter(chunks.prefetch(2))


def whole_batches(row_bytes: int, batch_size: int) -> int:
    """Count the rows of a chunk: a multiple of the batch size, and at least one batch.

    Example:
        >>> whole_batches(3072, 64), whole_batches(2**24, 64)
        (5440, 64)
    """
    return max(CHUNK_BYTES // (row_bytes * batch_size), 1) * batch_size


Images = tf.Tensor | OnDisk
"""Images that a program trains on: on the device, or on disk."""
