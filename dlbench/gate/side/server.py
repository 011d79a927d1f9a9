"""The server: imports what the cases need, computes nothing, and forks a fresh process for each request."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
from typing import Any

from .cases import Case, load, one_line
from .channel import Channel, Hangup
from .session import Session


def main(descriptor: int) -> None:
    """Serve the gate at the other end of a socket until it hangs up."""
    channel = Channel(socket.socket(fileno=descriptor))
    request, _ = channel.receive()
    try:
        cases = load(request["sources"], request["words"], request["root"])
    except BaseException as error:
        channel.send({"problem": one_line(error)})
        return
    gc.collect()
    gc.freeze()  # forked processes go on sharing the memory of what is imported
    channel.send({"cases": [{"name": case.name, "file": case.file, "problem": case.problem} for case in cases]})
    Server(channel, {case.name: case for case in cases}).serve()


class Server:
    """Forks a process for a case, and waits for one that ended, as the gate asks."""

    def __init__(self, channel: Channel, cases: dict[str, Case]) -> None:
        self.channel, self.cases, self.living = channel, cases, set()

    def serve(self) -> None:
        """Answer until the gate hangs up; then kill all children."""
        with contextlib.suppress(Hangup):
            while True:
                request, descriptors = self.channel.receive()
                answer = self._wait(request["wait"]) if "wait" in request else self._fork(request, descriptors[0])
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

    def _wait(self, pid: int) -> dict[str, int]:
        _, status = os.waitpid(pid, 0)
        self.living.discard(pid)
        return {"exit": os.waitstatus_to_exitcode(status)}


def _child(case: Case, channel: Channel, keep: str | None) -> None:
    """Run a case; the last line to the gate says how it ended."""
    try:
        assert case.run is not None, case.problem
        case.run(Session(channel, keep))
        channel.send({"done": True})
    except Hangup:
        os._exit(0)
    except BaseException as error:  # that a case fails is a result
        channel.send({"problem": one_line(error), "kind": type(error).__name__})
    os._exit(0)
