"""Every kernel case: checked against its reference, then timed beside all others. `--peers` adds other libraries'."""


def test_kernel(case, timed):
    timed(case)
