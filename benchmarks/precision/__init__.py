"""Which verdicts of shipped studies change where all of their runs compute in bfloat16: ``python -m benchmarks.precision``."""
