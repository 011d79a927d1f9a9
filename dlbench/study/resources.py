"""What one run asks of a machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """What one run asks for. Cores and GPUs are reserved; they do not change a result.

    Attributes:
        cpus: processor cores that its worker is reserved; it computes on one thread whatever stands here.
        gpus: GPUs that are its worker's own, below 1 for a share of one.
        memory_bytes: memory that a script may take before it is ended; None: no limit.
        seconds: that a script may take before it is ended; None: no limit.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    memory_bytes: int | None = None
    seconds: float | None = None

    def fit(self, cpus: float, gpus: float) -> int:
        """Count the runs that a machine has room for at once.

        Example:
            >>> Resources(2, 1).fit(8, 3), Resources().fit(8, 0)
            (3, 8)
        """
        by_gpu = [int(gpus / self.gpus + 1e-9)] if self.gpus else []
        return min(int(cpus / self.cpus + 1e-9), *by_gpu) if by_gpu else int(cpus / self.cpus + 1e-9)


DEFAULT = Resources()
"""One core, no GPU."""


def undivided(devices: int) -> str:
    """Say which batches are large enough to be shared out over several devices."""
    return f"devices = {devices} shares every batch out over {devices} devices; accepted: batches of {devices} examples or more"
