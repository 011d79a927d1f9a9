"""The machine that reports name."""

from dlbench.execution.environment import facts


def machine():
    """CPU model and logical cores; no name of a host."""
    found = facts()
    return f"{found['cpu']}, {found['cores']} logical cores"
