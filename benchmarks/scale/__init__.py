"""What a run costs beside its training, against the number of runs: ``python -m benchmarks.scale``."""
