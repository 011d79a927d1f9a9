"""What a user installs: the wheel, made from the source distribution, works far from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from dlbench.study import shipped
from tests.packaging.pins import ROOT

DATA = (
    "dlbench/py.typed",
    "dlbench/ablations/quickstart.toml", "dlbench/ablations/mnist.toml", "dlbench/datasets/data/digits.npz",
    "dlbench/report/templates/page.html", "dlbench/scaffold/templates/technique.py.jinja",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it alone."""
    folder = tmp_path_factory.mktemp("dist")
    _call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory) -> Path:
    """The folder of programs of an environment that has the wheel; everything else it has from this one."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    packages = Path(_call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout.strip())
    wheel = next(built.glob("*.whl"))
    _call(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    seen = [path for path in sys.path if path.endswith("-packages")]
    (packages / "dependencies.pth").write_text("\n".join(seen), encoding="utf-8")
    return folder / "bin"


def test_studies_templates_and_digits_are_in_both_files(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        quickstart = wheel.read("dlbench/ablations/quickstart.toml").decode()
    with tarfile.open(next(built.glob("*.tar.gz"))) as source:
        links = [item.name for item in source if item.issym() or item.islnk()]
        sources = {item.name.partition("/")[2] for item in source}
    data = {*DATA, *(f"dlbench/ablations/{name}.toml" for name in shipped())}
    assert data <= names and data <= sources and links == []
    assert quickstart == (ROOT / "ablations" / "quickstart.toml").read_text(encoding="utf-8")
    assert not [name for name in names if name.startswith(("tests/", "reports/", "benchmarks/"))]


def test_the_installed_package_is_the_one_in_the_wheel(installed, tmp_path):
    found = _call(installed / "python", "-c", "import dlbench; print(dlbench.__file__)", cwd=tmp_path).stdout
    assert Path(found.strip()).is_relative_to(installed.parent)


def test_studies_are_listed_and_planned_elsewhere(installed, tmp_path):
    listed = json.loads(_call(installed / "dlbench", "list", "studies", "--json", cwd=tmp_path).stdout)
    assert {"quickstart", "mnist"} <= {row["name"] for row in listed}
    assert "dropout rate=0.5" in _call(installed / "dlbench", "plan", "quickstart", cwd=tmp_path).stdout
    assert [entry.name for entry in tmp_path.iterdir()] == ["cache"]


@pytest.mark.slow  # `tox run -e quickstart`, which follows on the tests, runs a study from the wheel
def test_a_study_runs_elsewhere(installed, tmp_path):
    tiny = ("--seeds", "2", "--arm", "dropout rate=0.5", "--set", "budget.epochs=1", "--set", "examples=100", "--no-timing", "--jobs", "1")
    ran = _call(installed / "dlbench", "run", "quickstart", *tiny, cwd=tmp_path)
    assert "4 runs done, 0 were there already, 0 failed" in ran.stderr
    assert "dropout rate=0.5" in (tmp_path / "reports" / "quickstart" / "report.md").read_text(encoding="utf-8")
    assert "<table" in (tmp_path / "reports" / "quickstart" / "index.html").read_text(encoding="utf-8")


def _call(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program; where it fails, what it said is the test's message."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DLBENCH_DATA_DIR")}
    environment["DLBENCH_CACHE_DIR"] = str(cwd / "cache")
    ended = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, f"{command}: {ended.stdout}\n{ended.stderr}"
    return ended
