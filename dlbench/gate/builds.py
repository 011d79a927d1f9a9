"""Preparing a version: compiled parts and generated files that git does not keep, or an environment in which it is installed."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dlbench.gate.sides import Side
from dlbench.values.errors import InputError


def built(side: Side, command: str, folder: Path, say: Callable[[str], None]) -> Side:
    """Run a command in a version's folder; one that installs gets an environment of its own, beside what is installed already.

    Args:
        side: the version.
        command: for a shell; ``python`` is the side's interpreter.
        folder: receives environments.
        say: receives progress.

    Raises:
        InputError: the command failed.
    """
    say(f"building {side.label}: {command}")
    if "pip install" in command:
        environment = folder / f"environment-{len(list(folder.glob('environment-*')))}"
        _run([side.python, "-m", "venv", "--without-pip", str(environment)], side, dict(os.environ), "python -m venv")
        (packages := next(environment.glob("lib*/python*/site-packages"))).joinpath("beside.pth").write_text(
            "\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}) + "\n", encoding="utf-8")
        pip = environment / "bin" / "pip"
        pip.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n', encoding="utf-8")
        pip.chmod(0o755)
        side = replace(side, python=str(environment / "bin" / "python"), path=(packages,))
    variables = {**os.environ, "PATH": f"{Path(side.python).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    variables.pop("PYTHONPATH", None)
    _run(["sh", "-c", command], side, variables, command)
    return side


def _run(arguments: list[str], side: Side, variables: dict[str, str], command: str) -> None:
    ended = subprocess.run(arguments, cwd=side.root, env=variables, capture_output=True, text=True, check=False)
    if ended.returncode:
        lines = [line for line in (ended.stderr or ended.stdout).splitlines() if line.strip()]
        raise InputError(f"--build: {command!r} ended with {ended.returncode} at {side.label}: {(lines or ['no message'])[-1][:300]}")
