"""The loops of the fused pass, compiled by numba: one image after the other, coloured while it is in the cache.

Products and sums stand in the order of TensorFlow's ``ImageProjectiveTransformV3``, so that moved pixels equal its to the bit.
All loops are in one file, for numba's cache of a function notices changes in the function's own file only. See :mod:`.lanes`.
"""

from __future__ import annotations

import numba
import numpy as np

from dlbench.kernels.optional.lanes import LANES, blend, fetch, fives, straight
from dlbench.kernels.reference import NOISE_FACTORS

SPREAD, FIRST, SECOND = (numba.uint64(factor) for factor in NOISE_FACTORS)
LOW_32 = numba.uint64(0xFFFFFFFF)
BORDER = 2
"""Zeros around an image that is resampled: what is read farther out is read at their edge, so that no pixel needs a test."""
OUTSIDE = np.float32(-BORDER)
STRETCH = 32
"""Pixels of a row whose sampling points are found together."""
STEPS = np.arange(STRETCH, dtype=np.float32)
jit = numba.njit(cache=True, error_model="numpy", inline="never")
inlined = numba.njit(cache=True, error_model="numpy", inline="always")


@numba.njit(cache=True, error_model="numpy", nogil=True)
def augment_all(images, affine, colour, towards_mean, shift, erased, noise, hole, low, width, framed, out):  # noqa: PLR0913
    points, corners = np.empty(4 * STRETCH, np.float32), np.empty(STRETCH, np.int32)
    for i in range(len(images)):
        tinted = towards_mean[i] != 0 or shift[i] != 0 or colour[i, 0, 0] != 1 or not _is_scalar(colour[i])
        source, target, offset = images[i].ravel(), out[i].ravel(), shift[i] * width
        if _still(affine[i]):
            if tinted:
                _tint(source, target, colour[i], offset + _part_of_mean(source, towards_mean[i]), low, low + width)
            else:
                _convert(source, target)
        else:
            if _whole(affine[i]):
                _copy(images[i], affine[i], out[i])
            else:
                _frame(images[i], framed)
                _resample(framed, affine[i], points, corners, out[i])
            if tinted:
                _tint(target, target, colour[i], offset + _part_of_mean(target, towards_mean[i]), low, low + width)
        if erased[i, 2] > erased[i, 0]:
            _erase(out[i], erased[i], noise[i], low, width)
        out[i, hole[i, 0] : hole[i, 2], hole[i, 1] : hole[i, 3]] = 0


@jit
def _still(m):
    return m[0] == 1 and m[1] == 0 and m[2] == 0 and m[3] == 0 and m[4] == 1 and m[5] == 0


@jit
def _whole(m):
    """Whether a map moves whole pixels along the axes: a flip, a crop, a shift by whole pixels, or nothing."""
    return abs(m[0]) == 1 and m[1] == 0 and m[3] == 0 and abs(m[4]) == 1 and m[2] == np.floor(m[2]) and m[5] == np.floor(m[5])


@jit
def _copy(image, m, out):
    """Rows are not calls: a call would count the references of its arrays, and counting waits for all that is being written."""
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
        for k in range(0, count, 64 // image.itemsize):
            fetch(source, at + 2 * int(m[4]) * pitch + k)
        for k in range(y * pitch, to):
            target[np.uint64(k)] = 0
        for k in range(to + count, (y + 1) * pitch):
            target[np.uint64(k)] = 0
        if ahead:
            for k in range(0, count - 15, 16):
                straight(source, at + k, target, to + k)
            for k in range(count // 16 * 16, count):
                target[np.uint64(to + k)] = source[np.uint64(at + k)]
            continue
        turned = max(count - 1, 0) // 15 * 15 if channels == 3 else 0
        for k in range(0, turned, 15):
            fives(source, at + count - k - 16, target, to + k)
        for k in range(turned, count, channels):
            for c in range(channels):
                target[np.uint64(to + k + c)] = source[np.uint64(at + count - k - channels + c)]


@jit
def _convert(source, target):
    for k in range(len(source)):
        target[k] = source[k]


@jit
def _frame(image, framed):
    """Into the middle of a frame of zeros, as float32: once a value, where resampling would convert it four times."""
    height, width, channels = image.shape
    source, pitch = image.ravel(), width * channels
    for y in range(height):
        at, to = y * pitch, ((y + BORDER) * (width + 2 * BORDER) + BORDER) * channels
        for k in range(0, pitch - 15, 16):
            straight(source, at + k, framed, to + k)
        for k in range(pitch // 16 * 16, pitch):
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
    """A resampling loop for a number of channels that is known when it is compiled; zero for any."""

    @jit
    def resample(framed, m, points, corners, out):
        height, width, channels = out.shape[0], out.shape[1], known or out.shape[2]
        target, line, place = out.ravel(), (width + 2 * BORDER) * channels, 0
        last = len(target) - LANES
        for y in range(height):
            for first in range(0, width, STRETCH):
                _locate(m, first, y, height, width, channels, points, corners)
                for k in range(min(STRETCH, width - first)):
                    at, right, rest = int(corners[k]), points[k], points[k + STRETCH]
                    down, over = points[k + 2 * STRETCH], points[k + 3 * STRETCH]
                    if known == 3 and place <= last:
                        blend(framed, (at, at + channels, at + line, at + line + channels), (rest, right, over, down), target, place)
                    else:
                        for c in range(at, at + channels):
                            upper = rest * framed[np.uint64(c)] + right * framed[np.uint64(c + channels)]
                            lower = rest * framed[np.uint64(c + line)] + right * framed[np.uint64(c + line + channels)]
                            target[np.uint64(place + c - at)] = over * upper + down * lower
                    place += channels

    return resample


@inlined
def _locate(m, first, y, height, width, channels, points, corners):  # noqa: PLR0913
    """Where a stretch of pixels is read: the place of the upper left of four, and the weights of right, left, lower and upper."""
    row, begin, end, bottom = np.float32(y), np.float32(first), np.float32(width), np.float32(height)
    a, c, d, f, across, along = m[0], m[2], m[3], m[5], m[1] * row, m[4] * row
    line, step = np.int32((width + 2 * BORDER) * channels), np.int32(channels)
    for k in range(STRETCH):
        x = begin + STEPS[k]
        u = min(max((a * x + across) + c, OUTSIDE), end)
        v = min(max((d * x + along) + f, OUTSIDE), bottom)
        left, top = np.floor(u), np.floor(v)
        corners[k] = (np.int32(top) + BORDER) * line + (np.int32(left) + BORDER) * step
        points[k], points[k + STRETCH] = u - left, (left + np.float32(1)) - u
        points[k + 2 * STRETCH], points[k + 3 * STRETCH] = v - top, (top + np.float32(1)) - v


_resample_1, _resample_3, _resample_any = _resampler(1), _resampler(3), _resampler(0)


@jit
def _part_of_mean(values, share):
    return share * np.float32(_sum(values) / len(values)) if share != 0 else np.float32(0)


@jit
def _sum(values):
    """The sum, in lanes that do not wait for each other."""
    lanes, whole = np.zeros(64, np.float32), len(values) // 64 * 64
    for k in range(0, whole, 64):
        for lane in range(64):
            lanes[lane] += np.float32(values[k + lane])
    total = np.float64(0)
    for lane in range(64):
        total += lanes[lane]
    for k in range(whole, len(values)):
        total += values[k]
    return total


@jit
def _is_scalar(colour):
    for i in range(len(colour)):
        for j in range(len(colour)):
            if colour[i, j] != (colour[0, 0] if i == j else 0):
                return False
    return True


@inlined
def _tint(source, target, colour, offset, low, high):  # noqa: PLR0913
    """From one flat image to another or, as is known only where this is inlined, in place."""
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
        target[k] = min(max(r * rr + g * gr + b * br + offset, low), high)
        target[k + one] = min(max(r * rg + g * gg + b * bg + offset, low), high)
        target[k + two] = min(max(r * rb + g * gb + b * bb + offset, low), high)


@jit
def _tint_any(source, target, colour, offset, low, high):  # noqa: PLR0913
    channels = len(colour)
    for k in range(0, len(source), channels):
        pixel = source[k : k + channels].astype(np.float32)
        for j in range(channels):
            value = offset
            for i in range(channels):
                value += pixel[i] * colour[i, j]
            target[k + j] = min(max(value, low), high)


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
