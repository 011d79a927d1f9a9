"""The shipped studies of scripts, run with the frameworks that they are written for."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

import dlbench

CPU = "https://download.pytorch.org/whl/cpu"
INSTALL = {"torch": ["torch", "--extra-index-url", CPU], "jax": ["jax[cpu]"], "sklearn": ["scikit-learn"]}
"""Module -> how pip is asked for the package that has it."""


def python_with(folder, *modules):
    """An interpreter that has modules: one that DLBENCH_SCRIPT_PYTHON names, this one, or one of a new environment; else a skip."""
    code = f"import importlib.util as u; raise SystemExit(not all(map(u.find_spec, {modules})))"
    for python in (*os.environ.get("DLBENCH_SCRIPT_PYTHON", "").split(os.pathsep), sys.executable):
        if python and subprocess.run([python, "-c", code], check=False).returncode == 0:
            return python
    if not INSTALL.keys() >= set(modules):
        pytest.skip(f"needs an interpreter with {', '.join(modules)}: DLBENCH_SCRIPT_PYTHON=PATH names one")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    packages = [word for module in modules for word in INSTALL[module]]
    made = subprocess.run([folder / "bin" / "python", "-m", "pip", "-q", "install", *packages], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no environment with {', '.join(modules)} (DLBENCH_SCRIPT_PYTHON=PATH names one): {made.stderr.strip()[-200:]}")
    return str(folder / "bin" / "python")


@pytest.mark.slow
@pytest.mark.parametrize("study, packages, arm", [
    ("scripts/sklearn_digits", ("sklearn", "dlbench"), "depth=5"), ("scripts/pytorch_digits", ("torch", "sklearn"), "shift"),
    ("scripts/jax_digits", ("jax", "sklearn"), "cosine")])
def test_a_shipped_script_is_deterministic_and_obeys_seed_and_parameters(study, packages, arm, tmp_path, undrawn):
    python = python_with(tmp_path / "environment", *packages)
    result = dlbench.run(study, seeds=2, arms=(arm,), out=tmp_path / "out", jobs=2, changes={"python": python}, progress=False)
    assert result.complete and not len(result.failures)
    result.report("md")
    page = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "yes: its runs are deterministic" in page and "its seed is ignored" not in page and "not of" not in page


def test_the_scripts_need_no_framework_to_be_planned():
    assert [len(dlbench.plan(f"scripts/{name}_digits")) for name in ("pytorch", "sklearn", "jax")] == [6, 5, 6]
    assert importlib.util.find_spec("dlbench.track") is not None
