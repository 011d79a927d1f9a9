"""Real projects from their source distributions: suites that others wrote, gated as they stand, and with one function made slower."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LONGER = '''

def _longer(function):
    """Work on after each call, for {again} thousandths of the processor time that it took."""
    from functools import wraps
    from time import process_time_ns

    @wraps(function)
    def longer(*arguments, **options):
        began = process_time_ns()
        found = function(*arguments, **options)
        ended = process_time_ns()
        until = ended + (ended - began) * {again} // 1000
        while process_time_ns() < until:
            pass
        return found

    return longer


{function} = _longer({function})
'''
"""Is put at the end of a module of the slower version. Functions that call themselves become slower by more than that share."""
NO_INDEX = r"Retrying|connection|timed out|proxy|resolve host|Network is unreachable|No matching distribution"
"""What pip says where no package index is reached, or the one that is reached has no such package."""


class Unreachable(Exception):
    """The package index cannot be reached, or lacks a package."""


@dataclass(frozen=True)
class Distribution:
    """A project whose source distribution has its suite for pytest-benchmark.

    Attributes:
        name, version: as the package index has them.
        suite: its path.
        file, function: what is made slower.
        slowed: text that the names of the cases begin with that call this function.
        needs: what the project imports of others.
        words: cases that are measured, by a text in their name; all where there is none.
    """

    name: str
    version: str
    suite: str
    file: str
    function: str
    slowed: str
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def fetched(self, folder: Path) -> Real:
        """Download and unpack it below a folder, and make an environment for it there.

        Raises:
            Unreachable: the package index cannot be reached.
        """
        _pip(sys.executable, "download", "--no-deps", "--no-binary", ":all:", "--dest", folder / "archive", f"{self.name}=={self.version}")
        [archive] = (folder / "archive").iterdir()
        shutil.unpack_archive(archive, folder / "source", filter="data")
        [source] = (folder / "source").iterdir()
        subprocess.run([sys.executable, "-m", "venv", folder / "environment"], check=True)
        python = folder / "environment" / "bin" / "python"
        _pip(python, "install", "pytest", "pytest-benchmark", *self.needs)
        return Real(self, source, python)


DISTRIBUTIONS = (
    Distribution("pluggy", "1.6.0", "testing/benchmark.py", "src/pluggy/_callers.py", "_multicall", "test_"),
    Distribution("attrs", "26.1.0", "bench/test_benchmarks.py", "src/attr/_funcs.py", "asdict", "test_asdict",
                 words=("asdict", "astuple", "eq_", "hash", "instantiate")),
    Distribution("cattrs", "26.2.1", "bench/test_attrs_primitives.py", "src/cattrs/converters.py", "BaseConverter.structure",
                 "test_structure", ("attrs", "typing_extensions")),
)
"""The suites of attrs have pytest's mark ``benchmark`` and no fixture; that of pluggy measures a package that pytest itself works with."""


@dataclass(frozen=True)
class Real:
    """A project that was fetched; has what :class:`benchmarks.gate_projects.suites.Suite` asks of one.

    Attributes:
        distribution: that it was fetched from.
        source: the folder that this was unpacked to.
        python: of the environment for it.
    """

    distribution: Distribution
    source: Path
    python: Path

    @property
    def name(self) -> str:
        """Names it in the records."""
        return self.distribution.name

    @property
    def options(self) -> tuple[str, ...]:
        """Options of the gate beside the version."""
        words = (option for word in self.distribution.words for option in ("-k", word))
        return ("--pytest", self.distribution.suite, "--python", str(self.python), *words)

    def write(self, root: Path, again: int, mark: str) -> None:
        """Write the version whose function takes ``again`` thousandths longer, the project as it is for 0; outputs have no ``mark``."""
        shutil.copytree(self.source, root, dirs_exist_ok=True)
        (root / ".gitignore").write_text("gate.*\n__pycache__/\n", encoding="utf-8")  # its own leaves out files that only a build makes
        if again:
            with (root / self.distribution.file).open("a", encoding="utf-8") as file:
                file.write(LONGER.format(again=again, function=self.distribution.function))


def _pip(python: str | Path, *arguments: str | Path) -> None:
    ended = subprocess.run([python, "-m", "pip", "--quiet", *arguments], capture_output=True, text=True, check=False)
    if ended.returncode and re.search(NO_INDEX, ended.stderr, re.IGNORECASE):
        raise Unreachable(ended.stderr.strip().splitlines()[-1])
    if ended.returncode:
        raise RuntimeError(ended.stderr)
