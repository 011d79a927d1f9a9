"""Runs that other programs have logged, as tables: read for `dlbench judge`, and for the runs of scripts."""

from dlbench.trackers.runs import RunTable, read_runs

__all__ = ["RunTable", "read_runs"]
