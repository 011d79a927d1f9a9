"""The gate, measured: does it alarm where nothing changed, and find what did? ``python -m benchmarks.gate``."""
