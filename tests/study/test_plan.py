import pytest

from dlbench.study import load, plan, plan_of_cells, shipped
from dlbench.study.designs import fraction, settings
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, changes

HEAD = """
margin = 0.01
seeds = 2
"""


@pytest.fixture
def planned(tmp_path):
    def make(text, *overrides):
        path = tmp_path / "study.toml"
        path.write_text(HEAD + text)
        return plan(load(str(path), overrides))

    return make


def arm(technique, **parameters):
    lines = [f"{key} = {value!r}".replace("'", '"').replace("True", "true") for key, value in parameters.items()]
    return "\n".join(["[[arms]]", f'technique = "{technique}"', *lines]) + "\n"


THREE = arm("l2", strength=0.01) + arm("dropout", rate=0.5) + arm("separable_conv")


def test_one_at_a_time_compares_each_with_the_baseline(planned):
    whole = planned(THREE)
    assert [a.name for a in whole.arms] == ["baseline", "l2 strength=0.01", "dropout rate=0.5", "separable_conv"]
    assert {a.reference for a in whole.arms[1:]} == {"baseline"} and whole.arms[0].reference is None
    assert len(whole.runs) == 8


def test_leave_one_out_takes_one_from_everything(planned):
    whole = planned('design = "leave_one_out"\n' + THREE)
    everything = whole.arms[0].recipe
    assert [a.name for a in whole.arms] == ["everything", "without l2 strength=0.01", "without dropout rate=0.5",
                                            "without separable_conv"]
    assert set(changes(everything, Recipe())) >= {"regularization.l2", "model.dropout", "model.separable"}
    assert [set(a.changes) for a in whole.arms[1:]] == [{"regularization.l2"}, {"model.dropout"}, {"model.separable"}]


def test_factorial_is_every_combination_of_levels(planned):
    whole = planned('design = "factorial"\n' + arm("l2", strength=[0.01, 0.1]) + arm("dropout", rate=0.5))
    assert len(whole.arms) == 3 * 2 and whole.arms[0].recipe == Recipe(data=whole.arms[0].recipe.data)
    assert whole.arms[-1].name == "l2 strength=0.1 + dropout rate=0.5"
    assert set(whole.arms[-1].changes) == {"regularization.l2", "model.dropout"}
    assert len({a.recipe for a in whole.arms}) == 6


FOUR = THREE + arm("flip")


def test_a_fraction_runs_its_combinations_and_the_baseline_is_one(planned):
    whole = planned('design = "fractional"\nresolution = 4\n' + FOUR)
    part, on = fraction(whole.study), settings(whole.study)
    assert len(whole.arms) == len(part.matrix) == 8 and whole.arms[0].name == "baseline" and on["baseline"] == []
    names = [entry.name for entry in whole.study.entries]
    rows = {tuple(1.0 if name in factors else -1.0 for name in names) for factors in on.values()}
    assert rows == set(map(tuple, part.matrix.tolist()))
    assert {a.reference for a in whole.arms[1:]} == {"baseline"}
    assert all(" + ".join(on[a.name]) == a.name for a in whole.arms[1:])


def test_the_default_resolution_is_the_smallest(planned):
    assert len(planned('design = "fractional"\n' + THREE).arms) == 4
    assert len(planned('design = "fractional"\nresolution = 5\n' + FOUR).arms) == 16, "four factors reach 5 in full only"


def test_both_designs_stand_side_by_side_each_with_its_own_reference(planned):
    whole = planned('design = ["leave_one_out", "one_at_a_time"]\n' + THREE)
    references = {a.name: a.reference for a in whole.arms}
    assert references == {
        "baseline": None, "l2 strength=0.01": "baseline", "dropout rate=0.5": "baseline", "separable_conv": "baseline",
        "everything": None, "without l2 strength=0.01": "everything", "without dropout rate=0.5": "everything",
        "without separable_conv": "everything"}
    alone = [planned(f'design = "{name}"\n' + THREE) for name in ("one_at_a_time", "leave_one_out")]
    assert set(whole.cells.values()) == {run for one in alone for run in one.cells.values()}, "the same runs, each once"
    everything = next(a for a in whole.arms if a.name == "everything")
    assert set(everything.changes) >= {"regularization.l2", "model.dropout", "model.separable"}


def test_with_two_changes_each_is_also_what_is_left_without_the_other(planned):
    whole = planned('design = ["one_at_a_time", "leave_one_out"]\n' + arm("l2") + arm("dropout", rate=0.5))
    assert len(whole.arms) == 6 and len(whole.runs) == 4 * 2


def test_a_list_is_a_sweep_also_within_a_combination(planned):
    both = '[{ technique = "l2", strength = [0.1, 0.2] }, { technique = "dropout", rate = [0.1, 0.2] }]'
    text = f'[[arms]]\nname = "both"\ntechniques = {both}'
    names = [a.name for a in planned(text).arms[1:]]
    assert names == ["both strength=0.1 rate=0.1", "both strength=0.1 rate=0.2", "both strength=0.2 rate=0.1",
                     "both strength=0.2 rate=0.2"]


def test_pretraining_is_shared_and_comes_first(planned):
    text = "".join(f'[[arms]]\nname = "{mode}"\ntechnique = "transfer"\nmode = "{mode}"\nlabels_per_class = 5\n'
                   + ('reference = "scratch"\n' if mode != "scratch" else "")
                   for mode in ("scratch", "frozen", "finetune", "article"))
    whole = planned(text)
    first = [run for run in whole.runs if run.recipe.transfer.mode == "pretrain"]
    assert len(first) == 2, "one a seed, shared by three arms"
    position = {run.run_id: at for at, run in enumerate(whole.runs)}
    later = [run for run in whole.runs if run.needs]
    assert len(later) == 6 and all(position[run.needs] < position[run.run_id] for run in later)
    assert next(a for a in whole.arms if a.name == "scratch").reference is None


@pytest.mark.parametrize("text, words", [
    (arm("batch_size", size=64, lr_rule="none") + arm("batch_size", size=64, lr_rule="linear").replace("64", "32"), "changes nothing"),
    (arm("learning_rate", value=1e-3), "changes nothing"),
    (arm("l2", strength=0.1) + '[[arms]]\nname = "same"\ntechnique = "l2"\nstrength = 0.1', "duplicates"),
    (arm("l2", strength=0.1) + arm("l2", strength=0.1), "two arms are named"),
    ('[[arms]]\ntechniques = [{ technique = "batch_size", size = 64, lr_rule = "linear" }, { technique = "learning_rate", value = 0.1 }]',
     "their order matters"),
    (arm("l2", strength=0.1) + 'reference = "absent"', "unknown arm 'absent'"),
    (arm("transfer", mode="frozen"), "mode = 'scratch'"), (arm("hue"), "3 channels"),
    ("validation = 0\n" + arm("early_stopping"), "validation split"),
    ('model = "mlp"\n' + arm("separable_conv"), "a convolution"),
    ('design = "leave_one_out"\n' + arm("l2"), "at least two"),
    ('design = "fractional"\n' + arm("l2"), "from two to 64 arms"),
    ('design = "fractional"\n' + arm("l2") + arm("dropout", rate=[0.1, 0.2]), "may not sweep"),
    ('design = "fractional"\n' + arm("l2") + arm("dropout") + 'reference = "l2"', "reference is for design = 'one_at_a_time'"),
    ('design = "fractional"\nresolution = 6\n' + THREE, "resolution = 6; accepted: one of 3, 4, 5"),
    ("resolution = 3\n" + THREE, "accepted with design = 'fractional' only"),
    ('design = ["one_at_a_time", "factorial"]\n' + THREE, "side by side"),
    ('design = ["one_at_a_time", "one_at_a_time"]\n' + THREE, "side by side"), ("design = []\n" + THREE, "side by side"),
    ('design = ["one_at_a_time", "leave_one_ot"]\n' + THREE, "did you mean 'leave_one_out'"),
    ('budget = { seconds = 5 }\n' + arm("lr_schedule", kind="cosine"), "known beforehand"),
])
def test_what_cannot_answer_anything_is_refused(planned, text, words):
    with pytest.raises(InputError, match=words):
        planned(text)


def test_a_schedule_whose_second_cut_comes_too_late_is_warned_of(planned):
    text = """budget = { epochs = 50 }
[[arms]]
name = "article"
techniques = [{ technique = "lr_schedule", kind = "plateau" }, { technique = "early_stopping", patience = 10 }]"""
    assert "second cut" in planned(text).warnings[0]


@pytest.mark.parametrize("epochs, warned", [(5, True), (6, True), (7, False)])
def test_a_plateau_that_can_make_no_cut_of_use_is_warned_of(planned, epochs, warned):
    warnings = planned(f"budget = {{ epochs = {epochs} }}\n" + arm("lr_schedule", kind="plateau", patience=5)).warnings
    assert [("cannot act within" in text) for text in warnings] == [True] * warned


def test_overrides_reach_any_key(planned):
    whole = planned(THREE, "budget.steps=7", "loop=keras", "examples=50", "baseline.batch_size=16", "seeds=3")
    recipe = whole.arms[0].recipe
    assert (recipe.budget.unit, recipe.budget.amount, recipe.training.loop) == ("steps", 7, "keras")
    assert (recipe.data.examples, recipe.training.batch_size, whole.study.seeds) == (50, 16, (0, 1, 2))


def test_the_last_look_is_the_largest_number_of_seeds(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text("margin = 0.01\nadaptive = { looks = [3, 5], first_seed = 7 }\n" + THREE)
    whole = plan(load(str(path)))
    assert whole.study.seeds == (7, 8, 9, 10, 11) and whole.study.looks == (3, 5) and len(whole.runs) == 20


def test_a_part_of_a_plan_has_its_runs_and_what_they_need(planned):
    text = "".join(f'[[arms]]\nname = "{mode}"\ntechnique = "transfer"\nmode = "{mode}"\nlabels_per_class = 5\n'
                   + ('reference = "scratch"\n' if mode != "scratch" else "") for mode in ("scratch", "frozen"))
    whole = planned(text)
    one = plan_of_cells(whole, {("frozen", 1): whole.cells["frozen", 1]})
    assert [run.recipe.transfer.mode for run in one.runs] == ["pretrain", "frozen"] and {run.seed for run in one.runs} == {1}
    assert plan_of_cells(whole, whole.cells) == whole


def test_baseline_techniques_are_part_of_what_arms_start_from(planned):
    whole = planned('[baseline]\ntechniques = [{ technique = "dropout", rate = 0.3 }]\n' + arm("l2"))
    assert all(a.recipe.model.dropout == 0.3 for a in whole.arms)


ABOUT_MISTAKES = ("claims/07a_schedules", "claims/07b_plateau_in_five_epochs")
"""Studies that put to the test what a plan warns of."""


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_study_is_planned(name):
    whole = plan(load(name))
    assert whole.study.question and len(whole.arms) >= 2
    assert bool(whole.warnings) == (name in ABOUT_MISTAKES)


def test_the_quickstart_shows_each_kind_of_technique():
    arms = plan(load("quickstart")).arms
    fields = {path for a in arms for path in a.changes}
    for wanted in ("augmentation.rotate_degrees", "regularization.l1", "regularization.l2", "model.dropout",
                   "training.batch_size", "training.schedule.kind", "model.separable", "transfer.mode"):
        assert wanted in fields
    assert len(plan(load("quickstart")).study.seeds) == 8


def test_a_hundred_thousand_runs_are_planned(planned):
    strengths = [round(0.001 * n, 4) for n in range(1, 1001)]
    whole = planned(arm("l2", strength=strengths), "seeds=100")
    assert len(whole.runs) == len(set(whole.cells.values())) == 100_100


def test_a_scorer_is_named_with_or_without_its_split_and_is_asked_of_the_runs(planned):
    pytest.importorskip("sklearn")
    short, full = planned('metric = "balanced_accuracy"\n' + THREE), planned('metric = "test_balanced_accuracy"\n' + THREE)
    assert short.study.metric == "test_balanced_accuracy" and [run.run_id for run in short.runs] == [run.run_id for run in full.runs]
    assert short.arms[0].recipe.metrics == ("test_balanced_accuracy", "validation_balanced_accuracy")
    plain = planned('metric = "test_auc"\n' + THREE)
    assert plain.arms[0].recipe.metrics == () and plain.runs == planned(THREE).runs


@pytest.mark.parametrize("name, accepted", [("f1", "; accepted: f1_macro"), ("roc_auc", "; accepted: roc_auc_ovr"),
                                            ("positive_likelihood_ratio", "")])
def test_a_metric_of_two_classes_is_refused_on_more(planned, name, accepted):
    pytest.importorskip("sklearn")
    with pytest.raises(InputError, match=f"metric = test_{name}: it is defined for two classes, and digits has 10{accepted}$"):
        planned(f'metric = "{name}"\n' + THREE)


def test_a_scorer_without_scikit_learn_says_what_to_install(planned, monkeypatch):
    monkeypatch.setattr("dlbench.study.parse.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"metric = f1_macro: scikit-learn is not installed; .*dlbench\[sklearn\]"):
        planned('metric = "f1_macro"\n' + THREE)
    assert planned('metric = "test_auc"\n' + THREE).study.metric == "test_auc"
