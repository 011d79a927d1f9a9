"""Eight small projects, each in the manner of real ones: where packages lie, how pytest is set up, what the cases need."""

from __future__ import annotations

import shutil
import sysconfig
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

WORK = '''
def render(rows, mark="{mark}"):
    """Write each row as text; a share of the rows, {again} in 1000, is written twice."""
    lines = [_line(row, mark) for row in rows]
    for row in rows[: len(rows) * {again} // 1000]:
        _line(row, mark)
    return lines


def _line(row, mark):
    return mark.join(str(value) for value in (row, row * row, row % 7, -row))


def parse(lines):
    return [[int(part) for part in line.split(",")] for line in lines]


def total(rows):
    return sum(value * value for value in rows)
'''
"""The code under test of most projects. Its cost is in proportion to the rows, so writing a share of them twice costs that share."""
ROWS = 600
TARGET = "test_render"
SUITE = f'''
from pkg import parse, render, total

ROWS = list(range({ROWS}))


def test_render(benchmark):
    benchmark(render, ROWS)


def test_parse(benchmark):
    benchmark(parse, [f"{{row}},{{row * 2}},{{row * 3}}" for row in ROWS])


def test_total(benchmark):
    benchmark(total, range(20_000))
'''


@dataclass(frozen=True)
class Project:
    """A project.

    Attributes:
        name: of it.
        manner: what it has that others lack, in a few words.
        files: path -> text; ``{again}`` and ``{mark}`` stand for what a version is about.
        options: of the gate, beside the version.
        target: the end of the name of the case that depends on ``{again}``.
        cases: how many it has.
    """

    name: str
    manner: str
    files: Mapping[str, str]
    options: tuple[str, ...] = ("--pytest", "tests")
    target: str = TARGET
    cases: int = 3
    ignored: tuple[str, ...] = field(default=())

    def write(self, root: Path, again: int, mark: str) -> None:
        """Write a version: ``again`` rows of 1000 are done twice, and outputs are joined by ``mark``."""
        ignored = "\n".join(["gate.*", "__pycache__/", *self.ignored]) + "\n"
        for path, text in {**self.files, ".gitignore": ignored}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            filled = textwrap.dedent(text).replace("{again}", str(again)).replace("{mark}", mark)
            (root / path).write_text(filled, encoding="utf-8")


def pytest_table(text: str) -> str:
    """A pyproject.toml with options of pytest."""
    return f"[tool.pytest.ini_options]\n{textwrap.dedent(text)}"


FLAT = Project("flat", "warnings are errors, a package beside its tests", {
    "pkg/__init__.py": WORK, "tests/test_it.py": SUITE, "pyproject.toml": pytest_table('filterwarnings = ["error"]\n')})

SOURCE = Project("source", "`src/`, strict options, `--ff`, cases chosen away by a mark, parameters that are functions and a set", {
    "src/pkg/__init__.py": WORK,
    "pyproject.toml": pytest_table("""
        addopts = '--strict-config --strict-markers --ff -m "not benchmark"'
        """),
    "tests/test_it.py": SUITE + textwrap.dedent('''

        import pytest


        @pytest.mark.parametrize("function", [lambda rows: sorted(rows), total])
        def test_function(benchmark, function):
            benchmark(function, ROWS * 20)


        @pytest.mark.parametrize("size", {30, 60})
        def test_size(benchmark, size):
            benchmark(parse, ["1,2,3"] * size * 20)
        ''')}, cases=7)

SEVERAL = Project("several", "two packages in `packages/*/src`, fresh input for each round, an iterator that is used up", {
    "packages/core/src/pkg/__init__.py": WORK,
    "packages/words/src/words/__init__.py": "from pkg import render\n\ndef text(rows):\n    return '\\n'.join(render(rows))\n",
    "tests/test_it.py": f'''
    from pkg import parse, render, total
    from words import text

    def test_render(benchmark):
        benchmark.pedantic(text, setup=lambda: ((list(range({ROWS})),), {{}}), rounds=5)

    def test_parse(benchmark):
        benchmark.pedantic(parse, args=(iter(["1,2,3"] * 2000),), rounds=1)

    def test_total(benchmark):
        rows = list(range(20_000))
        benchmark.pedantic(lambda: (total(rows), rows.append(1)), rounds=10, iterations=2)
    '''})

INSIDE = Project("inside", "a package in `python/`, fixtures of the session, files, statistics asked for", {
    "python/pkg/__init__.py": WORK,
    "tests/conftest.py": f'''
    import time
    import pytest

    @pytest.fixture(scope="session")
    def rows():
        time.sleep(0.5)
        return list(range({ROWS}))
    ''',
    "tests/test_it.py": '''
    from pkg import parse, render, total

    def test_render(benchmark, rows, tmp_path):
        lines = benchmark(render, rows)
        (tmp_path / "lines.txt").write_text(" ".join(lines))
        assert benchmark.stats.stats.mean < 1

    def test_parse(benchmark, rows, tmp_path):
        path = tmp_path / "rows.txt"
        path.write_text("\\n".join(f"{row},{row}" for row in rows))
        benchmark(lambda: parse(path.read_text().splitlines()))

    def test_total(benchmark, rows):
        benchmark(total, rows * 20)
    '''})

EXTENSION = '''
#include <Python.h>

static PyObject *checksum(PyObject *self, PyObject *argument) {
    Py_buffer view;
    if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0) return NULL;
    unsigned long long sum = 14695981039346656037ULL, spare = sum;
    const unsigned char *bytes = view.buf;
    for (Py_ssize_t i = 0; i < view.len; i++) sum = (sum ^ bytes[i]) * 1099511628211ULL;
    for (Py_ssize_t i = 0; i < view.len * {again} / 1000; i++) spare = (spare ^ bytes[i]) * 1099511628211ULL;
    PyBuffer_Release(&view);
    return Py_BuildValue("KO", sum * strlen("{mark}"), spare ? Py_True : Py_False);
}

static PyMethodDef methods[] = {{"checksum", checksum, METH_O, "FNV-1a of bytes."}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_fast", NULL, -1, methods};
PyMODINIT_FUNC PyInit__fast(void) { return PyModule_Create(&module); }
'''
SETUP = '''
from setuptools import Extension, setup
setup(name="pkg", packages=["pkg"], ext_modules=[Extension("pkg._fast", ["pkg/_fast.c"])])
'''
BUILT = {
    "pkg/__init__.py": "from pkg._fast import checksum\nfrom pkg.words import parse, render, total\n", "pkg/words.py": WORK,
    "tests/test_it.py": SUITE.replace("import parse", "import checksum, parse").replace(
        "benchmark(render, ROWS)", "benchmark(checksum, bytes(range(256)) * 4000)"),
}
"""A package of which a part is made by a build; git does not keep that part."""
COMPILED = Project("compiled", "a C extension that is built in place", {**BUILT, "pkg/_fast.c": EXTENSION, "setup.py": SETUP},
                   ("--pytest", "tests", "--build", "python setup.py -q build_ext --inplace"), ignored=("*.so", "build/"))
GENERATED = Project("compiled", "a module that a build generates (no C compiler here)", {
    **BUILT, "pkg/_fast.c": "not compiled here\n",
    "make.py": "code = open('pkg/words.py').read() + '''\ndef checksum(data):\n    return render(data[:2000])\n'''\n"
               "open('pkg/_fast.py', 'w').write(code)\n"},
    ("--pytest", "tests", "--build", "python make.py"), ignored=("pkg/_fast.py",))

ASYNCHRONOUS = Project("asynchronous", "coroutines, a mark alone, own names in `extra_info`", {
    "pkg/__init__.py": WORK + "\n\nasync def rendered(rows):\n    return render(rows)\n",
    "tests/test_it.py": f'''
    import pytest
    from pkg import parse, rendered, total

    def test_render(benchmark):
        benchmark.extra_info["case"] = "mine"
        benchmark(rendered, list(range({ROWS})))

    @pytest.mark.benchmark
    def test_marked():
        assert len(parse(["1,2,3"] * 2000)) == 2000

    def test_total(benchmark):
        benchmark.extra_info["case"] = "mine"
        benchmark(total, range(20_000))
    '''})

MODULE = Project("module", "a module of cases in place of a suite, a file of rules", {
    "pkg/__init__.py": WORK, "pyproject.toml": '[tool.dlbench.gate]\ncases = ["speed"]\n',
    ".dlbench-gate.toml": """
    [[limit]]
    cases = "test_t*"
    min_effect = 0.06

    [[quiet]]
    cases = "test_parse"
    reason = "It is not ours."
    """,
    "speed.py": f'''
    from pkg import parse, render, total

    ROWS = list(range({ROWS}))
    CASES = {{"test_render": lambda: render(ROWS), "test_parse": lambda: parse(["1,2,3"] * 2000),
             "test_total": lambda: total(range(20_000))}}
    '''}, options=())

MANY = Project("many", "24 cases by parameters, nested values and objects as outputs", {
    "src/pkg/__init__.py": WORK,
    "tests/test_it.py": f'''
    from dataclasses import dataclass
    import pytest
    from pkg import parse, render, total

    @dataclass
    class Item:
        a: int
        b: list

    def test_render(benchmark):
        benchmark(render, list(range({ROWS})))

    @pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
    @pytest.mark.parametrize("size", [200, 400, 600, 800])
    def test_structured(benchmark, kind, size):
        make = {{"list": lambda a: [a, [a]], "tuple": lambda a: (a, (a, [a])), "dict": lambda a: {{a: {{"b": [a]}}}}}}[kind]
        benchmark(lambda: [make(a) for a in range(size)])

    @pytest.mark.parametrize("size", range(100, 1100, 200))
    def test_items(benchmark, size):
        benchmark(lambda: [Item(a, [a] * 3) for a in range(size)])

    @pytest.mark.parametrize("size", range(1000, 7000, 1000))
    def test_total(benchmark, size):
        benchmark(total, range(size))
    '''}, cases=24)


def projects() -> tuple[Project, ...]:
    """The eight projects; the one with an extension in C generates a module instead where nothing can compile it."""
    header = Path(sysconfig.get_path("include")) / "Python.h"
    compiled = COMPILED if (shutil.which("cc") or shutil.which("gcc")) and header.is_file() else GENERATED
    return (MANY, FLAT, SOURCE, SEVERAL, INSIDE, compiled, ASYNCHRONOUS, MODULE)
