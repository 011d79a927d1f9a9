"""Random numbers inside the compiled loop: each example's are a function of its own seed, whatever the batch it stands in."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import tensorflow as tf

SPREAD = 0x9E3779B9
"""2³² over the golden ratio: what one number's counter is from the next one's."""


class Draws:
    """The random numbers of the examples of a batch. Every call gives fresh ones.

    A counter-based generator: number *j* of an example is a hash of (*j*, the example's two words of seed), so it does not depend
    on the batch size, on the place in the batch, or on other streams.

    Args:
        seeds: [b, 2] uint32, the examples' own.
        stream: whose numbers these are, such as the reference of a function.

    Example:
        >>> seeds = tf.constant([[1, 2], [3, 4]], tf.uint32)
        >>> together, alone = Draws(seeds, "noise").uniform([5]), Draws(seeds[1:], "noise").uniform([5])
        >>> bool(tf.reduce_all(together[1:] == alone))
        True

    Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, https://doi.org/10.1145/2063384.2063405; the
    hash is the finaliser of A. Appleby's MurmurHash3, https://github.com/aappleby/smhasher.
    """

    def __init__(self, seeds: tf.Tensor, stream: str) -> None:
        keys = np.frombuffer(hashlib.sha256(stream.encode()).digest()[:8], ">u4").astype(np.uint32)
        self._first = scrambled(tf.bitwise.bitwise_xor(seeds[:, :1], keys[0]))
        self._second = scrambled(tf.bitwise.bitwise_xor(seeds[:, 1:], keys[1]) + self._first)
        self._taken = 0

    def uniform(self, shape: tuple[int, ...] = ()) -> tf.Tensor:
        """Numbers in [0, 1), float32 [b, \\*shape]; the shape of one example's is known when the program is traced."""
        count = math.prod(shape)
        counters = np.arange(self._taken, self._taken + count, dtype=np.uint32)[None] * np.uint32(SPREAD)
        self._taken += count
        return tf.reshape(unit(scrambled(scrambled(counters + self._first) + self._second)), [-1, *shape])

    def normal(self, shape: tuple[int, ...] = ()) -> tf.Tensor:
        """Standard normal numbers, float32 [b, \\*shape].

        Source: G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", 1958,
        https://doi.org/10.1214/aoms/1177706645.
        """
        radius = tf.sqrt(-2 * tf.math.log(1 - self.uniform(shape)))
        return radius * tf.cos(2 * math.pi * self.uniform(shape))


def scrambled(words: tf.Tensor) -> tf.Tensor:
    """Map each 32-bit word to another one, one to one: the finaliser of MurmurHash3."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        words = tf.bitwise.bitwise_xor(words, tf.bitwise.right_shift(words, tf.constant(shift, tf.uint32)))
        words = words * tf.constant(factor, tf.uint32)
    return words


def unit(words: tf.Tensor) -> tf.Tensor:
    """The upper 24 bits of each 32-bit word as a float32 in [0, 1)."""
    return tf.cast(tf.bitwise.right_shift(words, tf.constant(8, tf.uint32)), tf.float32) * 2.0**-24
