"""A forked process's talk with the gate: ready, pinned, slice after slice."""

from __future__ import annotations

import os
import time
from typing import Any

from .channel import Channel, Hangup
from .output import write
from .subject import Subject, pin, warm


class Session:
    """One process that stands ready to be measured.

    Args:
        channel: to the gate.
        keep: where the output and its reference are kept; None where they are not asked for.
    """

    def __init__(self, channel: Channel, keep: str | None) -> None:
        self.channel, self.keep, self.served = channel, keep, False

    def serve(self, subject: Subject) -> Any:
        """Do what the gate asks until it says ``finish``; where it hangs up, the process ends.

        Returns:
            The output of the subject's last call.
        """
        self.served = True
        output = self._kept(subject) if self.keep else None
        self.channel.send({"ready": True})
        try:
            while "finish" not in (request := self.channel.receive()[0]):
                self.channel.send(self._answer(subject, request))
        except Hangup:
            os._exit(0)
        return output

    def _kept(self, subject: Subject) -> Any:
        output = subject.call()
        values = {"output": output, "tolerance": tuple(subject.tolerance)}
        if subject.reference is not None:
            view = subject.view or (lambda value: value)
            values |= {"seen": view(output), "reference": view(subject.reference())}
        write(values, self.keep)
        return output

    @staticmethod
    def _answer(subject: Subject, request: dict[str, Any]) -> dict[str, Any]:
        if "core" in request:
            pin(request["core"])
            started = time.process_time_ns()
            return {"call_ns": warm(subject.run), "cpu_ns": time.process_time_ns() - started}
        if request["first"]:  # the other side's turn took the caches
            subject.run(1)
        cpu, wall = subject.run(request["calls"])
        return {"cpu_ns": cpu, "wall_ns": wall}
