"""The types of technique constructors, as editors and type checkers see them, are those that they have when a program runs."""

from __future__ import annotations

import ast
import inspect
import shutil
import subprocess

import pytest

from dlbench.techniques import CATALOGUE
from dlbench.techniques.constructors import constructor
from docs.generator.stub import FILE, stub

FUNCTIONS = {node.name: node for node in ast.parse(stub()).body if isinstance(node, ast.FunctionDef)}


def test_the_stub_is_fresh():
    assert FILE.read_text(encoding="utf-8") == stub(), "python -m docs.generator.stub writes it"


@pytest.mark.parametrize("technique", CATALOGUE, ids=lambda technique: technique.name)
def test_every_technique_has_its_signature_and_documentation(technique):
    node, made = FUNCTIONS[technique.name], constructor(technique)
    given = inspect.signature(made).parameters
    assert [argument.arg for argument in node.args.kwonlyargs] == list(given)
    defaults = [None if default is None else ast.literal_eval(default) for default in node.args.kw_defaults]
    for name, default, node_default in zip(given, defaults, node.args.kw_defaults):
        expected = given[name].default
        assert (node_default is None) == (expected is inspect.Parameter.empty)
        assert node_default is None or default == (list(expected) if isinstance(expected, tuple) else expected)
    assert " ".join((ast.get_docstring(node) or "").split()) == " ".join((inspect.getdoc(made) or "").split())


def test_a_type_checker_knows_them(tmp_path):
    pyright = shutil.which("pyright")
    if pyright is None:
        pytest.skip("needs pyright: pip install pyright")
    (tmp_path / "use.py").write_text("import dlbench\nfrom dlbench.techniques import dropout\n"
                                     "reveal_type(dlbench.techniques.dropout(rate=0.5))\ndropout(rate='x')\ndropout(rte=0.5)\ndlbench.techniques.droput(rate=0.5)\n")
    said = subprocess.run([pyright, "use.py"], cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert 'use.py:3' in said and "dict[str, Any]" in said and "3 errors" in said and 'No parameter named "rte"' in said
