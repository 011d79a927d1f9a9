"""What is decided or done when runs have finished: rows V2, V5 and V6 of the corpus of cases."""

import importlib.util
import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dlbench.analysis import analyse
from dlbench.analysis.rejudge import rejudged
from dlbench.app.elsewhere import found_elsewhere, remember
from dlbench.app.result import load as results_of
from dlbench.execution.provenance import changed_data
from dlbench.exports import export
from dlbench.report import render_analysis
from dlbench.stats.wording import format_effect
from dlbench.store.database import Store
from dlbench.store.read import read
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from tests.calling import called
from tests.execution.made_up import carry_out

ARMS = [{"technique": "dropout", "rate": 0.2}, {"technique": "l2"}]


def planned(**table):
    return plan(load({"margin": 0.02, "seeds": 8, "arms": ARMS, **table}))


def scores(recipe, seed):
    """Dropout gains 4 points, with a little noise."""
    gain = 0.04 * (recipe.model.dropout > 0) + 0.002 * ((seed * seed * 7 + 3 * int(100 * recipe.model.dropout)) % 5)
    return 0.8 + gain, 0.8


def carried_out(folder, **table):
    carry_out(planned(**table), folder, scores)
    return analyse(read(folder))


def verdicts(analysis):
    return dict(zip(analysis.verdicts["arm"], analysis.verdicts["verdict"]))


def test_v2_a_margin_that_is_changed_in_the_study_is_marked_and_both_judgements_are_kept(tmp_path):
    first = carried_out(tmp_path)
    assert first.declared is None and verdicts(first)["dropout rate=0.2"] == "helps"
    with Store(tmp_path) as store:
        assert any("chosen afterwards" in note for note in changed_data(planned(margin=0.3), store))
        assert not changed_data(planned(), store)
    later = carried_out(tmp_path, margin=0.3)
    assert later.margin == 0.3 and verdicts(later) != verdicts(first)
    assert later.declared.margin == 0.02 and verdicts(later.declared) == verdicts(first)
    render_analysis(later, tmp_path, ("html", "md"))
    for page in ("index.html", "report.md"):
        text = re.sub(r"<[^>]+>|\\", "", (tmp_path / page).read_text())
        assert "Chosen afterwards" in text and "margin of ±2 pp" in text and "helps: dropout rate=0.2" in text
    (path,) = export(later, "json", tmp_path / "out")
    content = json.loads(path.read_text())
    assert content["study"]["declared_first"] == {"metric": "test_accuracy", "margin": 0.02}
    assert {row["arm"]: row["verdict"] for row in content["declared_verdicts"]} == verdicts(first)


@pytest.mark.parametrize("change", [{"margin": 0.3}, {"metric": "validation_accuracy"}, {"margin": 0.3, "seeds": 9}])
def test_v2_the_mark_stays_through_further_changes_and_goes_with_the_declared_judgement(change, tmp_path):
    carried_out(tmp_path)
    for table, marked in ((change, True), ({**change, "margin": 0.5}, True), ({}, False), ({"seeds": 10}, False), (change, True)):
        declared = carried_out(tmp_path, **table).declared
        assert (declared is not None) == marked
        assert not marked or (declared.metric.name, declared.margin) == ("test_accuracy", 0.02)


def test_v2_what_is_changed_before_any_run_has_finished_is_no_afterthought(tmp_path):
    carry_out(planned(), tmp_path, lambda recipe, seed: "open")
    assert carried_out(tmp_path, margin=0.3).declared is None


def test_v2_another_study_in_the_same_folder_is_none_that_was_judged_otherwise(tmp_path):
    carried_out(tmp_path)
    assert carried_out(tmp_path, margin=0.3, arms=[{"technique": "label_smoothing"}]).declared is None


def test_v2_finished_runs_are_judged_again_beside_the_declared_judgement(tmp_path):
    carried_out(tmp_path)
    again = results_of(tmp_path).rejudged("validation_accuracy", 0.3)
    assert again.folder == tmp_path / "rejudged" / "validation_accuracy-margin-0.3"
    assert again.analysis.metric.name == "validation_accuracy" and again.analysis.declared.metric.name == "test_accuracy"
    paths = again.report("md")
    assert paths[0].parent == again.folder and "Chosen afterwards" in paths[0].read_text() and not (tmp_path / "report.md").exists()
    assert results_of(tmp_path).rejudged(margin=0.02).analysis.declared is None
    assert results_of(tmp_path).analysis.margin == 0.02


def test_v2_the_command_line_writes_beside_the_declared_report_and_says_so(tmp_path):
    carried_out(tmp_path / "results")
    ended = called(tmp_path, "report", "results", "--metric", "validation_accuracy", "--margin", "0.3", "--format", "md")
    assert ended.code == 0 and "warning: Chosen afterwards: validation accuracy with a margin of ±30 pp" in ended.err
    assert "helps: dropout rate=0.2" in ended.err and (tmp_path / "results" / "rejudged").is_dir()
    ended = called(tmp_path, "export", "results", "--format", "json", "--metric", "validation_accuracy")
    content = json.loads(Path(tmp_path / ended.out.strip()).read_text())
    assert content["study"]["declared_first"]["metric"] == "test_accuracy"
    ended = called(tmp_path, "report", ".", "--margin", "0.3")
    assert ended.code == 2 and "--margin: accepted for one study" in ended.err


@pytest.mark.parametrize(("metric", "words"), [("test_auc", "was not measured"), ("test_acuracy", "did you mean 'test_accuracy'")])
def test_v2_what_was_not_measured_cannot_judge(metric, words, tmp_path):
    carried_out(tmp_path)
    with pytest.raises(InputError, match=words):
        results_of(tmp_path).rejudged(metric)


def test_v2_a_margin_of_another_unit_must_be_stated_and_an_adaptive_study_keeps_its_own(tmp_path):
    results = carried_out(tmp_path).results
    with_loss = replace(results, runs=results.runs.assign(test_loss=0.5))
    with pytest.raises(InputError, match="--margin X"):
        rejudged(with_loss, "test_loss")
    assert rejudged(with_loss, "test_loss", 0.1).study["margin"] == 0.1
    with pytest.raises(InputError, match="interim analyses have stopped arms"):
        rejudged(replace(results, study={**results.study, "adaptive": {"looks": [2, 4]}}), None, 0.1)


@pytest.mark.parametrize("place", ["reports/old", "elsewhere/far/away"])
def test_v5_results_are_found_by_the_ids_of_their_runs(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole = planned()
    assert found_elsewhere(whole, Path("reports/new"), "cache") == []
    carry_out(whole, tmp_path / place, scores)
    remember(Path(place), "cache")
    (hint,) = found_elsewhere(whole, Path("reports/new"), "cache")
    assert "24 runs of this study have finished in " + place in hint and f"--out {place} goes on there" in hint
    assert found_elsewhere(whole, Path(place), "cache") == []
    (tmp_path / place / "results.sqlite").write_bytes(b"damaged")
    assert found_elsewhere(whole, Path("reports/new"), "cache") == []


def odd_names(folder, names):
    arms = [{"name": name, "technique": "dropout", "rate": 0.1 + place / 100} for place, name in enumerate(names)]
    carry_out(planned(seeds=2, arms=arms), folder, scores)
    return analyse(read(folder))


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="needs tensorboard")
def test_v5_every_arm_has_a_folder_of_its_own_in_tensorboard(tmp_path):
    names = ["a/b", "a:b", "a_b", "..", ".", "x" * 300, "x" * 299 + "y", "é" * 200, "con:", "a b"]
    export(odd_names(tmp_path / "results", names), "tensorboard", tmp_path / "out")
    folders = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert len(folders) == len(names) + 1 and {"a_b", "a b", "baseline"} <= set(folders)
    assert all(len(list((tmp_path / "out" / name / f"seed-{seed}").iterdir())) == 1 for name in folders for seed in (0, 1))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "results"]


def test_v5_mlflow_takes_any_name_and_says_in_one_line_that_an_experiment_was_deleted(tmp_path):
    client_of = pytest.importorskip("mlflow.tracking").MlflowClient
    analysis = odd_names(tmp_path / "results", ["x" * 300])
    results = replace(analysis.results, runs=analysis.results.runs.assign(**{"f1@0.5": 0.25, "f1:0.5": 0.75}))
    export(replace(analysis, results=results), "mlflow", tmp_path / "out")
    client = client_of((tmp_path / "out").resolve().as_uri())
    experiment = client.get_experiment_by_name("study")
    kept = client.search_runs([experiment.experiment_id])[0].data.metrics
    assert sorted(value for name, value in kept.items() if name.startswith("f1")) == [0.25, 0.75]
    client.delete_experiment(experiment.experiment_id)
    with pytest.raises(InputError, match=r"'study' was deleted there.*mlflow experiments restore") as caught:
        export(analysis, "mlflow", tmp_path / "out")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("format", ["html", "md", "tex"])
def test_v6_a_study_without_a_question_has_a_heading(format, tmp_path):
    render_analysis(carried_out(tmp_path), tmp_path, (format,))
    text = next(path for path in (tmp_path / name for name in ("index.html", "report.md", "report.tex")) if path.exists()).read_text()
    heading = re.search({"html": r"<h1>(.*?)</h1>", "md": r"^# (.*)$", "tex": r"\\section\*\{(.*?)\}"}[format], text, re.MULTILINE)
    assert heading[1] == "study"


def test_v6_an_average_of_rounding_errors_is_zero():
    assert format_effect(5.55e-17, -0.028, 0.028, "accuracy") == "0.0 points [-2.8, 2.8]"
    assert format_effect(-5.55e-17, -0.1, 0.1, "accuracy").startswith("0 points")
    assert format_effect(2e-15, 1e-15, 3e-15, "s") == "+2e-15 s [1e-15, 3e-15]"


@pytest.mark.slow
def test_v6_a_terminal_of_80_columns_has_no_break_inside_a_word(tmp_path):
    carried_out(tmp_path / "results")
    printed = on_terminal(tmp_path, "report", "results", "--format", "md")
    assert max(map(len, printed.splitlines())) <= 80 and re.search(r"dropout rate=0\.2 +helps", printed)
    lines = called(tmp_path, "report", "results", "--format", "md").out.splitlines()
    assert len(lines) == 2 and all(set(line.partition(":")[0].split()) <= set(printed.split()) for line in lines)


def on_terminal(folder, *arguments):
    """What ``dlbench ARGUMENTS`` shows on a terminal of 80 columns."""
    controller, terminal = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    script = "import fcntl, struct, termios; fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0)); import dlbench.cli; "
    process = subprocess.Popen(
        [sys.executable, "-c", script + "dlbench.cli.main()", *arguments], cwd=folder, stdin=terminal, stdout=terminal, stderr=terminal,
        env=variables | {"PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"})
    os.close(terminal)
    shown = b""
    try:
        while part := os.read(controller, 2**16):
            shown += part
    except OSError:  # the other side is closed
        pass
    os.close(controller)
    assert process.wait() == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n")
