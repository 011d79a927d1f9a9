"""The fused pass of augmentation, compiled by numba: each image is moved, coloured and erased while it is in the processor's cache.

Training calls it ahead of its steps; without numba the training graph does the same by :mod:`dlbench.kernels.augment`. Every sum is
taken in the order in which TensorFlow takes it on a processor with fused multiply-add, so that both give the same bits.
"""

from __future__ import annotations

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from dlbench.kernels.maps import Maps
from dlbench.kernels.reference import NOISE_FACTORS

SPREAD, FIRST, SECOND = (numba.uint64(factor) for factor in NOISE_FACTORS)
LOW_32 = numba.uint64(0xFFFFFFFF)
BORDER = 2
"""Pixels of zeros around an image that is resampled. Sampling points farther out are moved there, so that no pixel needs a test."""
OUTSIDE = np.float32(-BORDER)
SEGMENT = 32
"""Pixels of a row whose sampling points are computed together."""
STEPS = np.arange(SEGMENT, dtype=np.float32)
LEAF, LANES = 8192, 8
"""Eigen sums up to this many values in four vectors of eight lanes; it halves what is longer."""
jit = numba.njit(cache=True, error_model="numpy", inline="never")
inlined = numba.njit(cache=True, error_model="numpy", inline="always")


def augment(images: np.ndarray, maps: Maps, span: tuple[float, float], coloured: bool, places: np.ndarray | None = None) -> np.ndarray:
    """Move, colour and erase each image as its maps say, on one thread.

    Args:
        images: [b, H, W, C], uint8 or float32.
        maps: from :func:`dlbench.kernels.maps.maps`, one row an image; the hole of cutout is left to the caller.
        span: smallest possible value and full range; coloured values are clipped to it.
        coloured: whether any transform of colours acts; where none does, values are not clipped.
        places: int64 [b], place of each image in its batch, 0, 1, 2, ... by default: where an image has over 8192 values and not a
            multiple of 8, Eigen sums them in an order that depends on it.

    Returns:
        float32 [b, H, W, C].
    """
    images = np.ascontiguousarray(images, np.uint8 if images.dtype == np.uint8 else np.float32)
    out = np.empty(images.shape, np.float32)
    height, width, channels = images.shape[1:]
    framed = np.zeros((height + 2 * BORDER) * (width + 2 * BORDER) * channels + 1, np.float32)  # read four values at a time
    places = np.arange(len(images)) if places is None else places
    parts = maps.affine, maps.colour, maps.towards_mean, maps.shift, maps.erased, maps.noise
    _augment_all(images, places, *parts, *map(np.float32, span), coloured, framed, out)
    return out


@intrinsic
def _fma(typing, x, y, z):
    """x·y + z, rounded once."""
    return types.float32(types.float32, types.float32, types.float32), lambda context, builder, signature, values: builder.fma(*values)


@intrinsic
def _blend(typing, source, corners, weights, target, place):  # noqa: PLR0913
    """Set target[place + i] to over·(rest·source[a + i] + right·source[b + i]) + down·(rest·source[c + i] + right·source[d + i]).

    Corners are (a, b, c, d), weights are (rest, right, over, down), and i is 0 to 3: three channels of a pixel and a value that the
    next pixel overwrites. It is LLVM by hand because numba makes no vectors of so short a loop, which takes 1.7 times as long.
    """

    def generate(context, builder, signature, values):
        vector, index = ir.VectorType(ir.FloatType(), 4), ir.IntType(32)

        def four(kind, array, start):
            pointer = builder.gep(context.make_array(kind)(context, builder, array).data, [start])
            return builder.bitcast(pointer, vector.as_pointer())

        def repeated(number):
            first = builder.insert_element(ir.Constant(vector, ir.Undefined), number, ir.Constant(index, 0))
            return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(index, 4), [0] * 4))

        starts, numbers = (cgutils.unpack_tuple(builder, values[item], 4) for item in (1, 2))
        a, b, c, d = (builder.load(four(source, values[0], start), align=4) for start in starts)
        rest, right, over, down = map(repeated, numbers)
        upper, lower = (builder.fadd(builder.fmul(rest, x), builder.fmul(right, y)) for x, y in ((a, b), (c, d)))
        blended = builder.fadd(builder.fmul(over, upper), builder.fmul(down, lower))
        builder.store(blended, four(target, values[3], values[4]), align=4)
        return context.get_dummy_value()

    return types.void(source, corners, weights, target, place), generate


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _augment_all(images, places, affine, colour, towards_mean, shift, erased, noise, low, width, coloured, framed, out):  # noqa: PLR0913
    points, corners = np.empty(4 * SEGMENT, np.float32), np.empty(SEGMENT, np.int32)
    for i in range(len(images)):
        source, target = images[i].ravel(), out[i].ravel()
        if _still(affine[i]):
            if coloured:
                _tint(source, target, colour[i], _offset(source, places[i], towards_mean[i], shift[i] * width), low, low + width)
            else:
                _convert(source, target)
        else:
            if _whole(affine[i]):
                _copy(images[i], affine[i], out[i])
            else:
                _frame(images[i], framed)
                _resample(framed, affine[i], points, corners, out[i])
            if coloured:
                _tint(target, target, colour[i], _offset(target, places[i], towards_mean[i], shift[i] * width), low, low + width)
        if erased[i, 2] > erased[i, 0]:
            _erase(out[i], erased[i], noise[i], low, width)


@jit
def _still(m):
    return m[0] == 1 and m[1] == 0 and m[2] == 0 and m[3] == 0 and m[4] == 1 and m[5] == 0


@jit
def _whole(m):
    """Whether a map moves whole pixels along the axes: a flip, a crop, a shift by whole pixels, or nothing."""
    return abs(m[0]) == 1 and m[1] == 0 and m[3] == 0 and abs(m[4]) == 1 and m[2] == np.floor(m[2]) and m[5] == np.floor(m[5])


@jit
def _copy(image, m, out):
    """Move whole pixels. Rows are no calls of their own: a call would count references to its arrays, which waits for all writes."""
    height, width, channels = image.shape
    source, target, pitch = image.ravel(), out.ravel(), width * channels
    ahead, first = m[0] > 0, int(m[2])
    left, right = (max(0, -first), min(width, width - first)) if ahead else (max(0, first - width + 1), min(width, first + 1))
    begin = (first + left if ahead else first - right + 1) * channels
    for y in range(height):
        v = int(m[4]) * y + int(m[5])
        inside = 0 <= v < height and left < right
        at, to = v * pitch + begin, y * pitch + (left * channels if inside else pitch)
        count = (right - left) * channels if inside else 0
        for k in range(y * pitch, to):
            target[np.uint64(k)] = 0
        for k in range(to + count, (y + 1) * pitch):
            target[np.uint64(k)] = 0
        if ahead:
            for k in range(count):
                target[np.uint64(to + k)] = source[np.uint64(at + k)]
        elif channels == 3:
            last = at + count - 3
            for k in range(count // 3):
                target[np.uint64(to + 3 * k)] = source[np.uint64(last - 3 * k)]
                target[np.uint64(to + 3 * k + 1)] = source[np.uint64(last - 3 * k + 1)]
                target[np.uint64(to + 3 * k + 2)] = source[np.uint64(last - 3 * k + 2)]
        else:
            for k in range(0, count, channels):
                for c in range(channels):
                    target[np.uint64(to + k + c)] = source[np.uint64(at + count - k - channels + c)]


@jit
def _convert(source, target):
    for k in range(len(source)):
        target[k] = source[k]


@jit
def _frame(image, framed):
    """Copy an image into the middle of a frame of zeros as float32: once a value, where resampling would convert it four times."""
    height, width, channels = image.shape
    source, pitch = image.ravel(), width * channels
    for y in range(height):
        at, to = y * pitch, ((y + BORDER) * (width + 2 * BORDER) + BORDER) * channels
        for k in range(pitch):
            framed[np.uint64(to + k)] = source[np.uint64(at + k)]


@jit
def _resample(framed, m, points, corners, out):
    if out.shape[2] == 3:
        _resample_3(framed, m, points, corners, out)
    elif out.shape[2] == 1:
        _resample_1(framed, m, points, corners, out)
    else:
        _resample_any(framed, m, points, corners, out)


def _resampler(known):
    """Compile the resampling loop for a number of channels; zero stands for any."""

    @jit
    def resample(framed, m, points, corners, out):
        height, width, channels = out.shape[0], out.shape[1], known or out.shape[2]
        target, line, place = out.ravel(), (width + 2 * BORDER) * channels, 0
        for y in range(height):
            for first in range(0, width, SEGMENT):
                _locate(m, first, y, height, width, channels, points, corners)
                for k in range(min(SEGMENT, width - first)):
                    at, right, rest = int(corners[k]), points[k], points[k + SEGMENT]
                    down, over = points[k + 2 * SEGMENT], points[k + 3 * SEGMENT]
                    if known == 3 and place < len(target) - 3:
                        _blend(framed, (at, at + channels, at + line, at + line + channels), (rest, right, over, down), target, place)
                    else:
                        for c in range(channels):
                            upper = rest * framed[np.uint64(at + c)] + right * framed[np.uint64(at + c + channels)]
                            lower = rest * framed[np.uint64(at + c + line)] + right * framed[np.uint64(at + c + line + channels)]
                            target[np.uint64(place + c)] = over * upper + down * lower
                    place += channels

    return resample


@inlined
def _locate(m, first, y, height, width, channels, points, corners):  # noqa: PLR0913
    """Compute where a segment of pixels is read: the index of the upper left of four values; weights of right, left, lower, upper."""
    row, begin, end, bottom = np.float32(y), np.float32(first), np.float32(width), np.float32(height)
    a, c, d, f, across, along = m[0], m[2], m[3], m[5], m[1] * row, m[4] * row
    line, step = np.int32((width + 2 * BORDER) * channels), np.int32(channels)
    for k in range(SEGMENT):
        x = begin + STEPS[k]
        u = min(max((a * x + across) + c, OUTSIDE), end)
        v = min(max((d * x + along) + f, OUTSIDE), bottom)
        left, top = np.floor(u), np.floor(v)
        corners[k] = (np.int32(top) + BORDER) * line + (np.int32(left) + BORDER) * step
        points[k], points[k + SEGMENT] = u - left, (left + np.float32(1)) - u
        points[k + 2 * SEGMENT], points[k + 3 * SEGMENT] = v - top, (top + np.float32(1)) - v


_resample_1, _resample_3, _resample_any = _resampler(1), _resampler(3), _resampler(0)


@jit
def _offset(values, place, share, shift):
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
def _tint(source, target, colour, offset, low, high):  # noqa: PLR0913
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
def _erase(out, box, key, low, width):
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
