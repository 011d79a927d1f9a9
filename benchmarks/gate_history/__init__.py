"""How often a gate's history tells a change that is none, and finds one that is: ``python -m benchmarks.gate_history``."""
