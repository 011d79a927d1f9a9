"""The fused pass, compiled by numba: each image is read once, written once, and coloured while it is in the cache.

Products and sums stand in the order of TensorFlow's ``ImageProjectiveTransformV3``, so that moved pixels equal its to the bit.
"""

from __future__ import annotations

import functools
import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from dlbench.kernels.maps import Maps
from dlbench.kernels.reference import NOISE_FACTORS

SPREAD, FIRST, SECOND = (numba.uint64(factor) for factor in NOISE_FACTORS)
LOW_32 = numba.uint64(0xFFFFFFFF)
THREADS = numba.config.NUMBA_NUM_THREADS
SMALLEST = 2**17
"""Values that a thread must have to do for it to be woken."""
jit = numba.njit(cache=True, error_model="numpy", inline="never")


def augment(images: np.ndarray, maps: Maps, span: tuple[float, float]) -> np.ndarray:
    """See :func:`dlbench.kernels.fused.augment`. The images are shared out over ``NUMBA_NUM_THREADS`` threads."""
    images, out = np.ascontiguousarray(images), np.empty(images.shape, np.float32)

    def run(rows: slice) -> None:
        scratch = np.empty(images.shape[1:], np.float32)
        _all(images[rows], *maps.rows(rows).arrays(), np.float32(span[0]), np.float32(span[1]), scratch, out[rows])

    first, *others = _shares(len(images), images.size)
    waiting = [_pool(os.getpid()).submit(run, rows) for rows in others]
    run(first)
    for future in waiting:
        future.result()
    return out


def _shares(images: int, values: int) -> list[slice]:
    """Equal parts of a batch, one a thread; a small batch is not worth waking a second one."""
    parts = max(1, min(THREADS, values // SMALLEST))
    bounds = [images * part // parts for part in range(parts + 1)]
    return [slice(first, last) for first, last in itertools.pairwise(bounds)]


@functools.cache
def _pool(process: int) -> ThreadPoolExecutor:  # a fork inherits the pool, and none of its threads
    return ThreadPoolExecutor(THREADS)


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _all(images, affine, colour, towards_mean, shift, erased, noise, hole, low, width, scratch, out):  # noqa: PLR0913
    for i in range(len(images)):
        if _whole(affine[i]):
            _copy(images[i], affine[i], out[i])
        else:
            _convert(images[i].ravel(), scratch.ravel())  # once a value, where resampling would do it four times
            _resample(scratch, affine[i], out[i])
        if towards_mean[i] != 0 or shift[i] != 0 or not _plain(colour[i]):
            offset = shift[i] * width
            if towards_mean[i] != 0:
                offset += towards_mean[i] * np.float32(_sum(out[i].ravel()) / out[i].size)
            _tint(out[i], colour[i], offset, low, low + width)
        if erased[i, 2] > erased[i, 0]:
            _erase(out[i], erased[i], noise[i], low, width)
        out[i, hole[i, 0] : hole[i, 2], hole[i, 1] : hole[i, 3]] = 0


@jit
def _whole(m):
    """Whether a map moves whole pixels along the axes: a flip, a crop, a shift by whole pixels, or nothing."""
    return abs(m[0]) == 1 and m[1] == 0 and m[3] == 0 and abs(m[4]) == 1 and m[2] == np.floor(m[2]) and m[5] == np.floor(m[5])


@jit
def _copy(image, m, out):
    height, width, channels = image.shape
    step, first = int(m[0]), int(m[2])
    left = max(0, -first) if step > 0 else max(0, first - width + 1)
    right = min(width, width - first) if step > 0 else min(width, first + 1)
    for y in range(height):
        v = int(m[4]) * y + int(m[5])
        if v < 0 or v >= height or left >= right:
            out[y] = 0
            continue
        out[y, :left] = 0
        out[y, right:] = 0
        if step > 0:
            source, target = image[v, first + left : first + right].ravel(), out[y, left:right].ravel()
            for k in range(len(target)):
                target[k] = source[k]
        elif channels == 3:
            _mirror_3(image[v, first - right + 1 : first - left + 1].ravel(), out[y, left:right].ravel())
        else:
            for x in range(left, right):
                for c in range(channels):
                    out[y, x, c] = image[v, first - x, c]


@jit
def _mirror_3(source, target):
    count = np.uint64(len(target) // 3)
    three, one, two = np.uint64(3), np.uint64(1), np.uint64(2)
    for x in range(count):
        to, at = x * three, (count - one - x) * three
        target[to] = source[at]
        target[to + one] = source[at + one]
        target[to + two] = source[at + two]


@jit
def _convert(source, target):
    for k in range(len(source)):
        target[k] = source[k]


@jit
def _resample(image, m, out):
    height, width, channels = image.shape
    if channels == 3:
        _resample_3(image, m, out)
    elif channels == 1:
        _resample_1(image, m, out)
    else:
        for y in range(height):
            for x in range(width):
                _edge(image, m, x, y, out)


def _resampler(channels):
    """A resampling loop for a number of channels that is known when it is compiled. Places are unsigned: no check for negatives."""
    step = np.uint64(channels)

    @jit
    def resample(image, m, out):
        height, width, _ = image.shape
        source, target = image.ravel(), out.ravel()
        line, place = np.uint64(width) * step, np.uint64(0)
        for y in range(height):
            row = np.float32(y)
            across, along = m[1] * row, m[4] * row
            first, last = _inner(m[0], across + m[2], m[3], along + m[5], width, height)
            for x in range(first):
                _edge(image, m, x, y, out)
            place = np.uint64(y * width + first) * step
            for x in range(first, last):
                u = (m[0] * np.float32(x) + across) + m[2]
                v = (m[3] * np.float32(x) + along) + m[5]
                i, j = np.int32(u), np.int32(v)
                left, top = np.float32(i), np.float32(j)
                right, down = u - left, v - top
                rest, over = (left + np.float32(1)) - u, (top + np.float32(1)) - v
                above = np.uint64(j * width + i) * step
                for c in range(step):
                    at = above + c
                    upper = rest * source[at] + right * source[at + step]
                    at += line
                    lower = rest * source[at] + right * source[at + step]
                    target[place + c] = over * upper + down * lower
                place += step
            for x in range(last, width):
                _edge(image, m, x, y, out)

    return resample


@jit
def _inner(a, b, c, d, width, height):  # noqa: PLR0913
    """The stretch of a row whose sampling points surely lie between four pixels: first, and one past the last."""
    low_u, high_u = _between(a, b, width)
    low_v, high_v = _between(c, d, height)
    first, last = max(low_u, low_v, 0), min(high_u, high_v, width)
    return (first, last) if first < last else (width, width)


@jit
def _between(a, b, size):
    """Whole x for which a·x + b is in [0, size - 1), with a pixel to spare for rounding."""
    if abs(a) < 1e-6:
        return (0, 1 << 30) if b > 0.01 and b < size - 1.01 else (1 << 30, 0)
    one, other = (0 - b) / a, (size - 1 - b) / a
    return int(np.ceil(min(one, other))) + 1, int(np.floor(max(one, other)))


@jit
def _edge(image, m, x, y, out):
    """One pixel whose sampling point may lie outside."""
    height, width, channels = image.shape
    u = (m[0] * np.float32(x) + m[1] * np.float32(y)) + m[2]
    v = (m[3] * np.float32(x) + m[4] * np.float32(y)) + m[5]
    left, top = np.floor(u), np.floor(v)
    i, j = int(left), int(top)
    if i < -1 or j < -1 or i >= width or j >= height:
        out[y, x, :] = 0
        return
    right, down = u - left, v - top
    rest, over = (left + np.float32(1)) - u, (top + np.float32(1)) - v
    for c in range(channels):
        upper = rest * _read(image, j, i, c) + right * _read(image, j, i + 1, c)
        lower = rest * _read(image, j + 1, i, c) + right * _read(image, j + 1, i + 1, c)
        out[y, x, c] = over * upper + down * lower


@numba.njit(cache=True, error_model="numpy", inline="always")
def _read(image, y, x, c):
    inside = y >= 0 and x >= 0 and y < image.shape[0] and x < image.shape[1]
    return np.float32(image[y, x, c]) if inside else np.float32(0)


_resample_1, _resample_3 = _resampler(1), _resampler(3)


@jit
def _sum(values):
    """The sum, in lanes that do not wait for each other."""
    lanes, whole = np.zeros(64, np.float32), len(values) // 64 * 64
    for k in range(0, whole, 64):
        for lane in range(64):
            lanes[lane] += values[k + lane]
    total = np.float64(0)
    for lane in range(64):
        total += lanes[lane]
    for k in range(whole, len(values)):
        total += values[k]
    return total


@jit
def _plain(colour):
    for i in range(len(colour)):
        for j in range(len(colour)):
            if colour[i, j] != (1 if i == j else 0):
                return False
    return True


@jit
def _is_scalar(colour):
    for i in range(len(colour)):
        for j in range(len(colour)):
            if colour[i, j] != (colour[0, 0] if i == j else 0):
                return False
    return True


@jit
def _tint(out, colour, offset, low, high):
    flat = out.ravel()
    if _is_scalar(colour):
        for k in range(len(flat)):
            flat[k] = min(max(flat[k] * colour[0, 0] + offset, low), high)
    elif len(colour) == 3:
        _tint_rgb(flat, colour, offset, low, high)
    else:
        channels = len(colour)
        for k in range(0, len(flat), channels):
            pixel = flat[k : k + channels].copy()
            for j in range(channels):
                value = offset
                for i in range(channels):
                    value += pixel[i] * colour[i, j]
                flat[k + j] = min(max(value, low), high)


@jit
def _tint_rgb(flat, m, offset, low, high):
    rr, rg, rb, gr, gg, gb, br, bg, bb = m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    for pixel in range(np.uint64(len(flat) // 3)):
        k = pixel * three
        r, g, b = flat[k], flat[k + one], flat[k + two]
        flat[k] = min(max(r * rr + g * gr + b * br + offset, low), high)
        flat[k + one] = min(max(r * rg + g * gg + b * bg + offset, low), high)
        flat[k + two] = min(max(r * rb + g * gb + b * bb + offset, low), high)


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
