"""What tests of scripts share."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import cache

import pytest

INSTALL = {"keras": "keras", "numpy": "numpy", "torch": "torch", "jax": "jax[cpu]", "sklearn": "scikit-learn"}
"""Module -> how pip is asked for the package that has it."""


def _interpreter(folder, *modules):
    """An interpreter that has modules: one that DLBENCH_SCRIPT_PYTHON names, this one, or one of a new environment; else a skip, and in
    the environment for these tests a failure."""
    code = f"import importlib.util as u; raise SystemExit(not all(map(u.find_spec, {modules})))"
    for python in (*os.environ.get("DLBENCH_SCRIPT_PYTHON", "").split(os.pathsep), sys.executable):
        if python and subprocess.run([python, "-c", code], check=False).returncode == 0:
            return python
    if not INSTALL.keys() >= set(modules):
        pytest.skip(f"needs an interpreter with {', '.join(modules)}: DLBENCH_SCRIPT_PYTHON=PATH names one")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    packages = [INSTALL[module] for module in modules]
    install = [folder / "bin" / "python", "-m", "pip", "-q", "install", *packages]
    for seconds in (0, 30, 120):  # a download may break off
        time.sleep(seconds)
        made = subprocess.run(install, capture_output=True, text=True, check=False)
        if not made.returncode:
            break
    else:
        lost = pytest.fail if os.environ.get("TOX_ENV_NAME") == "scripts" else pytest.skip
        lost(f"no environment with {', '.join(modules)} (DLBENCH_SCRIPT_PYTHON=PATH names one): {made.stderr.strip()[-200:]}")
    return str(folder / "bin" / "python")


@pytest.fixture(scope="session")
def python_with(tmp_path_factory):
    """``python_with(*modules)``: an interpreter that has them; an environment that is made is made once."""
    return cache(lambda *modules: _interpreter(tmp_path_factory.mktemp("environment") / "environment", *modules))
