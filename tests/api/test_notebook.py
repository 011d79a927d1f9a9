"""A study in a notebook: progress in one output, results as a table."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.calling import called, process

ROOT = Path(__file__).parents[2]
CELLS = ["import dlbench",
         """result = dlbench.run({"margin": 0.01, "seeds": 2, "examples": 100, "budget": {"epochs": 1},
                       "arms": [{"technique": "l2", "strength": 0.01}]}, out="out", timing=False, jobs=2)""",
         "result"]
OBJECTS = ["import keras, dlbench\nimport numpy as np\nfrom keras import layers\nUNITS = 8",
           """class Scale(layers.Layer):
    def __init__(self, by=0.5, **options):
        super().__init__(**options)
        self.by = by

    def call(self, x):
        return x * self.by

    def get_config(self):
        return {**super().get_config(), "by": self.by}""",
           """def build(input_shape, classes):
    inputs = keras.Input(input_shape)
    x = Scale()(layers.Flatten()(inputs))
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(layers.Dense(UNITS, activation="relu")(x)))

y = np.random.default_rng(0).integers(0, 3, 300)
x = np.random.default_rng(1).normal(size=(300, 6)) + y[:, None]
asked = dict(seeds=2, margin=0.01, budget={"epochs": 1}, timing=False, jobs=2)""",
           """result = dlbench.run(model=build, data=(x[:200], y[:200], x[200:], y[200:]),
                     arms=[dlbench.arm("dropout", rate=0.5), dlbench.techniques.l2(strength=0.01)], **asked)
assert result.complete and not len(result.failures), result.failures.reason.tolist()""",
           "result", "result.plot.effects()", "result.plot.curves('dropout rate=0.5').save('curve.svg'), result.plot.seeds()",
           """def maker(widths):
    def net(input_shape, classes):
        stack = [layers.Dense(int(width)) for width in widths]
        return keras.Sequential([keras.Input(input_shape), *stack, layers.Dense(classes, activation="softmax")])
    return net

import pandas as pd
frame = pd.DataFrame(x, columns=list("abcdef")).assign(label=y)
ran = [dlbench.run(model=maker(np.array(widths)), data=frame, arms=[dlbench.techniques.l2(strength=0.01)], out="pickled", **asked)
       for widths in ([4], [4], [8])]
started = [one.runs.started.tolist() for one in ran]
started[0] == started[1], set(started[0]) & set(started[2]), [len(one.failures) for one in ran]""",
           """import tensorflow as tf
parts = [tf.data.Dataset.from_tensor_slices((x[part], y[part])).batch(16) for part in (slice(200), slice(200, 300))]
same = dlbench.run(model=build, data=tuple(parts), arms=[dlbench.arm("l2", strength=0.01)], out="streamed", **asked)
same.runs.query("arm == 'baseline'").test_loss.tolist() == result.runs.query("arm == 'baseline'").test_loss.tolist()""",
           "import inspect\ninspect.signature(dlbench.techniques.dropout)"]


def _executed(cells, folder, monkeypatch):
    """A notebook of these cells after it ran in a folder."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("DLBENCH_CACHE_DIR", str(folder / "cache"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_study_runs_in_a_notebook(tmp_path, monkeypatch):
    notebook = _executed(CELLS, tmp_path, monkeypatch)
    progress = notebook.cells[1].outputs
    assert [output.output_type for output in progress] == ["display_data"], progress
    assert "training: 4 of 4" in progress[0].data["text/plain"]
    assert "<table" in notebook.cells[2].outputs[0].data["text/html"]
    assert os.listdir(tmp_path / "out")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_study_of_functions_of_cells_and_closures_is_run_again_from_the_command_line(tmp_path, monkeypatch):
    cells = _executed(OBJECTS, tmp_path, monkeypatch).cells
    shown = {place: output.data for place, cell in enumerate(cells) for output in cell.outputs if output.output_type == "execute_result"}
    assert "dropout rate=0.5" in shown[4]["text/html"] and shown[5]["image/svg+xml"].count("<svg") == 1
    assert (tmp_path / "curve.svg").is_file() and "Drawing" in shown[6]["text/plain"]
    assert shown[7]["text/plain"] == "(True, set(), [0, 0, 0])" and shown[8]["text/plain"] == "True"
    assert "rate: float = 0.5" in shown[9]["text/plain"]
    source = (tmp_path / "reports" / "build" / "study_model.py").read_text()
    assert "UNITS = 8\n\n\nclass Scale(layers.Layer):" in source and "is pickled: it uses 'widths', an object of ndarray" in (
        tmp_path / "pickled" / "study_model.py").read_text()
    for folder in (tmp_path / "reports" / "build", tmp_path / "pickled"):
        ended = called(folder, "run", "study.toml", "--out", ".", "--no-report", DLBENCH_CACHE_DIR=str(tmp_path / "cache"))
        assert ended.code == 0 and "0 runs done" in ended.err, ended.err
    ended = process(tmp_path / "pickled", "-m", "dlbench", "run", "study.toml", "--out", ".", "--fresh")  # with a cache of its own
    assert ended.code == 2 and "study_model.pickle was not written by you" in ended.err
