"""Simulations behind the claims of `dlbench.stats`; run with ``python -m benchmarks.statistics``."""
