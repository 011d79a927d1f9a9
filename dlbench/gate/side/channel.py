"""JSON lines over a socket, with file descriptors beside them."""

from __future__ import annotations

import json
import socket
from typing import Any


class Hangup(Exception):
    """The other end is gone."""


class Channel:
    """One end of a connected stream socket (AF_UNIX); each line is answered before the next one is sent."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

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
        line, descriptors = b"", []
        while not line.endswith(b"\n"):
            try:
                part, received, _, _ = socket.recv_fds(self.connection, 65536, 4)
            except ConnectionResetError as error:
                raise Hangup from error
            if not part:
                raise Hangup
            line, descriptors = line + part, descriptors + received
        return json.loads(line), descriptors

    def close(self) -> None:
        """Hang up."""
        self.connection.close()
