"""Every study renders in every format, honestly, and the same each time."""

import gc
import re
import subprocess
import sys
import weakref
from dataclasses import replace

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import _pylab_helpers

import dlbench.report
from dlbench.analysis import analyse
from dlbench.report import FORMATS, render, render_analysis
from dlbench.values.errors import InputError
from tests.report.conftest import Shape, build, empty, fail, without_runs
from tests.selection import mostly_slow

SMALL = {"baseline": 0.0, "good": 0.02, "poor": -0.02}


SHAPE = Shape(seeds=4, epochs=3)


def small(shape=SHAPE, **study):
    return build(SMALL, shape, **study)


STUDIES = {
    "empty": empty,
    "baseline only": lambda: build({"baseline": 0.0}),
    "one seed": lambda: small(Shape(seeds=1, epochs=2)),
    "one epoch": lambda: small(Shape(seeds=2, epochs=1)),
    "one run of an arm": lambda: without_runs(small(), "good", (1,)),
    "no baseline yet": lambda: without_runs(small(), "baseline"),
    "an arm failed": lambda: fail(small(), "good", [0, 1, 2, 3], "error", "ValueError: x"),
    "all failed": lambda: fail(
        fail(build({"baseline": 0.0, "a": 0.0}), "a", list(range(8))), "baseline", list(range(8)), "timeout", ""
    ),
    "loss": lambda: small(metric="test_loss", margin=0.002),
    "no timings": lambda: replace(small(), rounds=pd.DataFrame()),
    "no curves": lambda: replace(small(), curves=pd.DataFrame()),
    "no target": lambda: small(target=None),
    "curves of NaN": lambda: replace(small(), curves=small().curves.assign(validation_accuracy=np.nan, train_accuracy=np.nan)),
    "costs of NaN": lambda: replace(
        small(), runs=small().runs.assign(parameters=np.nan, macs=None), rounds=small().rounds.iloc[:0]
    ),
    "constant scores": lambda: build({"baseline": 0.0, "a": 0.0, "b": 0.1}, Shape(noise=0.0, shared=0.0)),
}


@pytest.mark.parametrize("name", mostly_slow([*STUDIES], "empty", "one seed", "no baseline yet", "an arm failed", "all failed",
                                              "curves of NaN"))
def test_every_study_renders_without_a_hole(name, tmp_path):
    results = STUDIES[name]()
    for path in render(results, tmp_path, tuple(FORMATS)):
        text = path.read_text()
        assert text.strip() or path.suffix == ".csv"
        assert not re.search(
            r"\b(nan|NaN|None|NaT|inf)\b|<NA>", re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL)
        ), path
    partial = "Partial:" in (tmp_path / "index.html").read_text()
    assert partial == (not results.complete) == ("Partial:" in (tmp_path / "report.md").read_text())


def test_the_files_are_the_ones_promised(tmp_path):
    paths = [path.relative_to(tmp_path).as_posix() for path in render(small(), tmp_path, ("html", "md", "csv", "tex"))]
    assert paths[:2] == ["index.html", "report.md"]
    assert {
        "verdicts.csv",
        "runs.csv",
        "verdicts.tex",
        "figures/forest.svg",
        "figures/seeds.svg",
        "figures/curves.svg",
        "figures/target.svg",
    } <= set(paths)
    assert all((tmp_path / path).stat().st_size < 100_000 for path in paths if path.endswith(".svg"))


def test_the_same_results_give_the_same_bytes(tmp_path):
    results = build({"baseline": 0.0, "good": 0.02}, SHAPE)
    for one, two in zip(render(results, tmp_path / "a", tuple(FORMATS)), render(results, tmp_path / "b", tuple(FORMATS))):
        assert one.read_bytes() == two.read_bytes(), one.name


def test_the_results_are_not_changed(tmp_path):
    results = build({"baseline": 0.0, "good": 0.02}, SHAPE)
    before = results.runs.copy(deep=True), results.arms.copy(deep=True), results.curves.copy(deep=True)
    render(results, tmp_path, tuple(FORMATS))
    for old, new in zip(before, (results.runs, results.arms, results.curves)):
        pd.testing.assert_frame_equal(old, new)


def test_an_unknown_format_is_a_usage_error_and_writes_nothing(results, tmp_path):
    with pytest.raises(InputError, match="did you mean 'html'"):
        render(results, tmp_path / "out", ("md", "htm"))
    assert not (tmp_path / "out").exists()


def test_verdicts_serve_a_condition(results):
    table = analyse(fail(results, "separable_conv", [0])).verdicts
    assert {"arm", "verdict", "control", "reason"} <= set(table.columns)
    assert (table.set_index("arm").loc[["l1 strength=0.01", "separable_conv"], "verdict"] == "hurts").all()


def test_importing_the_package_has_no_side_effect():
    code = (
        "import matplotlib, sys; before = dict(matplotlib.rcParams); import dlbench.report; "
        "assert dict(matplotlib.rcParams) == before; assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_rendering_leaves_global_state_as_it_was(tmp_path):
    before = dict(matplotlib.rcParams)
    render(small(), tmp_path)
    assert dict(matplotlib.rcParams) == before
    assert not _pylab_helpers.Gcf.figs


def test_the_public_names_exist():
    assert all(hasattr(dlbench.report, name) for name in dlbench.report.__all__)


def test_nothing_keeps_an_analysis_alive_once_it_is_rendered(tmp_path, undrawn):
    analysis = analyse(build({"baseline": 0.0, "a": 0.01, "b": 0.0, "a + b": 0.01}, SHAPE, design="factorial"))
    render_analysis(analysis, tmp_path, tuple(FORMATS))
    assert analysis.factors is not None
    gone = weakref.ref(analysis)
    del analysis
    gc.collect()
    assert gone() is None
