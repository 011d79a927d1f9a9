"""What `tox run -e lint` does not check: where imports stand, what the lower layers may use, how long files and functions are.

Which package may import which stands in pyproject.toml, under [tool.importlinter].
"""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "dlbench"
MODULES = sorted(path for path in ROOT.rglob("*.py") if "ablations" not in path.parts)
LIBRARIES = {
    "values": {"numpy"}, "techniques": {"numpy"}, "datasets": {"PIL", "numpy", "pandas", "psutil", "scipy", "sklearn"},
    "models": {"numpy"}, "cases": {"numpy"},
    "plugins": set(), "study": {"numpy", "pydantic", "pyDOE3"}, "analysis": {"numpy", "pandas", "statsmodels"},
}
"""Package of the lower layers -> the libraries that it may import beside the standard one."""


def imported(path):
    """The top-level packages that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", LIBRARIES)
def test_the_lower_layers_import_few_libraries(package):
    allowed = {"dlbench", *LIBRARIES[package], *sys.stdlib_module_names}
    more = {str(path): set(imported(path)) - allowed for path in (ROOT / package).rglob("*.py")}
    assert not {path: names for path, names in more.items() if names}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_stand_at_the_top(path):
    late = [node.lineno for function in ast.walk(ast.parse(path.read_text()))
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert not late, f"{path}: imports inside functions at lines {late}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_and_functions_stay_short(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 40, f"{path}:{node.lineno} {node.name}"
