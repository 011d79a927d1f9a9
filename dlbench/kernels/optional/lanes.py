"""Several values at a time where numba's vectoriser takes one by one: pixels of three channels, of which no vector is made.

Each is LLVM of a few lines; numba's cache of :mod:`.loops` does not notice a change here, so change that file too.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 4
"""Values that are blended together: a pixel's three channels and one more, which the next pixel overwrites."""
VECTOR = ir.VectorType(ir.FloatType(), LANES)
INDEX = ir.IntType(32)


def _sixteen(order):
    """target[to : to + 16] = source[at : at + 16][order], both flat."""

    @intrinsic
    def carried(typing, source, at, target, to):
        def generate(context, builder, signature, values):
            kind, floats = (ir.VectorType(item, 16) for item in (context.get_data_type(source.dtype), ir.FloatType()))
            found = builder.load(_lanes(context, builder, source, values[0], values[1], kind), align=1)
            found = builder.shuffle_vector(found, found, ir.Constant(ir.VectorType(INDEX, 16), order))
            if target.dtype != source.dtype:
                found = builder.uitofp(found, floats)
            builder.store(found, _lanes(context, builder, target, values[2], values[3], found.type), align=1)
            return context.get_dummy_value()

        return types.void(source, at, target, to), generate

    return carried


straight = _sixteen([*range(16)])
fives = _sixteen([1 + 3 * pixel + c for pixel in range(4, -1, -1) for c in range(3)] + [0])
"""Five pixels of three channels after a place, in the opposite order; the value at the place comes last, for want of a lane less."""


@intrinsic
def fetch(typing, source, at):
    """Ask for the cache line of a value that is read soon, from the last row up or from right to left: no processor guesses it."""

    def generate(context, builder, signature, values):
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, INDEX, INDEX, INDEX])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        pointer = builder.bitcast(_lanes(context, builder, source, *values), byte)
        builder.call(prefetch, [pointer, *(ir.Constant(INDEX, option) for option in (0, 3, 1))])  # to read, to keep, data
        return context.get_dummy_value()

    return types.void(source, at), generate


@intrinsic
def blend(typing, source, corners, weights, target, place):  # noqa: PLR0913
    """target[place + i] = over·(rest·source[a + i] + right·source[b + i]) + down·(the same of c and d), for each lane i.

    Corners are (a, b, c, d), weights (rest, right, over, down).
    """

    def generate(context, builder, signature, values):
        starts, numbers = (cgutils.unpack_tuple(builder, values[item], 4) for item in (1, 2))
        a, b, c, d = (builder.load(_lanes(context, builder, source, values[0], start), align=4) for start in starts)
        rest, right, over, down = (_in_all_lanes(builder, number) for number in numbers)
        upper, lower = (builder.fadd(builder.fmul(rest, x), builder.fmul(right, z)) for x, z in ((a, b), (c, d)))
        blended = builder.fadd(builder.fmul(over, upper), builder.fmul(down, lower))
        builder.store(blended, _lanes(context, builder, target, values[3], values[4]), align=4)
        return context.get_dummy_value()

    return types.void(source, corners, weights, target, place), generate


def _lanes(context, builder, kind, array, place, vector=VECTOR):  # noqa: PLR0913
    """A pointer to the values of an array from a place on."""
    pointer = builder.gep(context.make_array(kind)(context, builder, array).data, [place])
    return builder.bitcast(pointer, vector.as_pointer())


def _in_all_lanes(builder, number):
    first = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, ir.Constant(INDEX, 0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(INDEX, LANES), [0] * LANES))
