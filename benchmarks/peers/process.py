"""Runs a peer as a whole process and notes, by the clock of whoever measures, when it said what on standard error."""

from __future__ import annotations

import re
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TAIL = 12
LINGER_S = 60.0
"""How long what a process left behind is waited for before the next one starts."""


@dataclass(frozen=True)
class Finished:
    """A process that has ended.

    Attributes:
        wall_s: from its start to its end.
        left_s: from its end until what it left behind, such as a fork server, has closed standard error too.
        marks: name of a pattern -> seconds from the start to the first line on standard error that matched it.
        output: standard output.
        tail: the last lines of standard error.
        code: exit code.
    """

    wall_s: float
    left_s: float
    marks: dict[str, float]
    output: str
    tail: str
    code: int


def run(command: Sequence[str], env: Mapping[str, str], marks: Mapping[str, str]) -> Finished:
    """Run a command to its end.

    Args:
        command: program and arguments.
        env: its environment.
        marks: name -> regular expression of a line on standard error.
    """
    seen, tail = {}, deque(maxlen=TAIL)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        started = time.perf_counter()
        with subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.PIPE, text=True, errors="replace") as process:

            def listen() -> None:
                for line in process.stderr:
                    tail.append(line.rstrip())
                    _note(seen, marks, line, time.perf_counter() - started)

            listener = threading.Thread(target=listen, daemon=True)
            listener.start()
            try:
                code = process.wait()
            except BaseException:
                process.terminate()
                raise
            finally:
                wall_s = time.perf_counter() - started
                listener.join(LINGER_S)
                left_s = time.perf_counter() - started - wall_s
        output.seek(0)
        return Finished(wall_s, left_s, seen, output.read(), "\n".join(tail), code)


def _note(seen: dict[str, float], marks: Mapping[str, str], line: str, now: float) -> None:
    for name, pattern in marks.items():
        if name not in seen and re.match(pattern, line):
            seen[name] = now
