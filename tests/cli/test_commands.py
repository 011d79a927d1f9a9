"""What each command tells a user."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dlbench.app import bench, gate
from dlbench.cli import COMMANDS
from dlbench.datasets import CATALOGUE as DATASETS
from dlbench.execution import driver
from dlbench.models import CATALOGUE as MODELS
from dlbench.study import shipped
from dlbench.techniques import CATALOGUE as TECHNIQUES
from dlbench.values.errors import InputError
from tests.cli.conftest import GAINS
from tests.execution.fakes import FakePool, accuracy

LISTS = {"techniques": {item.name for item in TECHNIQUES}, "datasets": {item.name for item in DATASETS},
         "models": {item.name for item in MODELS}, "studies": set(shipped())}


def test_help_names_every_command(call):
    ended = call("--help")
    assert ended.code == 0 and all(f"  {name} " in ended.out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, call):
    ended = call(command, "--help")
    assert ended.code == 0 and ended.out.startswith(f"Usage: dlbench {command}") and ended.err == ""


@pytest.mark.parametrize("what", LISTS)
def test_lists_are_whole(what, call):
    assert {row["name"] for row in json.loads(call("list", what, "--json").out)} == LISTS[what]
    words = call("list", what).out.split()
    assert not [name for name in LISTS[what] if name not in words]


def test_the_list_of_techniques_has_their_parameters_and_papers(call):
    listed = {row["name"]: row for row in json.loads(call("list", "techniques", "--json").out)}
    assert {name: [item["name"] for item in row["parameters"]] for name, row in listed.items()} == {
        item.name: [parameter.name for parameter in item.parameters] for item in TECHNIQUES}
    assert all("http" in row["paper"] for row in listed.values() if row["family"] != "control")


def test_plan_says_what_each_arm_changes_and_writes_nothing(call, study, tmp_path):
    ended = call("plan", study)
    assert ended.code == 0
    assert "model.dropout 0 → 0.2" in ended.out and "l2 strength=0.01" in ended.out
    assert "16 runs: 0 done, 16 to do" in ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_plan_takes_off_what_is_done_and_estimates_the_rest(call, study, results):
    facts = json.loads(call("plan", study, "--seeds", "6", "--jobs", "1", "--json").out)
    assert (facts["runs"], facts["done"], facts["left"]) == (24, 15, 9)
    assert facts["estimated_s"] == pytest.approx(9 * 2.0)


ADAPTIVE = ("--set", "adaptive.looks=[3,5,8]")


def test_plan_shows_the_looks_and_the_fewest_and_most_runs(call, study):
    study.write_text(study.read_text().replace("seeds = 4\n", ""))
    ended = call("plan", study, *ADAPTIVE)
    assert "looks at 3, 5 and 8 seeds: 12 to 32 runs" in ended.out and "at most 32 runs: 0 done, at most 32 to do" in ended.out
    facts = json.loads(call("plan", study, *ADAPTIVE, "--json").out)
    assert facts["adaptive"] == {"looks": [3, 5, 8], "taken": 0, "open": list(GAINS), "fewest_runs": 12, "most_runs": 32}


def test_more_seeds_of_an_adaptive_study_are_refused(call, study):
    study.write_text(study.read_text().replace("seeds = 4\n", ""))
    ended = call("run", study, *ADAPTIVE, "--seeds", "9")
    assert ended.code == 2 and "leave out either seeds (or --seeds) or adaptive" in ended.err


@pytest.fixture
def trained(call, study, monkeypatch):
    """``trained("--seeds", "5")``: what ``dlbench run`` says of the study, with scores from a function."""
    study.write_text(study.read_text().replace("seeds = 4\n", ""))

    def run(*arguments):
        monkeypatch.setattr(driver, "Pool", FakePool(accuracy({0.2: 0.1, 0.5: 0.006}, noise=0.01)))
        return call("run", study, "--no-timing", *arguments)

    return run


def test_an_adaptive_study_from_its_file_to_its_report_and_status(trained, call, study, tmp_path):
    ended, folder = trained(*ADAPTIVE), tmp_path / "reports" / "study"
    assert ended.code == 0 and re.search(r"dropout rate=0.2: helps: .*; decided at interim analysis [12] of 3, [35] seeds", ended.out)
    assert "training up to the interim analysis at 3 seeds: 12 runs" in ended.err
    assert "## Interim analyses" in (folder / "report.md").read_text() and 'id="interim"' in (folder / "index.html").read_text()
    page = (folder / "index.html").read_bytes()
    again = call("report", folder)
    assert again.out == ended.out and (folder / "index.html").read_bytes() == page
    status = call("status", folder)
    assert "look 1, 3 seeds, " in status.out and "dropout rate=0.2: helps" in status.out
    facts = json.loads(call("plan", study, *ADAPTIVE, "--json").out)
    assert facts["left"] == 0 and facts["done"] < 32 and facts["adaptive"]["taken"] == len(json.loads(
        call("status", folder, "--json").out)["looks"])


def test_an_extended_study_says_which_seeds_count(trained, call, tmp_path):
    first, folder = trained("--seeds", "5"), tmp_path / "reports" / "study"
    assert "pilot" not in first.out
    ended = trained("--seeds", "13")
    assert ended.out.count("judged on the 8 new seeds; 5 earlier ones were its pilot") == 3
    assert "8 new seeds" in (folder / "report.md").read_text() and call("report", folder).out == ended.out
    assert trained("--seeds", "13").out == ended.out and trained("--seeds", "5").out == first.out
    assert "judged on 8 new seeds, 5 earlier ones were the pilot" in call("status", folder).out


def test_plan_of_one_arm_keeps_what_it_is_compared_with(call):
    facts = json.loads(call("plan", "quickstart", "--arm", "fine-tune", "--json").out)
    assert [arm["arm"] for arm in facts["arms"]] == ["baseline", "scratch", "fine-tune"]


def test_plan_of_a_fraction_prints_what_it_cannot_tell_apart(call, study):
    study.write_text(study.read_text().replace("[0.2, 0.5]", "0.2") + '\n[[arms]]\ntechnique = "flip"\n', encoding="utf-8")
    ended = call("plan", study, "--set", "design=fractional")
    assert ended.code == 0 and "4 of 8 combinations, resolution 3" in ended.out
    part = json.loads(call("plan", study, "--set", "design=fractional", "--json").out)["fraction"]
    words = " ".join(ended.out.split())
    assert len(part["aliases"]) == 3 and all(" ".join(line.split()) in words for line in part["aliases"])
    assert "fraction" not in json.loads(call("plan", study, "--json").out)


def test_set_overrides_the_study_file(call, study):
    changed = json.loads(call("plan", study, "--set", "budget.steps=7", "--set", "baseline.optimizer=sgd", "--json").out)
    assert changed["arms"][0]["recipe"] == {"budget.unit": "steps", "budget.amount": 7, "score_over": "last_quarter",
                                               "training.optimizer": "sgd"}


def test_status_counts_runs_and_gives_the_reason_of_each_failure(call, results):
    ended = call("status", results)
    assert ended.code == 0 and "16 runs planned" in ended.out
    assert "l2 strength=0.01, seed 3" in ended.out and "killed: the worker was killed by signal 9" in ended.out
    facts = json.loads(call("status", results, "--json").out)
    assert facts["statuses"] == {"done": 15, "killed": 1} and len(facts["failures"]) == 1


def test_report_prints_the_verdicts_and_renders_the_formats_asked_for(call, results):
    ended = call("report", results, "--format", "md", "--format", "csv")
    assert ended.code == 0
    verdicts = dict(line.split(": ")[:2] for line in ended.out.splitlines())
    assert verdicts["dropout rate=0.2"] == "helps" and verdicts["dropout rate=0.5"] == "hurts"
    assert (results / "report.md").is_file() and list(results.glob("*.csv")) and not (results / "index.html").exists()


@pytest.mark.parametrize("conditions, code", [((), 0), (("uncontrolled",), 0), (("hurts",), 1), (("uncontrolled", "hurts"), 1)])
def test_fail_on_decides_the_exit_code(conditions, code, call, results):
    ended = call("report", results, "--format", "md", *(part for word in conditions for part in ("--fail-on", word)))
    assert ended.code == code
    assert ("--fail-on hurts: dropout rate=0.5\n" in ended.err) == (code == 1)


PROGRAMS = {"script": [Path(sys.executable).with_name("dlbench")], "module": [sys.executable, "-m", "dlbench"]}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_both_ways_of_calling_it_refuse_bad_input_without_a_traceback(program, tmp_path):
    (tmp_path / "wrong.toml").write_text('margin = 0.01\n[[arms]]\ntechnique = "dropuot"', encoding="utf-8")
    ended = subprocess.run([*program, "run", "wrong.toml"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("dlbench: wrong.toml: arms[0]: technique") and ended.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.toml"]


@pytest.mark.parametrize("change, parts", [
    pytest.param(["dataset=tfds:mnist", "--data-dir", "."], ["'tfds:mnist'", "not found prepared"], id="no data"),
    pytest.param(["examples=100000"], ["examples = 100000", "the training split has"], id="too few examples"),
    pytest.param(["dataset=nowhere.data:load"], ["'nowhere.data:load'", "there is no module"], id="no loader"),
    pytest.param(["model=nowhere.nets:build"], ["'nowhere.nets:build'", "there is no module"], id="no model"),
])
def test_what_only_the_data_or_the_model_tells_is_refused_before_anything_is_written(change, parts, call, study):
    ended = call("run", study.name, "--jobs", "1", "--out", "out", "--set", *change)
    assert (ended.code, ended.out) == (2, "")
    last = ended.err.splitlines()[-1]
    assert last.startswith("dlbench: study.toml: ") and not [part for part in parts if part not in last], ended.err
    assert [path.name for path in study.parent.iterdir()] == ["study.toml"]


def test_new_writes_into_the_folder_asked_for_and_says_what_comes_next(call, tmp_path):
    ended = call("new", "technique", "mine_xy", "--folder", "there")
    assert ended.code == 0 and "next: dlbench run there/mine_xy.toml; dlbench check there/mine_xy.py" in ended.err
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == sorted(Path(line).name for line in ended.out.splitlines())


def test_bench_times_the_cases_that_are_asked_for(call, monkeypatch):
    asked = []
    monkeypatch.setattr(bench, "measure", lambda *given: asked.append(given) or {"benchmarks": [], "dlbench": {"untimed": []}})
    assert call("bench", "-k", "nothing", "--threads", "2", "--rounds", "5").code == 4
    assert call("bench", "--cases", "dlbench.cases.layers", "--cases", "dlbench.cases.machine", "--threads", "1").code == 4
    assert asked == [("nothing", 2, 5, ("dlbench.cases",)), (None, 1, 15, ("dlbench.cases.layers", "dlbench.cases.machine"))]


def test_the_gate_measures_as_long_and_on_as_many_servers_as_asked_for(call, monkeypatch):
    def measured(base, head, wanted, settings, note, *_):
        raise InputError(f"{settings.budget_s} {settings.servers} {settings.timer.clock} {wanted.words}")

    monkeypatch.setattr(gate.measure, "gate", measured)
    ended = call("gate", "--base-python", sys.executable, "--cases", "cases", "-k", "sum", "--budget", "7", "--servers", "4",
                 "--clock", "wall")
    assert ended.code == 2 and ended.err.splitlines()[1:] == ["dlbench: 7.0 4 wall ('sum',)"]
    assert ended.err.startswith("this tree against ")


def test_status_finds_a_damaged_row_and_saves_the_others(call, results):
    assert "all as they were written" in call("status", results, "--verify").out
    assert "nothing is damaged" in call("status", results, "--repair").out
    with sqlite3.connect(results / "results.sqlite") as connection:
        connection.execute("UPDATE records SET scores = '{\"test_accuracy\": 1}' WHERE rowid = 1")
    checked = call("status", results, "--verify")
    assert checked.code == 3 and "is not as it was written" in checked.out and "--repair` saves what can be read" in checked.err
    repaired = call("status", results, "--repair")
    assert repaired.code == 0 and "15 records" in repaired.out and "damaged and left out: 1 record" in repaired.out
    assert call("status", results, "--verify").code == 0
    assert call("status", results, "--verify", "--json").code == 2
