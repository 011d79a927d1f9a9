"""The shipped studies of scripts, run with the frameworks that they are written for."""

from __future__ import annotations

import importlib.util

import pytest

import dlbench


@pytest.mark.slow
@pytest.mark.parametrize("study, packages, arm", [
    ("scripts/sklearn_digits", ("sklearn", "dlbench"), "depth=5"), ("scripts/pytorch_digits", ("torch", "sklearn"), "shift"),
    ("scripts/jax_digits", ("jax", "sklearn"), "cosine")])
def test_a_shipped_script_is_deterministic_and_obeys_seed_and_parameters(study, packages, arm, tmp_path, undrawn, python_with):
    changes = {"python": python_with(*packages)}
    result = dlbench.run(study, seeds=2, arms=(arm,), out=tmp_path / "out", jobs=2, changes=changes, progress=False)
    assert result.complete and not len(result.failures)
    result.report("md")
    page = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "yes: its runs are deterministic" in page and "its seed is ignored" not in page and "not of" not in page


def test_the_scripts_need_no_framework_to_be_planned():
    assert [len(dlbench.plan(f"scripts/{name}_digits")) for name in ("pytorch", "sklearn", "jax")] == [6, 5, 6]
    assert importlib.util.find_spec("dlbench.track") is not None
