"""Kernel benchmarks: the cases for pytest, and ``python -m benchmarks.kernels``, which writes ``reports/kernels.md``."""
