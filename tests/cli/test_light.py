"""Only ``run`` and ``doctor`` pay for TensorFlow, and help pays for nothing at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

HEAVY = ("tensorflow", "keras", "tensorflow_datasets")
SLOW = (*HEAVY, "numpy", "pandas", "scipy", "matplotlib", "pydantic", "importlib_resources")
SCRIPT = """
import sys
from dlbench.cli import main
for line in sys.argv[2:]:
    sys.argv[1:], forbidden = line.split("|"), sys.argv[1].split(",")
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 0, (line, ended.code)
    assert not set(forbidden) & set(sys.modules), (line, set(forbidden) & set(sys.modules))
    sys.argv[1:] = [",".join(forbidden)]
"""


def python(*arguments, cwd):
    """Run Python; returns what it printed and the processor seconds that it took."""
    before = os.times()
    ended = subprocess.run([sys.executable, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    after = os.times()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout, after.children_user + after.children_system - before.children_user - before.children_system


def test_no_command_but_run_and_doctor_imports_tensorflow(study, results, tmp_path):
    lines = ["--help", "run|--help", "doctor|--help", "list", "list|studies|--json", "plan|quickstart", "plan|study.toml|--json",
             "plan|study.toml|--power|--sd|0.01",
             f"status|{results}", f"report|{results}", f"compare|{results}|{shutil.copytree(results, tmp_path / 'copy')}"]
    said, _ = python("-c", SCRIPT, ",".join(HEAVY), *lines, cwd=tmp_path)
    assert "dropout rate=0.2: helps" in said


def test_help_imports_nothing_that_takes_time(tmp_path):
    said, _ = python("-c", SCRIPT, ",".join(SLOW), "--help", "--version", cwd=tmp_path)
    assert "Start with: dlbench run quickstart" in said


def test_help_answers_within_half_a_second(tmp_path):
    assert min(python("-m", "dlbench", "--help", cwd=tmp_path)[1] for _ in range(3)) < 0.5
