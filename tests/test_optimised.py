"""Python's -OO strips docstrings and assertions: nothing in dlbench may depend on either."""

import ast
import json
import subprocess
import sys

import pytest

from dlbench.techniques import CATALOGUE
from tests.test_layers import PARTS, ROOT, parsed

HEAVY = ("engines", "kernels", "ablations")
FOREIGN = tuple(f"import {name}" for name in ("tensorflow", "ray", "keras"))
ASIDE = ("__main__.py", "make_digits.py")
SCRIPT = """
import importlib, json, sys
for name in json.load(sys.stdin):
    importlib.import_module(name)
from dlbench.study import load, plan
from dlbench.techniques import CATALOGUE
from tests.test_layers import PARTS, ROOT, parsed
print(json.dumps([[item.name, item.summary, item.formula] for item in CATALOGUE.shipped]), len(plan(load("quickstart")).runs))
"""
MODULES = sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in HEAVY)


def light():
    """The modules that import neither TensorFlow nor a package that is not required, and that do nothing on import."""
    for path in MODULES:
        if path.name not in ASIDE and not any(words in path.read_text() for words in FOREIGN):
            yield ".".join(("dlbench", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def test_all_light_modules_work_without_docstrings():
    names = list(light())
    assert len(names) > 150
    command = [sys.executable, "-OO", "-c", SCRIPT]
    ended = subprocess.run(command, input=json.dumps(names), capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    told, runs = ended.stdout.rsplit(" ", 1)
    assert json.loads(told) == [[item.name, item.summary, item.formula] for item in CATALOGUE.shipped] and int(runs) > 0


@pytest.mark.parametrize("part", PARTS)
def test_no_module_reads_docstrings_or_relies_on_assertions(part):
    for path, node in [(file, node) for file in PARTS[part] for node in ast.walk(parsed(file))]:
        assert not isinstance(node, ast.Assert), f"{path}:{node.lineno}: raise an error instead"
        assert not (isinstance(node, ast.Attribute) and node.attr == "__doc__"), f"{path}:{node.lineno}: a docstring is no data"
