"""How large an installation of dlbench-core is, package by package: ``python -m tests.packaging.sizes``."""

from __future__ import annotations

from importlib.metadata import Distribution

from tests.packaging.pins import ROOT
from tests.packaging.test_core import closure, declared

SHOWN_MB = 1.0


def size_mb(package: Distribution) -> float:
    """Megabytes of a package's files, without what Python compiles of them."""
    files = [package.locate_file(file) for file in package.files or () if file.suffix != ".pyc"]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def main() -> None:
    """Print the packages that dlbench-core needs, as they are installed here, the largest first."""
    sizes = {f"{name} {package.version}": size_mb(package) for name, package in closure(declared(ROOT / "core")).items()}
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        if size >= SHOWN_MB:
            print(f"{size:7.1f} MB  {name}")
    print(f"{sum(sizes.values()):7.1f} MB  {len(sizes)} packages")


if __name__ == "__main__":
    main()
