"""From a finished study to what is kept of it: on new seeds, with a sentence at the end, or a refusal that says why."""

from __future__ import annotations

import shutil

import pytest

import dlbench
from dlbench.app.confirm import confirmation, study_file
from dlbench.app.recipe import export_recipe
from dlbench.app.result import load as load_results
from dlbench.cli.options import Times
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from tests.calling import called

TRAIN = """
import random, sys
seed, *given = map(float, sys.argv[1:])
draw, (wide, deep, slow) = random.Random(seed), given
gain = 0.05 * wide + 0.03 * deep - 0.01 * (wide and deep) + 0.0005 * slow
print("acc:", 0.5 + draw.gauss(0, 0.01) + gain + random.Random(str((seed, given))).gauss(0, 0.0003))
"""
STUDY = """
question = "Which options does my script need?"
engine = "command"
run = "python train.py {seed} {wide} {deep} {slow}"
metric = { name = "accuracy", higher_is_better = true, unit = "fraction" }
score_pattern = 'acc: (?P<accuracy>[0-9.]+)'
margin = 0.005
seeds = 5
[baseline]
wide = 0
deep = 0
slow = 0
[[arms]]
wide = 1
[[arms]]
deep = 1
[[arms]]
slow = 1
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a study whose first two arms help, and whose third does nothing."""
    folder = tmp_path_factory.mktemp("chosen")
    (folder / "train.py").write_text(TRAIN)
    (folder / "s.toml").write_text(STUDY)
    result = dlbench.run(folder / "s.toml", out=folder / "out", jobs=1, progress=False)
    assert result.verdicts.set_index("arm")["verdict"].to_dict() == {
        "wide=1": "helps", "deep=1": "helps", "slow=1": "no meaningful effect"}
    return folder


def test_what_helps_is_tried_together_on_new_seeds_and_the_page_says_what_to_keep(finished, undrawn):
    result = dlbench.confirm(finished / "out", jobs=1, progress=False)
    assert result.folder == finished / "out-confirmed" and result.study["keep"] == ["wide=1", "deep=1"]
    assert result.study["seeds"] == [5, 6, 7, 8, 9] and set(result.runs["seed"]) == {5, 6, 7, 8, 9}
    verdicts = result.verdicts.set_index("arm")
    assert verdicts["reference"].to_dict() == {
        "wide=1 + deep=1": "baseline", "without wide=1": "wide=1 + deep=1", "without deep=1": "wide=1 + deep=1"}
    assert 0.065 < verdicts.loc["wide=1 + deep=1", "difference"] < 0.075
    result.report("md")
    page = (result.folder / "report.md").read_text()
    assert "**Keep wide=1 and deep=1: +7." in page and "on 5 new seeds.**" in page and "dlbench confirm" in page
    again = dlbench.confirm(finished / "out", jobs=1, progress=False)
    assert again.runs["started"].tolist() == result.runs["started"].tolist(), "the same command goes on where it was"


@pytest.mark.slow
def test_a_part_that_adds_nothing_is_named(finished, undrawn):
    result = dlbench.confirm(finished / "out", keep=["wide=1", "deep=1", "slow=1"], out=finished / "three", jobs=1, progress=False)
    assert list(result.arms["arm"])[-1] == "wide=1" and len(result.arms) == 6
    result.report("md")
    page = (finished / "three" / "report.md").read_text()
    assert "Keep wide=1, deep=1 and slow=1: +7." in page and "; slow=1 adds nothing to the others (+0." in page


def _refused(folder, *found, **asked):
    with pytest.raises(InputError) as caught:
        confirmation(folder, lambda _: None, **asked)
    assert all(text in str(caught.value) for text in found), caught.value


def test_what_cannot_be_confirmed_is_refused_with_the_reason(finished, tmp_path):
    out = finished / "out"
    _refused(out, "seeds: 3 and 4 chose what is to be confirmed", "accepted: others", overrides=("seeds=[3,4,5]",))
    _refused(out, "unknown arm 'wdie=1'", "did you mean 'wide=1'", keep=["wdie=1"])
    _refused(out, "--max-cost: neither training times nor multiply-accumulates", max_cost=1.2)
    _refused(out, "is not other.toml, or was changed since", "--study FILE", study="other.toml")
    _refused(finished / "nowhere", "no results here")
    dlbench.run(finished / "s.toml", out=tmp_path / "idle", arms=("slow=1",), jobs=1, progress=False)
    _refused(tmp_path / "idle", "nothing is shown to help; slow=1: it makes no meaningful difference")


def test_the_command_line_names_arms_and_the_study_file(finished, tmp_path, undrawn):
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "old.toml").write_text(STUDY)
    done = called(tmp_path, "confirm", finished / "out", "--keep", "deep=1", "--study", "old.toml", "--seeds", "2", "--max-cost", "2x",
                  "--out", "kept", "--jobs", "1", "--no-timing")
    assert done.code == 0 and "to confirm: deep=1, on new seeds 5 to 6" in done.err and done.out.startswith("deep=1: ")
    assert study_file(load_results(tmp_path / "kept"), None) == str(finished / "s.toml"), "found through the folder that chose"
    with pytest.raises(InputError, match="the engine of its study is 'command'"):
        export_recipe(tmp_path / "kept")


def test_a_changed_study_file_is_refused_until_it_is_given(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "moved")
    (tmp_path / "moved" / "s.toml").write_text(STUDY.replace("seeds = 5", "seeds = 6"))
    (tmp_path / "old.toml").write_text(STUDY)
    (tmp_path / "train.py").write_text(TRAIN)
    shutil.rmtree(tmp_path / "moved" / "out-confirmed", ignore_errors=True)
    (finished / "s.toml").rename(finished / "gone.toml")
    try:
        _refused(tmp_path / "moved" / "out", "was changed since")
    finally:
        (finished / "gone.toml").rename(finished / "s.toml")
    found = confirmation(tmp_path / "moved" / "out", lambda _: None, study=str(tmp_path / "old.toml"))
    assert found.choice.parts == ("wide=1", "deep=1")


@pytest.mark.slow
def test_an_unfinished_study_and_a_confirmation_are_refused(finished, tmp_path):
    shutil.copy(finished / "train.py", tmp_path)
    (tmp_path / "s.toml").write_text(STUDY)
    dlbench.run(tmp_path / "s.toml", out=tmp_path / "out", seeds=2, jobs=1, progress=False)
    part = tmp_path / "part"
    assert called(tmp_path, "run", "s.toml", "--shard", "1/2", "--out", part).code == 0
    _refused(part, "some of its runs have not finished", "`dlbench merge`")
    done = dlbench.confirm(finished / "out", seeds=2, keep=["wide=1"], out=tmp_path / "done", jobs=1, progress=False)
    _refused(done.folder, "it confirms a choice itself")


@pytest.mark.slow
def test_an_adaptive_study_is_confirmed_by_as_many_looks_on_seeds_behind_its_own(tmp_path):
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "s.toml").write_text(STUDY.replace("seeds = 5", "adaptive = { looks = [5, 8] }"))
    dlbench.run(tmp_path / "s.toml", out=tmp_path / "out", jobs=1, progress=False)
    found = confirmation(tmp_path / "out", lambda _: None)
    assert found.plan.study.looks == (5, 8) and found.plan.study.seeds == tuple(range(8, 16))


@pytest.mark.parametrize("keys, found", [
    ({"design": "confirm"}, "keep is missing"), ({"keep": ["wide=1"]}, "accepted with design = 'confirm' only"),
    ({"design": "confirm", "keep": ["x"]}, "keep: unknown arm 'x'"), ({"design": "confirm", "keep": []}, "keep = []"),
    ({"design": "confirm", "keep": ["wide=1", "wide=1"]}, "a list of names of arms")])
def test_a_study_file_that_confirms_names_arms_of_its_own(finished, keys, found):
    with pytest.raises(InputError, match=found.replace("[", r"\[")):
        load(str(finished / "s.toml"), tuple(f"{key}={value!r}" for key, value in keys.items()))


def test_a_confirmed_single_arm_needs_no_other_comparison(finished):
    whole = plan(load(str(finished / "s.toml"), ('design="confirm"', 'keep=["wide=1"]')))
    assert [(arm.name, arm.reference) for arm in whole.arms] == [("baseline", None), ("wide=1", "baseline")]


@pytest.mark.parametrize("text, ratio", [("1.2x", 1.2), ("2", 2.0), ("0x", None), ("x", None), ("nan", None), ("-1", None), ("inf", None)])
def test_costs_are_ratios_above_zero(text, ratio):
    if ratio is not None:
        assert Times().convert(text, None, None) == ratio
    else:
        with pytest.raises(Exception, match="accepted: a ratio above 0"):
            Times().convert(text, None, None)


def test_a_screening_study_confirms_what_it_finds_in_one_command(tmp_path, undrawn):
    (tmp_path / "train.py").write_text(TRAIN.replace("0.0005 * slow", "0 * slow"))
    (tmp_path / "s.toml").write_text(STUDY.replace("seeds = 5", 'seeds = 4\ndesign = "screening"'))
    told = called(tmp_path, "run", "s.toml", "--jobs", "1").err
    assert "to confirm: wide=1 + deep=1, on new seeds 4 to 7" in " ".join(told.split())
    result = dlbench.load(tmp_path / "reports" / "s-confirmed")
    assert result.study["design"] == "confirm" and result.verdicts.set_index("arm").loc["wide=1 + deep=1", "verdict"] == "helps"


def test_a_screening_study_has_at_most_twelve_arms(finished, tmp_path):
    arms = "".join(f'[[arms]]\nname = "{number}"\nwide = {number}\n' for number in range(1, 14))
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "s.toml").write_text(STUDY.partition("[[arms]]")[0].replace("seeds = 5", 'design = "screening"') + arms)
    with pytest.raises(InputError, match="up to 12 arms, got 13"):
        load(str(tmp_path / "s.toml"))
