"""Simulations behind the claims of `dlbench.stats`; run with ``python -m benchmarks.error_rates``."""
