"""The pinned versions that tox installs: ``tox run -e pins`` writes both files.

- ``constraints.txt``: every version in the environment that calls this; it is to be committed once the tests pass with it.
- ``tests/packaging/lowest.txt``: the lowest version of each dependency that ``pyproject.toml`` declares.
"""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS, LOWEST = ROOT / "constraints.txt", ROOT / "tests" / "packaging" / "lowest.txt"
TOOLS = {"dlbench", "pip", "setuptools", "wheel"}


def declared() -> dict[str, str]:
    """Name -> lowest version of each dependency in ``pyproject.toml``, those of the extras ``test`` and ``sklearn`` among them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    stated = [*project["dependencies"], *extras["test"], *extras["sklearn"]]
    return {normal(name): version for name, version in (line.partition(";")[0].split(">=") for line in stated)}


def optional() -> set[str]:
    """Names of the dependencies in the extras of ``pyproject.toml``."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    return {normal(line.split(">=")[0]) for lines in extras.values() for line in lines}


def installed() -> dict[str, str]:
    """Name -> version of each distribution in this environment, but for dlbench and what installs it."""
    found = {normal(item.name): item.version for item in metadata.distributions()}
    return {name: version for name, version in sorted(found.items()) if name not in TOOLS}


def pinned(path: Path) -> dict[str, str]:
    """Name -> version, as a constraints file states them."""
    lines = [line.partition("#")[0].partition(";")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return {normal(name): version for name, version in (line.split("==") for line in lines if line)}


def written(versions: dict[str, str]) -> str:
    """The text of a constraints file.

    Example:
        >>> written({"numpy": "2.0"})
        'numpy==2.0\\n'
    """
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


def normal(name: str) -> str:
    """A distribution's name in its normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    LOWEST.write_text(written(declared()), encoding="utf-8")
    CONSTRAINTS.write_text(written(installed()), encoding="utf-8")
