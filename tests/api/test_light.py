"""The library needs no command line: what ``dlbench.run`` imports has no click and no TensorFlow in it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
import dlbench
dlbench.run, dlbench.plan, dlbench.check, dlbench.Result
dlbench.plan("quickstart", seeds=2)
print(*sorted({"click", "tensorflow", "keras", "dlbench.cli"} & set(sys.modules)))
"""


def test_the_library_imports_no_command_line(tmp_path):
    ended = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, ""), ended.stdout + ended.stderr
