"""Fixtures that tests of several layers share."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from dlbench.app import run
from dlbench.report.figures import canvas

for _name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, "1")  # engines in a test's process compute as workers do; TensorFlow reads it once
UNDRAWN = ("analysis", "app", "cases", "cli")
"""Folders whose tests look at no figure: reports of every kind are drawn in those of reports, execution and ablations."""
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>'


def pytest_configure():
    """Collect no garbage until the tests are collected: what they import stays, and each collection would look through all of it again."""
    gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop():
    """Collect garbage again, and first what the imports left."""
    gc.collect()
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def _what_was_imported_is_never_garbage():
    """A full garbage collection looks through all that is not frozen: half a second where TensorFlow has been imported."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_shared_runs():
    """No test finds the runs of another one; tests of shared runs have a cache of their own, and a limit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLBENCH_RUNS_GIB", "0")
        yield


@pytest.fixture(scope="session", autouse=True)
def one_worker():
    """Studies for which nobody says how many workers they get have one: tests run beside each other, and each further worker traces every
    arm again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "fitting_workers", lambda _: 1)
        yield


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real datasets; tests that need it carry the marker ``data``."""
    folder = os.environ.get("DLBENCH_DATA_DIR")
    if not folder:
        pytest.skip("needs real data: set DLBENCH_DATA_DIR to a folder that holds tfds/mnist")
    return Path(folder).resolve()


@contextmanager
def blank_figures():
    """Reports have blank figures while this is entered: drawing is nearly all of their work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas, "draw", lambda *_: BLANK)
        yield


@pytest.fixture
def undrawn():
    """Reports whose figures are blank, for tests of what reports say."""
    with blank_figures():
        yield


@pytest.fixture(scope="module", autouse=True)
def _undrawn_where_nobody_looks(request):
    with blank_figures() if request.path.relative_to(Path(__file__).parent).parts[0] in UNDRAWN else nullcontext():
        yield
