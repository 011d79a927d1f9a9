"""Runs one command and ends it with everything that it started. A program of its own: it imports the standard library only.

``python warden.py LIMITS WORD…`` starts the command in a session of its own and writes one line of JSON to the file ``report`` of LIMITS.
Its standard input is a pipe from the worker: where that closes, because the worker was ended in any way, the command and all of its
descendants are ended too. Its standard output receives what the command writes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

POLL_S = 0.2
GRACE_S = 3.0
PR_SET_CHILD_SUBREAPER = 36


def descendants(root: int) -> list[int]:
    """The processes that descend from one, by /proc."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
            except (OSError, ValueError, IndexError):
                continue
    found, open_ = [], [root]
    while open_:
        for child in children.get(open_.pop(), []):
            found.append(child)
            open_.append(child)
    return found


def resident(pids: list[int]) -> int:
    """Bytes of memory that processes hold."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                total += int(file.read().split()[1]) * resource.getpagesize()
        except (OSError, ValueError, IndexError):
            continue
    return total


def signalled(pids: list[int], number: int) -> None:
    """Send a signal to processes, where they are still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue


def reaped() -> None:
    """Collect descendants that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except OSError:
        pass


def ended(grace_s: float) -> int:
    """End all that descends from this process; how many there were."""
    pids = descendants(os.getpid())
    signalled(pids, signal.SIGTERM)
    until = time.monotonic() + grace_s
    while descendants(os.getpid()) and time.monotonic() < until:
        reaped()
        time.sleep(0.02)
    while left := descendants(os.getpid()):
        signalled(left, signal.SIGKILL)
        reaped()
        time.sleep(0.02)
    return len(pids)


def watched(pid: int, limit: int | None, seconds: float | None) -> tuple[int, str, int, object]:
    """Wait for the command: its status, why it was ended early, the largest memory seen, and what it used."""
    most, until = 0, time.monotonic() + seconds if seconds else None
    while True:
        done, status, used = os.wait4(pid, os.WNOHANG)
        if done:
            return status, "", most, used
        if select.select([sys.stdin], [], [], POLL_S if most else 0.02)[0]:
            ended(GRACE_S)
            os._exit(1)
        held = resident(descendants(os.getpid()))
        most = max(most, held)
        reason = ""
        if limit is not None and held > limit:
            reason = f"took {held / 1e9:.2f} GB of memory; its limit is {limit / 1e9:g} GB"
        elif until is not None and time.monotonic() > until:
            reason = f"took longer than its limit of {seconds:g} s"
        if reason:
            ended(GRACE_S)
            return 0, reason, most, resource.getrusage(resource.RUSAGE_CHILDREN)


def main() -> None:
    """Run the command of the arguments."""
    limits, words = json.loads(sys.argv[1]), sys.argv[2:]
    with contextlib.suppress(AttributeError, OSError):  # without it, what a descendant that has ended started lives on
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.monotonic()
    try:
        pid = os.posix_spawnp(words[0], words, os.environ, setsid=True, file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 1, 2)])
    except OSError as error:
        report = {"failed": f"{words[0]}: {os.strerror(error.errno or 0)}"}
    else:
        status, reason, most, used = watched(pid, limits["memory_bytes"], limits["seconds"])
        wall = time.monotonic() - started
        report = {"status": status, "reason": reason, "wall_s": wall, "left": ended(GRACE_S),
                  "cpu_s": used.ru_utime + used.ru_stime, "peak_memory_bytes": max(used.ru_maxrss * 1024, most)}  # type: ignore[attr-defined]
    with open(limits["report"], "w", encoding="utf-8") as file:
        json.dump(report, file)


if __name__ == "__main__":
    main()
