"""Processes that stay alive and do one block of trainings whenever they are asked to, so that both ways can take turns.

A request is a line of JSON on standard input, its answer a line on standard output; the seconds are those of whoever asks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer requests until standard input ends; what else is printed goes to standard error."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            answers.write(json.dumps(answer(json.loads(line))) + "\n")
            answers.flush()


class Session:
    """A process that serves requests.

    Args:
        module: of the process.
        env: its environment.

    Attributes:
        started: by the clock of ``time.perf_counter``.
    """

    def __init__(self, module: str, env: Mapping[str, str]) -> None:
        self.module, self.started = module, time.perf_counter()
        self.process = subprocess.Popen([sys.executable, "-m", module], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """Return the answer to a request, and the seconds that it took.

        Raises:
            RuntimeError: the process has ended.
        """
        asked = time.perf_counter()
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()  # pyright: ignore[reportOptionalMemberAccess]
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise RuntimeError(f"{self.module} ended with exit code {self.process.wait()}")
        return json.loads(answer), time.perf_counter() - asked

    def close(self) -> None:
        """End the process."""
        self.process.communicate()
