"""The shipped studies of scripts, run with the frameworks that they are written for."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

import dlbench


def _python_with(*packages):
    """An interpreter that has packages: the one that DLBENCH_SCRIPT_PYTHON names, or this one; a skip where neither does."""
    for python in (os.environ.get("DLBENCH_SCRIPT_PYTHON"), sys.executable):
        code = f"import importlib.util as u; raise SystemExit(not all(map(u.find_spec, {packages})))"
        if python and subprocess.run([python, "-c", code], check=False).returncode == 0:
            return python
    return pytest.skip(f"needs an interpreter with {', '.join(packages)}: DLBENCH_SCRIPT_PYTHON=PATH names one")


@pytest.mark.slow
@pytest.mark.parametrize("study, packages, arm", [
    ("scripts/sklearn_digits", ("sklearn", "dlbench"), "depth=5"), ("scripts/pytorch_digits", ("torch", "sklearn"), "shift")])
def test_a_shipped_script_is_deterministic_and_obeys_seed_and_parameters(study, packages, arm, tmp_path, undrawn):
    python = _python_with(*packages)
    result = dlbench.run(study, seeds=2, arms=(arm,), out=tmp_path / "out", jobs=2, changes={"python": python}, progress=False)
    assert result.complete and not len(result.failures)
    result.report("md")
    page = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "yes: its runs are deterministic" in page and "its seed is ignored" not in page and "not of" not in page


def test_the_scripts_need_no_framework_to_be_planned():
    assert [len(dlbench.plan(f"scripts/{name}_digits")) for name in ("pytorch", "sklearn")] == [6, 5]
    assert importlib.util.find_spec("dlbench.track") is not None
