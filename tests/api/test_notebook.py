"""A study in a notebook: progress in one output, results as a table."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CELLS = ["import dlbench",
         """result = dlbench.run({"margin": 0.01, "seeds": 2, "examples": 100, "budget": {"epochs": 1},
                       "arms": [{"technique": "l2", "strength": 0.01}]}, out="out", timing=False, jobs=2)""",
         "result"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_study_runs_in_a_notebook(tmp_path, monkeypatch):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("DLBENCH_CACHE_DIR", str(tmp_path / "cache"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    progress = notebook.cells[1].outputs
    assert [output.output_type for output in progress] == ["display_data"], progress
    assert "training: 4 of 4" in progress[0].data["text/plain"]
    assert "<table" in notebook.cells[2].outputs[0].data["text/html"]
    assert os.listdir(tmp_path / "out")
