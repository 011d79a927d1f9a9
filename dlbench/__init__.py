"""Controlled ablations and benchmarks for deep learning: what helps, by how much, at what cost, how sure are we."""

__version__ = "0.1.0"
