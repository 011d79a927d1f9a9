"""This machine's rate of single-precision matrix multiplication on all cores: the better of numpy's and TensorFlow's."""

from __future__ import annotations

import json
import time

import numpy as np
import tensorflow as tf

SIZE = 2048
REPEATS = 30


def rate(multiply) -> float:
    """GFLOP/s of the fastest of many products of two square matrices; the first ones warm up."""
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        multiply()
        seconds.append(time.perf_counter() - started)
    return 2e-9 * SIZE**3 / min(seconds)


def main() -> None:
    """Print both rates as one line of JSON."""
    a, b = (np.random.default_rng(seed).random((SIZE, SIZE), dtype=np.float32) for seed in (0, 1))
    out = np.empty_like(a)
    left, right = tf.constant(a), tf.constant(b)
    found = {"numpy": rate(lambda: np.matmul(a, b, out=out)), "tensorflow": rate(lambda: tf.matmul(left, right).numpy())}
    print(json.dumps({"gflops": found}))


if __name__ == "__main__":
    main()
