"""Whether the processes of a Ray cluster that a driver depends on are alive. Ray itself waits for them in silence, or ends the driver."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from dlbench.values.errors import Stopped

EVERY_S = 5.0
ANSWERS_S = 5.0
"""How long a process may take to answer."""


@dataclass
class Pulse:
    """The two processes without which no run starts or ends.

    Attributes:
        gcs: ``HOST:PORT`` of the cluster's control service.
        raylet: path of the socket of this machine's node.
        felt: when both last answered, by the monotonic clock.
        ended: whether one of them no longer does.
    """

    gcs: str = ""
    raylet: str = ""
    felt: float = 0.0
    ended: bool = False

    def feel(self, every_s: float = EVERY_S) -> None:
        """Ask both, unless they have answered in the last seconds.

        Raises:
            Stopped: one of them does not answer.
        """
        if time.monotonic() - self.felt < every_s:
            return
        host, _, port = self.gcs.rpartition(":")
        for name, family, address in (
            ("control service (gcs_server)", socket.AF_INET6 if ":" in host else socket.AF_INET, (host.strip("[]"), int(port))),
            ("node process on this machine (raylet)", socket.AF_UNIX, self.raylet),
        ):
            with socket.socket(family) as asked:
                asked.settimeout(ANSWERS_S)
                try:
                    asked.connect(address)
                except OSError as error:
                    self.ended = True
                    raise Stopped(f"--backend ray: Ray's {name} has ended ({error.strerror or error}); finished runs are kept, and the "
                                  "same command resumes") from None
        self.felt = time.monotonic()
