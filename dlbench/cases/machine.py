"""What the machine can do at most: shares are of these rates, and files of two machines are compared by them."""

from __future__ import annotations

from dlbench.values.case import Case, Work

FIXED = ("gather", "exp", "sort", "python")
"""Work of other kinds: random access, vector arithmetic, branches, the interpreter."""
CASES = (
    Case("copy[128MiB]", "machine", "dlbench.bench.machine:copy", {"size_bytes": 2**27}, Work(bytes_moved=2**28)),
    Case("sgemm[1024]", "machine", "dlbench.bench.machine:sgemm", {"size": 1024}, Work(flops=2 * 1024**3)),
    *(Case(f"fixed[{kind}]", "machine", "dlbench.bench.machine:fixed", {"kind": kind}) for kind in FIXED),
)
