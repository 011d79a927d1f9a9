"""Moving the pixels of one image, compiled by numba: copied where whole pixels move, else blended from four neighbours.

Products and sums stand in the order of TensorFlow's ``ImageProjectiveTransformV3``, so that the results are its to the bit.
"""

# pyright: reportCallIssue=false
# The first parameter of an intrinsic is the compiler's, and not the caller's.

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from dlbench.kernels.fused.compiled import compiled

BORDER = 2
"""Pixels of zeros around an image that is resampled. Sampling points farther out are moved there, so that no pixel needs a test."""
OUTSIDE = np.float32(-BORDER)
SEGMENT = 32
"""Pixels of a row whose sampling points are computed together."""
STEPS = np.arange(SEGMENT, dtype=np.float32)
jit, inlined = compiled(), compiled(inline="always")


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


@jit
def still(m):
    return m[0] == 1 and m[1] == 0 and m[2] == 0 and m[3] == 0 and m[4] == 1 and m[5] == 0


@jit
def whole(m):
    """Whether a map moves whole pixels along the axes: a flip, a crop, a shift by whole pixels, or nothing."""
    return abs(m[0]) == 1 and m[1] == 0 and m[3] == 0 and abs(m[4]) == 1 and m[2] == np.floor(m[2]) and m[5] == np.floor(m[5])


@jit
def copy(image, m, out):
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
def frame(image, framed):
    """Copy an image into the middle of a frame of zeros as float32: once a value, where resampling would convert it four times."""
    height, width, channels = image.shape
    source, pitch = image.ravel(), width * channels
    for y in range(height):
        at, to = y * pitch, ((y + BORDER) * (width + 2 * BORDER) + BORDER) * channels
        for k in range(pitch):
            framed[np.uint64(to + k)] = source[np.uint64(at + k)]


@jit
def resample(framed, m, points, corners, out):
    if out.shape[2] == 3:
        _resample_3(framed, m, points, corners, out)
    elif out.shape[2] == 1:
        _resample_1(framed, m, points, corners, out)
    else:
        _resample_any(framed, m, points, corners, out)


@inlined
def _resample(framed, m, points, corners, out, channels):  # noqa: PLR0913
    height, width = out.shape[0], out.shape[1]
    target, line, place = out.ravel(), (width + 2 * BORDER) * channels, 0
    for y in range(height):
        for first in range(0, width, SEGMENT):
            _locate(m, first, y, height, width, channels, points, corners)
            for k in range(min(SEGMENT, width - first)):
                at, right, rest = int(corners[k]), points[k], points[k + SEGMENT]
                down, over = points[k + 2 * SEGMENT], points[k + 3 * SEGMENT]
                if channels == 3 and place < len(target) - 3:
                    _blend(framed, (at, at + channels, at + line, at + line + channels), (rest, right, over, down), target, place)
                else:
                    for c in range(channels):
                        upper = rest * framed[np.uint64(at + c)] + right * framed[np.uint64(at + c + channels)]
                        lower = rest * framed[np.uint64(at + c + line)] + right * framed[np.uint64(at + c + line + channels)]
                        target[np.uint64(place + c)] = over * upper + down * lower
                place += channels


# Three functions with names of their own: functions that one factory makes share a symbol, and where numba loads one from its
# cache and compiles the next, the linker can take the wrong one.
@jit
def _resample_1(framed, m, points, corners, out):
    _resample(framed, m, points, corners, out, 1)


@jit
def _resample_3(framed, m, points, corners, out):
    _resample(framed, m, points, corners, out, 3)


@jit
def _resample_any(framed, m, points, corners, out):
    _resample(framed, m, points, corners, out, out.shape[2])


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
