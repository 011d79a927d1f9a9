"""Whether the processes of a Ray cluster that a driver depends on are alive. Ray itself waits for them in silence, or ends the driver."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from dataclasses import dataclass, field

import psutil

from dlbench.values.errors import STOPPED_CODE, Stopped

EVERY_S = 1.0
ANSWERS_S = 5.0
"""How long a process may take to answer."""
GRACE_S = 3.0
"""How long the thread that waits for Ray may take to end by itself. Ray ends the whole process 9 s after the end of the node's process,
and a minute after that of the control service."""
KEPT = "finished runs are kept, and the same command resumes"
SERVICES = {"gcs_server": "control service (gcs_server)", "raylet": "node process on this machine (raylet)"}


@dataclass
class Pulse:
    """The two processes without which no run starts or ends.

    Attributes:
        gcs: ``HOST:PORT`` of the cluster's control service; empty until it is known.
        raylet: path of the socket of this machine's node.
        felt: when both last answered, by the monotonic clock.
        ended: whether one of them no longer does.
        before: children of this process that are none of this cluster's.
        own: the processes of a cluster that this process has started, as far as they have been seen.
    """

    gcs: str = ""
    raylet: str = ""
    felt: float = 0.0
    ended: bool = False
    before: set[psutil.Process] = field(default_factory=lambda: set(psutil.Process().children()))
    own: set[psutil.Process] = field(default_factory=set)

    def feel(self, every_s: float = EVERY_S) -> None:
        """Ask both, unless they have answered in the last seconds.

        Raises:
            Stopped: one of them does not answer.
        """
        if time.monotonic() - self.felt < every_s:
            return
        lost = self.lost()
        if lost:
            self.ended = True
            raise Stopped(lost)
        self.felt = time.monotonic()

    def lost(self) -> str:
        """Say which of them no longer answers; empty where both do, and while neither is known."""
        return self._silent() if self.gcs else self._gone()

    def _silent(self) -> str:
        host, _, port = self.gcs.rpartition(":")
        for name, family, address in (
            ("gcs_server", socket.AF_INET6 if ":" in host else socket.AF_INET, (host.strip("[]"), int(port))),
            ("raylet", socket.AF_UNIX, self.raylet),
        ):
            with socket.socket(family) as asked:
                asked.settimeout(ANSWERS_S)
                try:
                    asked.connect(address)
                except OSError as error:
                    return f"--backend ray: Ray's {SERVICES[name]} has ended ({error.strerror or error}); {KEPT}"
        return ""

    def _gone(self) -> str:
        """Look at the processes of a cluster that is being started here: its addresses are not known yet."""
        self.own |= {child for child in set(psutil.Process().children()) - self.before if _name(child) in SERVICES}
        dead = [process for process in self.own if not _runs(process)]
        return f"--backend ray: one of Ray's processes has ended while Ray was started; {KEPT}" if dead else ""


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Guard(threading.Thread):
    """Ends this process with a line and the code of :class:`Stopped` where the thread that works is caught in a call of Ray.

    Nearly every call waits for the control service. Where that has ended, Ray lets no call return, and ends the process after a minute.

    Args:
        pulse: what is felt.
    """

    def __init__(self, pulse: Pulse) -> None:
        super().__init__(name="dlbench-ray-guard", daemon=True)
        self.pulse, self.over = pulse, threading.Event()

    def run(self) -> None:
        """Feel the pulse until told that it is over."""
        while not self.over.wait(EVERY_S):
            if self.pulse.lost() and not self.over.wait(GRACE_S):
                self._end(self.pulse.lost())

    def _end(self, lost: str) -> None:
        if lost and not self.over.is_set():
            print(f"dlbench: {lost}", file=sys.stderr, flush=True)
            os._exit(STOPPED_CODE)
