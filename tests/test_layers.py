"""The architecture, enforced: imports point down one way, stand at the top, and TensorFlow lives in one layer only."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "dlbench"
MAY_IMPORT = {
    "values": set(),
    "techniques": {"values"}, "datasets": {"values"}, "models": {"values"}, "cases": {"values"},
    "plugins": {"values", "techniques", "datasets", "models", "cases"},
    "study": {"values", "techniques", "datasets", "models", "plugins"},
    "kernels": {"values"},
    "engines": {"values", "techniques", "datasets", "models", "plugins", "kernels"},
    "stats": {"values"},
    "store": {"values"},
    "execution": {"values", "techniques", "datasets", "models", "cases", "study", "stats", "store"},
    "contract": {"values", "techniques", "datasets", "models", "cases", "plugins", "study", "execution"},
    "bench": {"values", "cases"},
    "gate": {"values", "cases", "stats", "execution"},
    "analysis": {"values", "stats", "store"},
    "exports": {"values", "store", "analysis"},
    "report": {"values", "stats", "store", "analysis", "exports"},
    "scaffold": {"values", "techniques", "datasets", "models", "cases", "plugins", "study"},
    "cli": {"values", "techniques", "datasets", "models", "cases", "study", "stats", "store", "execution", "bench", "gate",
            "analysis", "report", "plugins", "contract", "exports", "scaffold"},
    "api": {"values", "techniques", "datasets", "models", "cases", "study", "stats", "store", "execution", "bench", "gate",
            "analysis", "report", "plugins", "contract", "exports", "scaffold", "cli"},
}
EXTERNAL = {
    "values": set(),
    "techniques": {"numpy"}, "datasets": {"numpy", "sklearn"}, "models": {"numpy"}, "cases": {"numpy"},
    "plugins": set(), "study": {"pydantic", "numpy", "pyDOE3"},
    "analysis": {"numpy", "pandas"},
}
TENSORFLOW = {"tensorflow", "keras", "tensorflow_datasets"}
STANDARD = set(__import__("sys").stdlib_module_names)
MODULES = sorted(path for path in ROOT.rglob("*.py") if "ablations" not in path.parts)


def layer_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("path", [p for p in MODULES if len(p.relative_to(ROOT).parts) > 1], ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    layer = layer_of(path)
    allowed = MAY_IMPORT[layer] | {layer}
    for name in imports(path):
        head, *rest = name.split(".")
        if head == "dlbench" and rest:
            assert rest[0] in allowed, f"{path} imports {name}"
        elif head in TENSORFLOW:
            assert layer in ("engines", "kernels"), f"{path} imports {name}"
        elif layer in EXTERNAL and head != "dlbench":
            assert head in EXTERNAL[layer] | STANDARD, f"{path} imports {name}"


def test_every_folder_has_a_layer():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders - {"ablations"} <= set(MAY_IMPORT)


def test_the_table_has_no_cycle():
    done = set()
    while len(done) < len(MAY_IMPORT):
        ready = {layer for layer, below in MAY_IMPORT.items() if below <= done} - done
        assert ready, set(MAY_IMPORT) - done
        done |= ready


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_stand_at_the_top(path):
    late = [node.lineno for function in ast.walk(ast.parse(path.read_text()))
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
    allowed = path.name == "tfds.py" and len(late) == 1  # takes seconds to import, and one loader alone needs it
    assert not late or allowed, f"{path}: imports inside functions at lines {late}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_and_functions_stay_short(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False) or ""
            assert node.end_lineno - node.lineno - docstring.count("\n") <= 40, f"{path}:{node.lineno} {node.name}"
