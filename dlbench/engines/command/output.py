"""What a script writes to its standard output and error: kept in part, and searched for scores line by line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO

from dlbench.values.text import one_line, visible

MOST_BYTES = 4 * 2**20
"""Of a log's beginning, and as many of its end; what lies between is left out, and said to be."""
MOST_LINE = 2**16
SHOWN = 200


class Output:
    """Keeps the beginning and the end of what a process writes.

    Args:
        log: the file that it is kept in.
        pattern: whose named groups are scores; None: none is looked for.

    Attributes:
        scores: name -> its values, in the order of the lines.
        last: the last line that says anything, for the reason of a failure.
    """

    def __init__(self, log: Path, pattern: re.Pattern[str] | None) -> None:
        self.log, self.pattern = log, pattern
        self.scores: dict[str, list[str]] = {}
        self.last, self.written, self.tail = "", 0, bytearray()

    def follow(self, stream: IO[bytes]) -> None:
        """Read to the end of a stream."""
        with self.log.open("wb") as file:
            while line := stream.readline(MOST_LINE):
                self._noticed(line)
                if self.written + len(line) <= MOST_BYTES:
                    file.write(line)
                    file.flush()
                else:
                    self.tail += line
                    if len(self.tail) > 2 * MOST_BYTES:
                        del self.tail[:-MOST_BYTES]
                self.written += len(line)
            if self.tail:
                left = self.written - file.tell() - len(self.tail[-MOST_BYTES:])
                file.write(f"\n[dlbench: {left:,} bytes are left out here]\n".encode() if left else b"")
                file.write(self.tail[-MOST_BYTES:])

    def note(self, text: str) -> None:
        """Add a line of dlbench's own to the log."""
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"[dlbench: {text}]\n")

    def _noticed(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        if words := one_line(visible(text), SHOWN):
            self.last = words
        for match in self.pattern.finditer(text) if self.pattern else ():
            for name, value in match.groupdict().items():
                if value is not None:
                    self.scores.setdefault(name, []).append(value)
