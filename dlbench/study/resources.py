"""What one run asks of a machine."""

from __future__ import annotations

from dataclasses import dataclass

from dlbench.values.errors import InputError


@dataclass(frozen=True)
class Resources:
    """What one run asks for. Cores and GPUs are reserved; they do not change a result.

    Attributes:
        cpus: processor cores that its worker is reserved; it computes on one thread whatever stands here.
        gpus: GPUs that are its worker's own, below 1 for a share of one.
    """

    cpus: float = 1.0
    gpus: float = 0.0

    def fit(self, cpus: float, gpus: float) -> int:
        """How many runs find room at once.

        Example:
            >>> Resources(2, 1).fit(8, 3), Resources().fit(8, 0)
            (3, 8)
        """
        by_gpu = [int(gpus / self.gpus + 1e-9)] if self.gpus else []
        return min(int(cpus / self.cpus + 1e-9), *by_gpu) if by_gpu else int(cpus / self.cpus + 1e-9)


DEFAULT = Resources()
"""One core, no GPU."""


def undivided(devices: int) -> str:
    """What is said of batches that are too small to be shared out."""
    return f"devices = {devices} shares every batch out over {devices} devices; accepted: batches of {devices} examples or more"


def checked(where: str, cpus: float, gpus: float, devices: int = 1) -> Resources:
    """Resources as a study file states them.

    Args:
        where: the name of the study file.
        cpus, gpus: of one run.
        devices: that one run is shared out over.

    Raises:
        InputError: a part of a core or a GPU beside whole ones, which no scheduler can reserve; or GPUs that are not as many as devices.

    Example:
        >>> checked("x.toml", 2, 0.5)
        Resources(cpus=2, gpus=0.5)
    """
    for name, value in (("cpus", cpus), ("gpus", gpus)):
        if value > 1 and value != int(value):
            raise InputError(f"{where}: resources.{name} = {value:g}; accepted: a number up to 1, or a whole number")
    if gpus and devices > 1 and gpus != devices:
        raise InputError(f"{where}: resources.gpus = {gpus:g} beside devices = {devices}; accepted: {devices}, a GPU for each device, "
                         "or 0: then processor devices stand in")
    return Resources(cpus, gpus)
