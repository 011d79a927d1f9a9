"""The server: imports what the cases need, computes nothing, and forks a fresh process whenever it is asked to."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
from typing import Any

from .channel import Channel, Hangup
from .found import Found, find, told
from .session import Session


def main(descriptor: int) -> None:
    """Serve the gate at the other end of a socket until it hangs up."""
    channel = Channel(socket.socket(fileno=descriptor))
    request, _ = channel.receive()
    try:
        cases = find(request["sources"], request["words"], request["root"])
    except BaseException as error:
        channel.send({"problem": told(error)})
        return
    gc.collect()
    gc.freeze()  # what is imported stays shared with the processes to come
    channel.send({"cases": [{"name": case.name, "file": case.file, "problem": case.problem} for case in cases],
                  "threads": len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1})
    Server(channel, {case.name: case for case in cases}).serve()


class Server:
    """Forks and buries.

    Args:
        channel: to the gate.
        cases: by name.
    """

    def __init__(self, channel: Channel, cases: dict[str, Found]) -> None:
        self.channel, self.cases, self.living = channel, cases, set()

    def serve(self) -> None:
        """Fork and bury as asked; take every child along at the end."""
        with contextlib.suppress(Hangup):
            while True:
                request, descriptors = self.channel.receive()
                answer = self._bury(request["bury"]) if "bury" in request else self._fork(request, descriptors[0])
                self.channel.send(answer)
        for pid in self.living:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def _fork(self, request: dict[str, Any], descriptor: int) -> dict[str, int]:
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                self.channel.close()
                _child(self.cases[request["case"]], Channel(socket.socket(fileno=descriptor)), request["keep"])
            finally:
                os._exit(70)
        os.close(descriptor)
        self.living.add(pid)
        return {"pid": pid}

    def _bury(self, pid: int) -> dict[str, int]:
        _, status = os.waitpid(pid, 0)
        self.living.discard(pid)
        return {"exit": os.waitstatus_to_exitcode(status)}


def _child(case: Found, channel: Channel, keep: str | None) -> None:
    """Run a case; how it ended is the last line that the gate hears."""
    try:
        case.run(Session(channel, keep))
        channel.send({"done": True})
    except Hangup:
        os._exit(0)
    except BaseException as error:  # a failing case is a finding
        channel.send({"problem": told(error), "kind": type(error).__name__})
    os._exit(0)
