"""The machine's own rates, of which tables show shares: cases like the others, timed in the same rounds."""

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


def fixed(kind: str) -> Prepared:
    """Fixed work on one thread.

    Args:
        kind: ``gather`` (random access), ``exp`` (vector arithmetic), ``sort`` (branches) or ``python`` (the interpreter).
    """
    generator = np.random.default_rng(0)
    source, places = np.arange(2**18, dtype=np.float32), generator.permutation(2**18)
    x, values = np.linspace(-4, 4, 2**16, dtype=np.float32), generator.random(2**14)
    works = {
        "gather": Prepared(lambda: source[places], lambda: places.astype(np.float32), (0, 0)),
        "exp": Prepared(lambda: np.exp(x), lambda: np.exp(x.astype(np.float64))),
        "sort": Prepared(lambda: np.sort(values), lambda: np.array(sorted(values)), (0, 0)),
        "python": Prepared(lambda: sum(range(10_000)), lambda: 9_999 * 5_000, (0, 0)),
    }
    return works[kind]


def thread_count() -> int:
    """Return how many threads the kernels may use."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
