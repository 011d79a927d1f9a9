"""Checks every kernel case against its reference, then times all side by side; `--cases benchmarks.kernels.peers` adds other libraries."""


def test_kernel(case, timed):
    timed(case)
