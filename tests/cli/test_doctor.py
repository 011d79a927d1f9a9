"""``dlbench doctor DIR`` and ``STUDY``: what in finished runs, or in data before any run, speaks against verdicts."""

from __future__ import annotations

import numpy as np


def test_results_of_which_nothing_speaks_against_the_verdicts(call, results):
    ended = call("doctor", results)
    assert ended.code == 0 and "nothing in these runs speaks against their verdicts" in ended.out
    refused = call("doctor", "nowhere")
    assert refused.code == 2 and "nowhere: no such file" in refused.err and "Traceback" not in refused.err
    results.parent.joinpath("empty").mkdir()
    assert "no results here" in call("doctor", results.parent / "empty").err


def test_what_is_found_has_evidence_and_a_remedy_within_80_columns(call, study, request):
    study.write_text(study.read_text().replace("margin = 0.01", "margin = 0.2"))
    ended = call("doctor", request.getfixturevalue("results"))
    assert ended.code == 4 and ended.out.startswith("no arm can help by the margin")
    assert "evidence" in ended.out and "remedy" in ended.out and max(map(len, ended.out.splitlines())) <= 80


STUDY = """
dataset = "csv:leaky.csv"
model = "mlp"
margin = {}
[[arms]]
technique = "dropout"
rate = 0.5
"""


def _table(folder, label, told):
    """A table with a column of noise, one that says the label where it is ``told``, and rows that are the same twice."""
    draw = np.random.default_rng(0)
    rows = [(draw.normal(), named if told else draw.normal(), named) for named in label]
    text = "\n".join(f"{noise:.6f},{late:.6f},{named}" for noise, late, named in [*rows, *rows[: len(rows) // 2 * told]])
    (folder / "leaky.csv").write_text(f"noise,late,label\n{text}\n")


def test_a_study_whose_data_gives_the_label_away_before_it_is_trained(call, tmp_path):
    _table(tmp_path, np.arange(400) % 10 == 0, told=True)
    (tmp_path / "leaky.toml").write_text(STUDY.format(0.01))
    ended = call("doctor", "leaky.toml")
    assert ended.code == 4 and max(map(len, ended.out.splitlines())) <= 80
    for subject in ("test examples are in training too", "a feature alone predicts the label", "one class has most of the test examples",
                    "the test set is too small for the margin"):
        assert subject in ended.out
    assert "column 2 (100 %)" in " ".join(ended.out.split())


def test_a_sound_study_and_one_that_has_no_data_of_its_own(call, tmp_path):
    _table(tmp_path, np.arange(400) % 2, told=False)
    (tmp_path / "leaky.toml").write_text(STUDY.format(0.05))
    ended = call("doctor", "leaky.toml")
    assert (ended.code, ended.out.strip()) == (0, "nothing in its data, metric and margin speaks against this study")
    script = call("doctor", "scripts/sklearn_digits")
    assert script.code == 2 and "only the script knows its data" in script.err
