"""What the machine can do at most: the rates that shares are of. They are cases like the others, timed in the same rounds."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dlbench.values.case import Prepared


def copy(size_bytes: int) -> Prepared:
    """Copy memory that no cache holds, on as many threads as the kernels may use."""
    threads = thread_count()
    source, target = np.ones(size_bytes // 8), np.empty(size_bytes // 8)
    parts = list(zip(np.array_split(source, threads), np.array_split(target, threads)))
    pool = ThreadPoolExecutor(threads)

    def call() -> np.ndarray:
        list(pool.map(lambda part: np.copyto(part[1], part[0]), parts))
        return target

    return Prepared(call, lambda: source, (0, 0))


def sgemm(size: int) -> Prepared:
    """Multiply two float32 matrices [size, size]."""
    generator = np.random.default_rng(0)
    a, b = (generator.random((size, size), dtype=np.float32) for _ in range(2))
    out = np.empty((size, size), np.float32)
    return Prepared(lambda: np.matmul(a, b, out=out), lambda: a.astype(np.float64) @ b, (1e-4, 0))


def thread_count() -> int:
    """How many threads the kernels may use."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
