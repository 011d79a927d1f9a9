"""The gate on small projects of every manner: no alarm where nothing changed? ``python -m benchmarks.gate_projects``."""
