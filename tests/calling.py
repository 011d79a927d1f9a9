"""Calling dlbench as its users do: in a process of its own, or in the tests' own, whose workers come from one fork server, so that
TensorFlow is imported once."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from dlbench import plugins
from dlbench.cli import main
from dlbench.engines.protocol import engine_named

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ended:
    """How a call ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def environment(folder, **variables):
    """Of a process in a folder: it can import the tests, and has a cache of its own."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "DLBENCH_CACHE_DIR": str(folder / "cache"), **variables}


def process(folder, *arguments, timeout=600):
    """What ``python ARGUMENTS`` does in a folder."""
    ended = subprocess.run([sys.executable, *map(str, arguments)], cwd=folder, env=environment(folder), capture_output=True, text=True,
                           timeout=timeout, check=False)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def called(folder, *arguments, **variables):
    """What ``dlbench ARGUMENTS`` does in a folder; this process is afterwards as it was.

    Args:
        folder: in which it is called.
        arguments: of the command line.
        variables: of the environment.
    """
    out, err, handler = io.StringIO(), io.StringIO(), signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["dlbench", *map(str, arguments)])
        for name, value in ({**engine_named().variables, **variables}).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    signal.signal(signal.SIGTERM, handler)
    plugins.use()
    return Ended(ended.value.code, out.getvalue(), err.getvalue())


def called_here(folder, *arguments):
    """What ``dlbench ARGUMENTS`` does in a folder, with a cache that lies there."""
    return called(folder, *arguments, DLBENCH_CACHE_DIR=str(folder / "cache"))
