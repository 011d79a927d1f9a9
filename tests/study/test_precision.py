"""The precision of a whole study: what it is part of, and what it does not go with."""

import pytest

from dlbench.study import load, plan
from dlbench.techniques import technique
from dlbench.values.errors import InputError

BODY = """
margin = 0.01
seeds = 2
[[arms]]
technique = "dropout"
[[arms]]
technique = "distillation"
temperature = 2.0
"""


@pytest.fixture
def planned(tmp_path):
    def make(head="", arms="", *overrides):
        (tmp_path / "study.toml").write_text(head + BODY + arms)
        return plan(load(str(tmp_path / "study.toml"), overrides))

    return make


def test_every_run_of_a_study_in_bfloat16_is_another_run_in_that_precision(planned):
    plain, half = planned(), planned('precision = "bfloat16"')
    assert {run.recipe.model.precision for run in half.runs} == {"mixed_bfloat16"}, "those that pretrain, too"
    assert len(plain.runs) == len(half.runs) and not {run.run_id for run in plain.runs} & {run.run_id for run in half.runs}
    assert [arm.changes.keys() for arm in plain.arms] == [arm.changes.keys() for arm in half.arms]


def test_a_study_in_float32_keeps_its_runs_whether_it_says_so_or_not(planned):
    assert [run.run_id for run in planned('precision = "float32"').runs] == [run.run_id for run in planned().runs]


def test_auto_begins_with_the_runs_of_bfloat16(planned):
    assert [run.run_id for run in planned('precision = "auto"').runs] == [run.run_id for run in planned('precision = "bfloat16"').runs]


def test_its_baseline_is_that_of_the_technique(planned):
    arm = planned("", '[[arms]]\ntechnique = "mixed_precision"').arms[-1]
    assert arm.recipe == planned('precision = "bfloat16"').arms[0].recipe


MIXED = '[[arms]]\ntechniques = [{ technique = "l2", strength = 0.01 }, { technique = "mixed_precision", kind = "float16" }]'


@pytest.mark.parametrize("head, arms, found", [
    ('precision = "bf16"', "", "unknown precision 'bf16'; did you mean 'bfloat16'? Accepted: float32, bfloat16, auto"),
    ("precision = 16", "", "precision = 16; accepted: one of float32, bfloat16, auto"),
    ('precision = "bfloat16"', MIXED, "mixed_precision beside precision = 'bfloat16'"),
    ('precision = "auto"', MIXED, "accepted: precision = 'float32', of which mixed_precision can be an arm"),
    ('precision = "bfloat16"', '[[arms]]\ntechnique = "quantization"', "in a study with precision = 'float32'"),
    ('precision = "auto"\ndesign = "factorial"', "", "accepted: one_at_a_time, leave_one_out, or precision = 'bfloat16'"),
    ('precision = "auto"\ndesign = "screening"', "", "precision = 'auto' beside design = 'screening'"),
    *((f'precision = "{kind}"', '[baseline]\ntechniques = [{ technique = "mixed_precision" }]', "beside mixed_precision in the baseline")
      for kind in ("bfloat16", "float32"))])
def test_it_is_refused_with_what_is_accepted(planned, head, arms, found):
    with pytest.raises(InputError) as caught:
        planned(head, arms)
    assert found in str(caught.value)


def test_no_time_is_shared_out_between_the_two_parts_of_auto(tmp_path):
    (tmp_path / "study.toml").write_text(BODY.replace("seeds = 2", 'precision = "auto"\nspend = "1 min"'))
    with pytest.raises(InputError, match=r"precision = 'auto' beside spend: .*accepted: seeds, or adaptive"):
        load(str(tmp_path / "study.toml"))


def test_every_technique_that_sets_the_precision_declares_it():
    recipe = technique("mixed_precision").apply(load("quickstart").baseline, kind="float16")
    assert recipe.model.precision == "mixed_float16" and "model.precision" in technique("mixed_precision").touches
