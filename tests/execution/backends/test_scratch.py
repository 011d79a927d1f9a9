"""A run leaves no temporary file behind, nor does a killed one for longer than until the next."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.calling import environment

STUDY = 'margin = 0.01\nseeds = 2\nmodel = "mlp"\nbudget = { steps = 1 }\n[[arms]]\ntechnique = "dropout"\nrate = 0.5\n'


@pytest.mark.slow
def test_a_run_leaves_only_its_results(tmp_path):
    (tmp_path / "s.toml").write_text(STUDY)
    (temporary := tmp_path / "temporary").mkdir()
    (temporary / "dlbench-run-999999999-killed").mkdir()
    (temporary / f"dlbench-run-{os.getpid()}-alive").mkdir()
    ended = subprocess.run([sys.executable, "-m", "dlbench", "run", "s.toml", "--out", "out", "--jobs", "2", "--no-timing"], cwd=tmp_path,
                           env=environment(tmp_path, TMPDIR=str(temporary)), capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    assert [entry.name for entry in temporary.iterdir()] == [f"dlbench-run-{os.getpid()}-alive"]
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == ["figures", "index.html", "report.md", "results.sqlite"]
