"""How large dlbench-core is, package by package: ``python -m tests.packaging.sizes``.

``--download`` fetches the wheels that pip would install here, and measures those.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from importlib.metadata import Distribution
from pathlib import Path

from tests.packaging.pins import ROOT
from tests.packaging.test_core import closure, declared

SHOWN_MB = 1.0


def size_mb(package: Distribution) -> float:
    """Megabytes of a package's files, without what Python compiles of them."""
    files = [package.locate_file(file) for file in package.files or () if file.suffix != ".pyc"]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def installed() -> dict[str, float]:
    """Megabytes of each package that dlbench-core needs, as it is installed here."""
    return {f"{name} {package.version}": size_mb(package) for name, package in closure(declared(ROOT / "core")).items()}


def downloaded() -> dict[str, float]:
    """Megabytes of each wheel that pip fetches for dlbench-core, under the repository's constraints."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:", "--dest", folder,
                   "--constraint", ROOT / "constraints.txt", *declared(ROOT / "core")]
        subprocess.run(command, check=True)
        return {" ".join(file.stem.split("-")[:2]): file.stat().st_size / 1e6 for file in Path(folder).iterdir()}


def main() -> None:
    """Print the packages that dlbench-core needs, the largest first."""
    parser = argparse.ArgumentParser(prog="python -m tests.packaging.sizes", description=main.__doc__)
    parser.add_argument("--download", action="store_true", help="the wheels that pip fetches, not what they install")
    sizes = downloaded() if parser.parse_args().download else installed()
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        if size >= SHOWN_MB:
            print(f"{size:7.1f} MB  {name}")
    print(f"{sum(sizes.values()):7.1f} MB  {len(sizes)} packages")


if __name__ == "__main__":
    main()
