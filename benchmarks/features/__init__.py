"""What the frozen arm of a study costs, in passes over its data: ``python -m benchmarks.features``."""
