"""Results that others made, as tables: one row a run, with what was set, its seed and its scores as columns, and all as it stands there."""

from dlbench.readers.catalogue import READERS, Reader, read
from dlbench.trackers.runs import RunTable

__all__ = ["READERS", "Reader", "RunTable", "read"]
