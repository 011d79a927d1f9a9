"""The fused pass, compiled by numba: each image is read once, written once, and coloured while it is in the cache."""

from __future__ import annotations

import functools
import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from dlbench.kernels.maps import Maps
from dlbench.kernels.optional.lanes import LANES
from dlbench.kernels.optional.loops import BORDER, augment_all

THREADS = numba.config.NUMBA_NUM_THREADS
SMALLEST = 2**17
"""Values that a thread must have to do for it to be woken."""


def augment(images: np.ndarray, maps: Maps, span: tuple[float, float]) -> np.ndarray:
    """See :func:`dlbench.kernels.fused.augment`. The images are shared out over ``NUMBA_NUM_THREADS`` threads."""
    images = np.ascontiguousarray(images, np.uint8 if images.dtype == np.uint8 else np.float32)
    out = np.empty(images.shape, np.float32)

    def run(rows: slice) -> None:
        carry_out(images[rows], maps.rows(rows), span, out[rows])

    first, *others = _shares(len(images), images.size)
    waiting = [_pool(os.getpid()).submit(run, rows) for rows in others]
    run(first)
    for future in waiting:
        future.result()
    return out


def carry_out(images: np.ndarray, maps: Maps, span: tuple[float, float], out: np.ndarray) -> None:
    """Augment contiguous images into ``out``, float32 [b, H, W, C], on this thread."""
    height, width, channels = images.shape[1:]
    framed = np.zeros((height + 2 * BORDER) * (width + 2 * BORDER) * channels + LANES, np.float32)
    augment_all(images, *maps.arrays(), *map(np.float32, span), framed, out)


def _shares(images: int, values: int) -> list[slice]:
    """Equal parts of a batch, one a thread; a small batch is not worth waking a second one."""
    parts = max(1, min(THREADS, values // SMALLEST))
    bounds = [images * part // parts for part in range(parts + 1)]
    return [slice(first, last) for first, last in itertools.pairwise(bounds)]


@functools.cache
def _pool(process: int) -> ThreadPoolExecutor:  # a fork inherits the pool, and none of its threads
    return ThreadPoolExecutor(THREADS)
