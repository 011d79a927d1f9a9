"""JSON lines over a socket, with file descriptors beside them."""

from __future__ import annotations

import json
import socket
from typing import Any


class Hangup(Exception):
    """The other end is gone."""


class Channel:
    """One end of a connected stream socket (AF_UNIX)."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.read = connection, b""

    def send(self, message: Any, descriptors: tuple[int, ...] = ()) -> None:
        """Send a line; raises :class:`Hangup` where nobody is there to read it."""
        line = json.dumps(message).encode() + b"\n"
        try:
            sent = socket.send_fds(self.connection, [line], descriptors) if descriptors else 0
            self.connection.sendall(line[sent:])
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Hangup from error

    def receive(self) -> tuple[Any, list[int]]:
        """Return the next line, and the descriptors that came with it.

        Raises:
            Hangup: the other end is gone.
            TimeoutError: nothing came within the socket's time limit.
        """
        descriptors: list[int] = []
        while b"\n" not in self.read:
            try:
                part, received, _, _ = socket.recv_fds(self.connection, 65536, 4)
            except ConnectionResetError as error:
                raise Hangup from error
            if not part:
                raise Hangup
            self.read, descriptors = self.read + part, descriptors + received
        line, _, self.read = self.read.partition(b"\n")
        return json.loads(line), descriptors

    def close(self) -> None:
        """Hang up."""
        self.connection.close()
