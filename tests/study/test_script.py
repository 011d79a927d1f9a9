"""Study files of scripts: what they mean, and how a wrong one is refused."""

from __future__ import annotations

import pytest

from dlbench.study import load, plan
from dlbench.study.outline import outline
from dlbench.values.errors import InputError
from dlbench.values.placeholders import filled
from dlbench.values.recipe import from_dict, to_dict

STUDY = """
engine = "command"
run = "python train.py --seed {seed} --lr {lr} --dropout {dropout} --out {out}"
metric = { name = "accuracy", higher_is_better = true, unit = "fraction" }
margin = 0.005
seeds = 3
files = ["*.py"]
[baseline]
lr = 0.001
dropout = 0.0
[[arms]]
dropout = [0.2, 0.5]
[[arms]]
name = "cosine"
flags = "--schedule cosine --smoothing 0.1"
[[arms]]
name = "without augmentation"
env = { AUG = "0" }
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a script and its study."""
    (tmp_path / "train.py").write_text("print(1)")
    (tmp_path / "s.toml").write_text(STUDY)
    return tmp_path


def _with(folder, old, new):
    assert old in STUDY
    (folder / "s.toml").write_text(STUDY.replace(old, new, 1))
    return str(folder / "s.toml")


def test_arms_fill_placeholders_word_by_word(folder):
    whole = plan(load(str(folder / "s.toml")))
    words = {arm.name: filled(arm.recipe.command, 1, "OUT") for arm in whole.arms}
    plain = ["python", "train.py", "--seed", "1", "--lr", "0.001", "--dropout", "0.0", "--out", "OUT"]
    assert words["baseline"] == plain and words["without augmentation"] == plain
    assert words["dropout=0.5"] == [*plain[:7], "0.5", *plain[8:]]
    assert words["cosine"] == [*plain, "--schedule", "cosine", "--smoothing", "0.1"]
    assert [arm.changes for arm in whole.arms[1:3]] == [{"command.parameters.dropout": (0.0, rate)} for rate in (0.2, 0.5)]
    assert whole.arms[4].recipe.command.env == (("AUG", "0"),) and whole.arms[4].changes == {"command.env.AUG": (None, "0")}


def test_runs_are_interleaved_and_the_first_is_repeated(folder):
    whole = plan(load(str(folder / "s.toml")))
    assert [run.seed for run in whole.runs] == [0] * 5 + [1] * 5 + [2] * 5 + [0]
    assert whole.runs[-1].repeats == whole.cells["baseline", 0] != whole.runs[-1].run_id
    assert len(plan(load(_with(folder, '{ name = "accuracy", higher_is_better = true, unit = "fraction" }', '"wall_s"'))).runs) == 15


def test_identity_covers_command_parameters_and_files_and_not_the_study_file(folder):
    def ids(path=str(folder / "s.toml")):
        return {run.run_id for run in plan(load(path)).runs}

    first = ids()
    assert ids(_with(folder, "margin = 0.005", "margin = 0.01")) == first
    assert not ids(_with(folder, "lr = 0.001", "lr = 0.002")) & first
    assert not ids(_with(folder, "--out {out}", "--output {out}")) & first
    (folder / "s.toml").write_text(STUDY)
    (folder / "train.py").write_text("print(2)")
    assert not ids() & first


def test_a_recipe_survives_its_canonical_form(folder):
    for arm in plan(load(str(folder / "s.toml"))).arms:
        assert from_dict(to_dict(arm.recipe)) == arm.recipe


def test_other_designs_combine_arms_whatever_their_order(folder):
    whole = plan(load(_with(folder, "dropout = [0.2, 0.5]\n", 'flags = "--fast"\n'), ("design=leave_one_out",)))
    assert whole.arms[0].recipe.command.flags == ("--fast", "--schedule cosine --smoothing 0.1")


def test_hydra_overrides_and_options_take_what_has_no_placeholder(folder):
    run = 'run = "python train.py --seed {seed} --lr {lr} --dropout {dropout} --out {out}"'
    path = _with(folder, run, 'run = "python train.py seed={seed} {overrides}"')
    (folder / "s.toml").write_text((folder / "s.toml").read_text().replace("dropout = [0.2, 0.5]", 'model = { rate = [0.1, 0.2] }'))
    arm = next(arm for arm in plan(load(path)).arms if arm.name == "model.rate=0.2")
    assert filled(arm.recipe.command, 0, "")[2:] == ["seed=0", "dropout=0.0", "lr=0.001", "model.rate=0.2"]


@pytest.mark.parametrize("old, new, message", [
    ("--lr {lr}", "--lr {rate}", "{rate} has no value; accepted: rate = … in [baseline]"),
    ("--lr {lr} ", "", "baseline.lr: no placeholder takes it"),
    ("dropout = [0.2, 0.5]", "droput = 0.5", "unknown parameter 'droput'; did you mean 'dropout'"),
    ("dropout = [0.2, 0.5]", "dropout = []", "a sweep needs at least one value"),
    ("dropout = [0.2, 0.5]", "dropout = 0.0", "changes nothing"),
    ("dropout = [0.2, 0.5]", "dropout = nan", "accepted: text, a finite number"),
    ("dropout = [0.2, 0.5]", "seed = 1", "seed: dlbench fills it"),
    ("dropout = [0.2, 0.5]", "", "it sets nothing"),
    ("--schedule cosine", "--lr 3", "flags: --lr stands in run too, so it would be given twice"),
    ("lr = 0.001\n", "lr = 0.001\nlr = 0.002\n", "not valid TOML"),
    ('files = ["*.py"]', 'files = ["*.yml"]', "files: '*.yml' matches nothing"),
    ('files = ["*.py"]', 'files = ["/etc/*"]', "accepted: patterns relative to the study's folder"),
    ('{ name = "accuracy", higher_is_better = true, unit = "fraction" }', '"accuracy"', "say which direction is better"),
    ('higher_is_better = true, ', '', "key 'metric.MetricKeys.higher_is_better' is missing"),
    ("margin = 0.005", "margin = 2.0", "no difference can exceed it"),
    ('env = { AUG = "0" }', "env = { AUG = 0 }", "accepted: a table of texts"),
    ('"command"', '"comand"', "unknown engine 'comand'; did you mean 'command'"),
    ("python train.py", "python 'train.py", "No closing quotation"),
    ("margin = 0.005", 'margin = 0.005\nscore_pattern = "acc: ("', "score_pattern"),
    ("margin = 0.005", 'margin = 0.005\nscore_pattern = "acc: ([0-9]+)"', "score_pattern"),
    ("margin = 0.005", 'margin = 0.005\nreads = "xml:a"', "reads = 'xml:a'"),
    ("margin = 0.005", 'margin = 0.005\nreads = "tensorboard:"', "reads = 'tensorboard:'; accepted: csv:PATH, json:PATH, tensorboard:PATH"),
    ("margin = 0.005", 'margin = 0.005\nepochs = 5', "unknown key 'epochs'"),
])
def test_a_slip_is_one_clear_message(folder, old, new, message):
    with pytest.raises(InputError) as refused:
        plan(load(_with(folder, old, new)))
    assert message in str(refused.value) and str(refused.value).startswith("s.toml")


def test_an_outline_shows_the_command_and_runs_nothing(folder):
    shown = outline(str(folder / "s.toml"))
    assert shown.command == "python train.py --seed {seed} --lr {lr} --dropout {dropout} --out {out}" and list(shown.code) == ["train.py"]


def test_interpreter_limits_and_measured_metrics_are_keys(folder):
    keys = 'margin = 1.0\npython = ".venv/bin/python"\nreads = "csv:log.csv"\nresources = { cpus = 2, memory_gb = 1.5, seconds = 60 }'
    study = load(_with(folder, "margin = 0.005", keys), ("metric=wall_s",))
    assert study.baseline.command.run[0] == ".venv/bin/python" and study.baseline.command.reads == "csv:log.csv"
    assert (study.resources.memory_bytes, study.resources.seconds) == (1_500_000_000, 60) and not study.measure.higher_is_better
    bounded = '{ name = "bleu", higher_is_better = true, low = 0.0, high = 100.0 }'
    study = load(_with(folder, '{ name = "accuracy", higher_is_better = true, unit = "fraction" }', bounded))
    assert (study.measure.low, study.measure.high, study.measure.unit) == (0.0, 100.0, "")


def test_interim_analyses_and_scopes_are_those_of_every_study(folder):
    study = load(_with(folder, "seeds = 3", 'adaptive = { looks = [2, 4] }\nscope = "this_test_set"'))
    assert study.looks == (2, 4) and study.seeds == (0, 1, 2, 3) and study.scope == "this_test_set"


def test_a_plan_warns_of_a_program_that_is_not_there_and_of_a_pattern_that_tells_another_score(folder):
    assert plan(load(str(folder / "s.toml"))).warnings == ()
    (missing,) = plan(load(_with(folder, "python train.py", "pithon train.py"))).warnings
    (other,) = plan(load(_with(folder, "margin", "score_pattern = '(?P<acc>[0-9]+)'\nmargin"))).warnings
    assert "'pithon' is no program on this machine" in missing
    assert "tells acc, and not the metric 'accuracy'" in other and "(?P<accuracy>…)" in other
    script = folder / "start.sh"
    script.write_text("#!/bin/sh\n")
    named = _with(folder, "python train.py", "./start.sh")
    assert "./start.sh" in plan(load(named)).warnings[0]
    script.chmod(0o755)
    assert plan(load(named)).warnings == ()
