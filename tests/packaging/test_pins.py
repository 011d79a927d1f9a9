"""tox installs exactly the versions that are pinned, and what is pinned and declared is what the code needs."""

from __future__ import annotations

import ast
import os
import re
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.version import Version

from tests.packaging import pins

APPLIED = {"tests": pins.CONSTRAINTS, "slow": pins.CONSTRAINTS, "quickstart": pins.CONSTRAINTS, "lowest": pins.LOWEST}
UNDECLARED = {
    "sklearn",  # the extra sklearn has it; the distribution, which need not be installed, has another name
}


@pytest.mark.skipif(os.environ.get("TOX_ENV_NAME") not in APPLIED, reason="versions are pinned by tox alone; run `tox run -e tests`")
def test_tox_applies_the_pins_to_the_dependencies_of_the_package():
    wanted = pins.pinned(APPLIED[os.environ["TOX_ENV_NAME"]])
    others = {name: version for name, version in pins.installed().items() if Version(wanted.get(name, version)) != Version(version)}
    assert not others, f"installed in other versions than pinned: {others}"
    assert set(pins.declared()) <= set(pins.installed())


def test_the_lowest_versions_are_those_that_pyproject_declares():
    assert pins.LOWEST.read_text(encoding="utf-8") == pins.written(pins.declared()), "stale: run `tox run -e pins`"


def test_constraints_are_names_and_versions_only_and_pin_every_dependency():
    lines = pins.CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r'[a-z0-9-]+==[\w.]+( ; python_version \S+ "3\.\d+")?', line)] == []
    pinned = pins.pinned(pins.CONSTRAINTS)
    below = {name: low for name, low in pins.declared().items() if Version(pinned[name]) < Version(low)}
    assert not below, f"pinned below the lowest version that pyproject.toml declares: {below}"


def test_whatever_the_package_imports_is_declared():
    modules = {name for path in (pins.ROOT / "dlbench").rglob("*.py") for name in _imports(path.read_text(encoding="utf-8"))}
    known = metadata.packages_distributions()
    needed = {module: known.get(module, [module]) for module in modules - set(sys.stdlib_module_names) - {"dlbench"} - UNDECLARED}
    declared = set(pins.declared()) | pins.optional()
    missing = {module for module, names in needed.items() if not declared & {pins.normal(name) for name in names}}
    assert not missing, f"imported, yet not among the dependencies in pyproject.toml: {missing}"


def _imports(text: str) -> set[str]:
    tree = ast.parse(text)
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in plain | parts}


def test_what_every_user_gets_beside_dlbench_is_declared():
    """Four packages stand for whoever uses any engine, two for that of Keras; the README and other projects count on them."""
    declared = tomllib.loads((pins.ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {"pandas", "pytest", "pytest-benchmark", "seaborn", "tensorflow", "tensorflow-datasets"} <= {
        re.split("[><=~! ]", line)[0] for line in declared}
