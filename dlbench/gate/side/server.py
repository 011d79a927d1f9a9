"""The server: imports what the cases need, computes nothing, and forks a fresh process for each request."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import sysconfig
import threading
from typing import Any

from .cases import Case, load, one_line
from .channel import Channel, Hangup
from .session import Session


def main(descriptor: int) -> None:
    """Serve the gate at the other end of a socket until it hangs up."""
    channel = Channel(socket.socket(fileno=descriptor))
    request, _ = channel.receive()
    gc.disable()  # imports leave next to no garbage, and looking for it takes a quarter of their time
    try:
        cases = load(request["sources"], request["words"], request["root"])
    except BaseException as error:
        channel.send({"problem": one_line(error)})
        return
    threads = _threads()
    for case in cases if threads else ():
        case.problem = case.problem or f"threads run once its modules are imported, and a forked process would not have them: {threads}"
    gc.collect()
    gc.freeze()  # forked processes go on sharing the memory of what is imported
    gc.enable()
    listed = [{"name": case.name, "file": case.file, "problem": case.problem, "code": case.code} for case in cases]
    channel.send({"cases": listed, "modules": _modules()})
    Server(channel, {case.name: case for case in cases}).serve()


HANDLERS = ("_handle_workers", "_handle_tasks", "_handle_results")
"""Threads of a pool of multiprocessing, which are daemons."""


def _threads() -> str:
    """The names of threads that somebody would wait for."""
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    return ", ".join(sorted(thread.name for thread in others if not thread.daemon or any(name in thread.name for name in HANDLERS))[:3])


def _modules() -> dict[str, str]:
    """The file of each module that is imported, but for the standard library's and the harness's."""
    library, own = os.path.realpath(sysconfig.get_path("stdlib")) + os.sep, __package__ or ""
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if not name.startswith(own)}
    found = {name: os.path.realpath(file) for name, file in files.items() if isinstance(file, str)}
    return {name: file for name, file in found.items() if not file.startswith(library) or "-packages" in file}


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
                _child(self.cases[request["case"]], Session(Channel(socket.socket(fileno=descriptor)), request["keep"], request["copies"]))
            finally:
                os._exit(70)
        os.close(descriptor)
        self.living.add(pid)
        return {"pid": pid}

    def _wait(self, pid: int) -> dict[str, int]:
        _, status = os.waitpid(pid, 0)
        self.living.discard(pid)
        return {"exit": os.waitstatus_to_exitcode(status)}


def _child(case: Case, session: Session) -> None:
    """Run a case; the last line to the gate says how it ended."""
    try:
        if case.run is None:
            raise RuntimeError(case.problem)
        case.run(session)
        session.channel.send({"done": True})
    except Hangup:
        os._exit(0)
    except BaseException as error:  # that a case fails is a result
        session.channel.send({"problem": one_line(error), "kind": type(error).__name__})
    os._exit(0)
