"""Compiled code is used again where no file of its package has changed, and only there."""

import os
import subprocess
import sys

import pytest

from tests.selection import mostly_slow

pytest.importorskip("numba")
COMPILED = "from dlbench.kernels.fused.compiled import compiled\n"
CALLER = f"{COMPILED}from parts import step\n\n@compiled()\ndef run(x):\n    return step(x)\n"
MAIN = "from caller import run; print(run(1), sum(run.stats.cache_hits.values()))"


def part(change, inline="never"):
    return f'{COMPILED}\n@compiled(inline="{inline}")\ndef step(x):\n    return x + {change}\n'


@pytest.mark.parametrize("inline", mostly_slow(("never", "always"), "always"))
def test_a_change_in_a_file_that_a_function_calls_is_seen(inline, tmp_path):
    def said():
        variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
        variables.pop("NUMBA_CACHE_DIR", None)
        return subprocess.run([sys.executable, "-c", MAIN], env=variables, capture_output=True, text=True, check=True).stdout.split()

    (tmp_path / "caller.py").write_text(CALLER)
    (tmp_path / "parts.py").write_text(part(10, inline))
    assert said() == ["11", "0"] and said() == ["11", "1"]
    (tmp_path / "parts.py").write_text(part(20, inline))
    assert said() == ["21", "0"]
