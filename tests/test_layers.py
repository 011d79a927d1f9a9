"""What `tox run -e lint` does not check: where imports stand, what the lower layers may use, how long files and functions are.

Which package may import which stands in pyproject.toml, under [tool.importlinter].
"""

import ast
import sys
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "dlbench"
MODULES = sorted(path for path in ROOT.rglob("*.py") if "ablations" not in path.parts)
PARTS = {name: list(paths) for name, paths in groupby(MODULES, lambda path: path.relative_to(ROOT).parts[0])}
"""Package, or module beside them -> its modules."""
LIBRARIES = {
    "values": {"numpy"}, "techniques": {"numpy"}, "datasets": {"PIL", "numpy", "pandas", "psutil", "scipy", "sklearn"},
    "models": {"numpy"}, "cases": {"numpy"},
    "plugins": set(), "study": {"numpy", "pydantic", "pyDOE3"}, "analysis": {"numpy", "pandas", "statsmodels"},
}
"""Package of the lower layers -> the libraries that it may import beside the standard one."""


@cache
def parsed(path):
    """The syntax of a module."""
    return ast.parse(path.read_text())


def functions(path):
    """The functions of a module, at any depth."""
    return [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def imported(path):
    """The top-level packages that a module imports."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", LIBRARIES)
def test_the_lower_layers_import_few_libraries(package):
    allowed = {"dlbench", *LIBRARIES[package], *sys.stdlib_module_names}
    more = {str(path): set(imported(path)) - allowed for path in (ROOT / package).rglob("*.py")}
    assert not {path: names for path, names in more.items() if names}


@pytest.mark.parametrize("part", PARTS)
def test_imports_stand_at_the_top(part):
    late = {str(path): node.lineno for path in PARTS[part] for function in functions(path)
            for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)}
    assert not late, "imports inside functions"


@pytest.mark.parametrize("part", PARTS)
def test_modules_and_functions_stay_short(part):
    assert not [str(path) for path in PARTS[part] if len(path.read_text().splitlines()) > 300]
    assert not [f"{path}:{function.lineno} {function.name}" for path in PARTS[part] for function in functions(path)
                if function.end_lineno - function.lineno >= 40]
