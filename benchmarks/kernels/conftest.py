"""Brings dlbench's kernel cases to ``pytest benchmarks/kernels --benchmark-enable``."""

from dlbench.bench.plugin import *  # noqa: F403  (hooks and the fixture ``timed``)
