"""docs/architecture.md and the contracts of import-linter draw the same house."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.packaging.pins import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
LINES = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "layers")
HEIGHT = {name: -line for line, names in enumerate(LINES) for name in re.findall(r"\w+", names)}
"""Package -> how high import-linter has it; 0 is the top."""
LAYER = {name: int(layer) for layer, names in re.findall(r"^\| (\d) \w[\w ]* \| ([^|]+) \|", PAGE, flags=re.MULTILINE)
         for name in re.findall(r"`(\w+)`", names)}
"""Package -> the number of its layer in the page."""


def test_both_name_every_package():
    packages = {path.parent.name for path in (ROOT / "dlbench").glob("*/__init__.py")}
    assert set(HEIGHT) == set(LAYER) >= packages


@pytest.mark.parametrize("package", sorted(LAYER))
def test_a_package_may_import_none_of_a_higher_layer(package):
    assert [other for other in LAYER if LAYER[other] > LAYER[package] and HEIGHT[other] < HEIGHT[package]] == []


def test_the_words_are_at_most_25_and_each_is_told_once():
    words = re.findall(r"^\| ([\w ]+) \|", PAGE.partition("## Words")[2], flags=re.MULTILINE)[1:]
    assert len(words) <= 25 and len(words) == len(set(words))
