"""Colouring and erasing one image, compiled by numba.

Every sum is taken in the order in which TensorFlow takes it on a processor with fused multiply-add, so that the results are its to the bit.
"""

# pyright: reportCallIssue=false
# The first parameter of an intrinsic is the compiler's, and not the caller's.

from __future__ import annotations

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

from dlbench.kernels.fused.compiled import compiled
from dlbench.kernels.reference import NOISE_FACTORS

SPREAD, FIRST, SECOND = (numba.uint64(factor) for factor in NOISE_FACTORS)
LOW_32 = numba.uint64(0xFFFFFFFF)
LEAF, LANES = 8192, 8
"""Eigen sums up to this many values in four vectors of eight lanes; it halves what is longer."""
jit, inlined = compiled(), compiled(inline="always")


@intrinsic
def _fma(typing, x, y, z):
    """x·y + z, rounded once."""
    return types.float32(types.float32, types.float32, types.float32), lambda context, builder, signature, values: builder.fma(*values)


@jit
def convert(source, target):
    for k in range(len(source)):
        target[k] = source[k]


@jit
def offset(values, place, share, shift):
    """What is added to every value of an image: a share of its mean, and a shift."""
    if share == 0:
        return shift
    return share * (_sum(values, place * len(values)) / np.float32(len(values))) + shift


@jit
def _sum(values, first):
    """Add an image's values as Eigen does; ``first`` is the index of the image's first value in the batch.

    More than ``LEAF`` values are halved, where a vector begins that counts from the batch's first value, and halves again. A part is
    known by its depth: where it ends, whether it is a right half, and, if it is, the sum of the left one. It is a loop, for numba
    cannot load a function that calls itself from its cache.
    """
    ends, is_right, left_sums = np.empty(64, np.int64), np.zeros(64, np.bool_), np.empty(64, np.float32)
    lanes, ends[0], begin, depth = np.empty(4 * LANES, np.float32), len(values), 0, 0
    while True:
        while ends[depth] - begin > LEAF:
            middle = first + begin + (ends[depth] - begin + 1) // 2
            depth += 1
            ends[depth], is_right[depth] = -(-middle // LANES) * LANES - first, False
        total, begin = _sum_leaf(values[begin : ends[depth]], lanes), ends[depth]
        while is_right[depth]:
            total += left_sums[depth]
            depth -= 1
        if depth == 0:
            return total
        left_sums[depth], is_right[depth], ends[depth] = total, True, ends[depth - 1]


@jit
def _sum_leaf(values, lanes):
    """Add values in four vectors of lanes, those in one, the lanes by halves, and at last what fills no vector.

    Args:
        values: of part of an image.
        lanes: zeros, of four vectors. Were their number known to the compiler, it would unroll the loop over them, and not vectorise.
    """
    lanes[:] = 0
    fours, whole = len(values) // len(lanes) * len(lanes), len(values) // LANES * LANES
    table = values[:fours].reshape(-1, len(lanes))
    for row in range(len(table)):
        for lane in range(len(lanes)):
            lanes[lane] += np.float32(table[row, lane])
    for vector in range(1, 4):
        for lane in range(LANES):
            lanes[lane] += lanes[vector * LANES + lane]
    for k in range(fours, whole, LANES):
        for lane in range(LANES):
            lanes[lane] += np.float32(values[k + lane])
    rest = np.float32(0)
    for k in range(whole, len(values)):
        rest += np.float32(values[k])
    for half in (4, 2, 1):
        for lane in range(half):
            lanes[lane] += lanes[lane + half]
    return rest + lanes[0]


@jit
def _is_scalar(colour):
    for i in range(len(colour)):
        for j in range(len(colour)):
            if colour[i, j] != (colour[0, 0] if i == j else 0):
                return False
    return True


@inlined
def tint(source, target, colour, offset, low, high):  # noqa: PLR0913
    """Colour one flat image into another or, which the compiler knows only where this is inlined, in place."""
    if _is_scalar(colour):
        factor = colour[0, 0]
        for k in range(len(source)):
            target[k] = min(max(np.float32(source[k]) * factor + offset, low), high)
    elif len(colour) == 3:
        _tint_rgb(source, target, colour, offset, low, high)
    else:
        _tint_any(source, target, colour, offset, low, high)


@inlined
def _tint_rgb(source, target, m, offset, low, high):  # noqa: PLR0913
    rr, rg, rb, gr, gg, gb, br, bg, bb = m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    for pixel in range(np.uint64(len(source) // 3)):
        k = pixel * three
        r, g, b = np.float32(source[k]), np.float32(source[k + one]), np.float32(source[k + two])
        target[k] = min(max(_fma(b, br, _fma(g, gr, r * rr)) + offset, low), high)
        target[k + one] = min(max(_fma(b, bg, _fma(g, gg, r * rg)) + offset, low), high)
        target[k + two] = min(max(_fma(b, bb, _fma(g, gb, r * rb)) + offset, low), high)


@jit
def _tint_any(source, target, colour, offset, low, high):  # noqa: PLR0913
    channels = len(colour)
    pixel = np.empty(channels, np.float32)
    for k in range(0, len(source), channels):
        for i in range(channels):
            pixel[i] = source[k + i]
        for j in range(channels):
            value = pixel[0] * colour[0, j]
            for i in range(1, channels):
                value = _fma(pixel[i], colour[i, j], value)
            target[k + j] = min(max(value + offset, low), high)


@jit
def erase(out, box, key, low, width):
    _, columns, channels = out.shape
    for y in range(box[0], box[2]):
        for x in range(box[1], box[3]):
            for c in range(channels):
                place = numba.uint64((y * columns + x) * channels + c)
                bits = (numba.uint64(key) + place * SPREAD) & LOW_32
                bits = ((bits ^ (bits >> numba.uint64(16))) * FIRST) & LOW_32
                bits = ((bits ^ (bits >> numba.uint64(13))) * SECOND) & LOW_32
                bits = (bits ^ (bits >> numba.uint64(16))) >> numba.uint64(8)
                out[y, x, c] = low + width * (np.float32(bits) * np.float32(2.0**-24))
