"""Describes the environment of a script: its own interpreter and the packages that are installed there."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from dlbench.engines.command import FRAMEWORKS
from dlbench.values.program import program
from dlbench.values.recipe import Recipe

ASKED = ("import json, platform, importlib.metadata as m; print(json.dumps([platform.python_version(), "
         "sorted({(d.name or '').lower() + '==' + (d.version or '') for d in m.distributions()})]))")


def describe(recipe: Recipe, folder: str) -> dict[str, Any]:
    """Return the facts of a script's environment; of a program that is no Python, none.

    Args:
        recipe: of the baseline.
        folder: of the study.
    """
    word = recipe.command.run[0] if recipe.command.run else ""
    if not Path(word).name.startswith("python"):
        return {}
    found = program(word, folder)
    return dict(_asked(found)) if found else {}


@cache
def _asked(found: str) -> tuple[tuple[str, Any], ...]:
    try:
        said = subprocess.run([found, "-c", ASKED], capture_output=True, text=True, check=True, timeout=60, stdin=subprocess.DEVNULL)
        python, packages = json.loads(said.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()
    known = dict(name.split("==", 1) for name in packages)
    return (("interpreter", python), *((f"script {name}", known[name]) for name in FRAMEWORKS if name in known),
            ("script packages", packages))
