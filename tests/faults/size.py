"""How much of the long fault tests is run."""

import os

SHARE = "DLBENCH_FAULTS_SHARE"
"""A variable of the environment: 0.1 runs a tenth of what is promised."""


def sized(promised: int) -> int:
    """How many are tried of so many that are promised; the report tells both."""
    return max(round(promised * float(os.environ.get(SHARE, "1"))), 1)
