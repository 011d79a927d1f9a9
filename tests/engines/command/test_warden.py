"""The warden: it ends a command with everything that it started as soon as the process that asked for it is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from dlbench.engines.command.engine import WARDEN

CODE = """
import subprocess, sys, time
left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(left.pid, flush=True)
time.sleep(600)
"""


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_command_and_descendants_end_when_the_pipe_closes(tmp_path):
    limits = json.dumps({"memory_bytes": None, "seconds": None, "report": str(tmp_path / "report.json")})
    warden = subprocess.Popen([sys.executable, "-I", "-S", WARDEN, limits, sys.executable, "-c", CODE], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, start_new_session=True)
    grandchild = int(warden.stdout.readline())
    assert _alive(grandchild)
    warden.stdin.close()
    warden.wait(60)
    until = time.monotonic() + 60
    while _alive(grandchild) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _alive(grandchild)
    warden.stdout.close()
