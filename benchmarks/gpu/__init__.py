"""One GPU, shared by runs of a script: what each sees, whether equal seeds agree, and what that costs. ``python -m benchmarks.gpu``."""
