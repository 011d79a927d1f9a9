"""A side's servers, and the processes that they fork, as the gate sees them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from dlbench.gate.side.channel import Channel, Hangup
from dlbench.gate.sides import Side

START_LIMIT_S = 300.0
HARNESS = Path(__file__).parent / "side"
START = """
import importlib, importlib.util, sys
sys.path[:] = [folder for folder in sys.path if folder]
folder, descriptor = sys.argv[1:]
del sys.argv[1:]
spec = importlib.util.spec_from_file_location("dlbench_gate_side", folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules[spec.name] = importlib.util.module_from_spec(spec)
importlib.import_module(spec.name + ".server").main(int(descriptor))
"""
"""Loads the harness from this version's files, under a name of its own, without the working folder on the path."""
KINDS = {"ImportError": "unavailable", "ModuleNotFoundError": "unavailable", "Unavailable": "unavailable", "Skipped": "skipped"}
SEED = 1
"""Hash seed of every server: what a set is ordered by must not tell servers apart."""
PREPARE_LIMIT_S = 300.0
"""For the first answer of a process, which prepares its case."""


class Lost(Exception):
    """A process that can no longer be measured.

    Attributes:
        kind: ``crashed``, ``unavailable`` (a package is missing), or ``skipped`` (its test said so).
        server: that forked it.
    """

    def __init__(self, kind: str, reason: str, server: Server | None = None) -> None:
        super().__init__(reason)
        self.kind, self.server = kind, server


class Broken(Exception):
    """A server that could not import its cases; ``missing`` where the module or suite does not exist at all."""

    def __init__(self, reason: str, missing: bool = False) -> None:
        super().__init__(reason)
        self.missing = missing


class Server:
    """One server of a side.

    Args:
        side: the version that it runs.
        number: from 0.
        scratch: a folder for its log and temporary files.
        request: ``sources`` and ``words``, as :func:`dlbench.gate.side.cases.load` takes them.
    """

    def __init__(self, side: Side, number: int, scratch: Path, request: dict[str, Any]) -> None:
        self.side, self.number = side, number
        self.modules: dict[str, str] = {}
        self.copies: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.listed: dict[str, dict[str, Any]] | None = None
        scratch.mkdir(parents=True, exist_ok=True)
        self.log = scratch / "log.txt"
        ours, theirs = socket.socketpair()
        with self.log.open("wb") as log, theirs:
            self.process = subprocess.Popen(
                [side.python, "-c", START, str(HARNESS), str(theirs.fileno())], pass_fds=[theirs.fileno()], cwd=side.root,
                env=side.environment(SEED, scratch), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.channel = Channel(ours)
        with contextlib.suppress(Hangup):  # it ended already; `cases` says why
            self.channel.send({**request, "root": str(side.root)})

    def cases(self) -> dict[str, dict[str, Any]]:
        """Wait until the cases are imported; return ``file``, ``problem`` and ``code`` of each by name.

        Raises:
            Broken: they cannot be imported.
        """
        if self.listed is not None:
            return self.listed
        self.channel.connection.settimeout(START_LIMIT_S)
        try:
            answer, _ = self.channel.receive()
        except TimeoutError:
            raise Broken(f"importing them took longer than {START_LIMIT_S:g} s") from None
        except Hangup:
            code = self.process.wait()
            raise Broken(f"the server ended with exit code {code}: {self._last_message()}") from None
        if "problem" in answer:
            raise Broken(answer["problem"].removeprefix("Missing: "), answer["problem"].startswith("Missing: "))
        self.channel.connection.settimeout(None)
        self.modules = answer["modules"]
        self.listed = {case["name"]: case for case in answer["cases"]}
        return self.listed

    def fork(self, case: str, limit_s: float, keep: Path | None = None) -> Process:
        """Start a fresh process, which begins to prepare a case.

        Args:
            case: its name.
            limit_s: for every answer of the process but the first.
            keep: where the process writes its output.

        Raises:
            Lost: the server is gone.
        """
        ours, theirs = socket.socketpair()
        ours.settimeout(max(limit_s, PREPARE_LIMIT_S))
        try:
            with theirs:
                request = {"case": self.names.get(case, case), "keep": keep and str(keep), "copies": self.copies.get(case, 0)}
                self.channel.send(request, (theirs.fileno(),))
            answer, _ = self.channel.receive()
        except Hangup:
            raise Lost("crashed", f"its server ended: {self._last_message()}", self) from None
        return Process(self, answer["pid"], Channel(ours), limit_s)

    def wait(self, pid: int) -> int:
        """Wait for a process that ended; return its exit code, negative for a signal."""
        self.channel.send({"wait": pid})
        return self.channel.receive()[0]["exit"]

    def close(self) -> None:
        """End the server, which ends its processes."""
        self.channel.close()
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _last_message(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "no message")[:300]


class Process:
    """A forked process that serves one case. Use it as a context; leaving it ends the process."""

    def __init__(self, server: Server, pid: int, channel: Channel, limit_s: float) -> None:
        self.server, self.pid, self.channel, self.limit_s, self.ended = server, pid, channel, limit_s, False

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()
        if self.ended:
            return
        for kill in (os.killpg, os.kill):  # it may not lead its own group yet
            with contextlib.suppress(ProcessLookupError):
                kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(Hangup):
            self.server.wait(self.pid)

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and return the answer; raises as :meth:`receive`."""
        with contextlib.suppress(Hangup):  # its last line, or its exit code, says why
            self.channel.send(message)
        return self.receive()

    def ready(self) -> dict[str, Any]:
        """Wait until the case is prepared, and then until its process can be asked; raises as :meth:`receive`."""
        self.receive()
        self.channel.connection.settimeout(self.limit_s)
        return self.receive()

    def receive(self) -> dict[str, Any]:
        """Wait for the next message of the process.

        Raises:
            Lost: it failed, died or took too long.
        """
        try:
            answer, _ = self.channel.receive()
        except TimeoutError:
            raise Lost("crashed", f"took longer than {self.channel.connection.gettimeout():g} s", self.server) from None
        except Hangup:
            self.ended = True
            raise Lost("crashed", self._ending(), self.server) from None
        if "problem" in answer:
            reason = answer["problem"].removeprefix("Failed: ").removeprefix("Skipped: ").removeprefix("Unavailable: ")
            raise Lost(KINDS.get(answer["kind"], "crashed"), reason, self.server)
        return answer

    def _ending(self) -> str:
        try:
            code = self.server.wait(self.pid)
        except Hangup:
            return "its server ended"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
