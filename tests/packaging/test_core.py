"""``dlbench-core``: the same code without TensorFlow, alone in an environment with nothing but what it declares."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.packaging.pins import ROOT
from tests.repository import git

HEAVY = {"h5py", "importlib-resources", "keras", "llvmlite", "numba", "tensorflow", "tensorflow-datasets"}
SUITE = "from work import f\n\ndef test_f(benchmark):\n    benchmark(f)\n"
CASES = """
from dlbench.values.case import Case, Prepared

def ones():
    return Prepared(lambda: [1] * 100, lambda: [1] * 100)

CASES = (Case("ones[100]", "mine", "mine:ones"),)
"""
SCRIPT = """
import sys
from dlbench import track
track.score(accuracy=0.9 + 0.001 * int(sys.argv[2]) + 0.01 * float(sys.argv[4]))
"""


def declared(folder):
    """The requirements that a pyproject.toml declares."""
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]


def name_of(requirement):
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


def closure(requirements):
    """The distributions that requirements bring, those of extras and of other systems and Pythons left out."""
    found, waiting = {}, [name_of(text) for text in requirements]
    while waiting:
        name = waiting.pop()
        if name not in found:
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:
                continue
            waiting += [name_of(text) for text in found[name].requires or () if _applies(Requirement(text))]
    return found


def _applies(requirement):
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """``core(*arguments, cwd)``: dlbench in an environment of the wheel and links to what it declares."""
    folder = tmp_path_factory.mktemp("core")
    called(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT / "core", cwd=folder)
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    packages = Path(called(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout.strip())
    called(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", next(folder.glob("*.whl")), cwd=folder)
    for one in closure(declared(ROOT / "core")).values():
        for top in {file.parts[0] for file in one.files if file.parts[0] not in ("..", "__pycache__")}:
            if not (packages / top).exists():
                (packages / top).symlink_to(one.locate_file(top))
    return lambda *arguments, cwd: called(folder / "venv" / "bin" / "dlbench", *arguments, cwd=cwd, check=False)


def called(*command, cwd, check=True):
    """Run a command as in the environment of its program: the ``python`` of a study is the one beside it."""
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DLBENCH_DATA_DIR")
                 and not name.startswith("PYTEST_")}
    own = {"DLBENCH_CACHE_DIR": str(cwd), "PATH": os.pathsep.join([str(Path(command[0]).parent), os.environ["PATH"]])}
    ended = subprocess.run([*map(str, command)], cwd=cwd, env=variables | own, capture_output=True, text=True, check=False)
    assert not check or ended.returncode == 0, ended.stdout + ended.stderr
    return ended


def test_it_declares_what_dlbench_does_without_tensorflow():
    assert set(declared(ROOT / "core")) == {text for text in declared(ROOT) if name_of(text) not in HEAVY}
    assert not HEAVY & set(closure(declared(ROOT / "core")))


@pytest.mark.slow
def test_it_gates_a_project(core, tmp_path):
    (tmp_path / "work.py").write_text("def f():\n    return sum(range(1000))\n")
    (tmp_path / "test_work.py").write_text(SUITE)
    git("init", "-q", "-b", "main", cwd=tmp_path)
    git("add", ".", cwd=tmp_path)
    git("commit", "-q", "-m", "a version", cwd=tmp_path)
    ended = core("gate", "--base", "HEAD", "--pytest", "test_work.py", "--budget", "2", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    [case] = json.loads((tmp_path / "gate.json").read_text())["cases"]
    assert case["screened"] and case["output"] == "same"


def test_it_times_cases_of_ones_own(core, tmp_path):
    (tmp_path / "mine.py").write_text(CASES)
    ended = core("bench", "--cases", "mine", "-k", "ones", "--rounds", "2", "--threads", "1", cwd=tmp_path)
    assert ended.returncode == 0 and "ones[100]" in ended.stdout, ended.stdout + ended.stderr


def test_it_judges_results_and_writes_the_page(core, tmp_path):
    rows = [f"{arm},{seed},{0.9 + 0.001 * seed + 0.05 * (arm == 'new')}" for arm in ("old", "new") for seed in range(4)]
    (tmp_path / "results.csv").write_text("\n".join(["arm,seed,accuracy", *rows]))
    ended = core("judge", "results.csv", "--baseline", "old", "--margin", "0.01", cwd=tmp_path)
    assert ended.returncode == 0 and "helps" in ended.stdout and list(tmp_path.rglob("index.html")), ended.stdout + ended.stderr


def test_it_runs_a_study_of_a_script(core, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "study.toml").write_text("""
        engine = "command"
        run = "python script.py --seed {seed} --more {more}"
        metric = { name = "accuracy", higher_is_better = true, unit = "fraction" }
        margin = 0.001
        seeds = 2
        [baseline]
        more = 0.0
        [[arms]]
        more = 1.0
        """)
    ended = core("run", "study.toml", cwd=tmp_path)
    assert ended.returncode == 0 and list(tmp_path.rglob("index.html")), ended.stdout + ended.stderr


def test_what_needs_the_keras_engine_says_what_to_install(core, tmp_path):
    ended = core("run", "quickstart", "--out", "out", cwd=tmp_path)
    said = " ".join(ended.stderr.split())
    assert ended.returncode == 2 and "Traceback" not in said, ended.stderr
    assert "the engine 'keras' needs tensorflow, keras, which are not installed: pip install dlbench" in said
