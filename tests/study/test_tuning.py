"""Fair tuning: the same trials for every arm, chosen by a pure function of their scores, on seeds the comparison never uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbench.study import advance, load, plan, plan_of_arms, undecided_runs
from dlbench.study.schema import NUISANCE as NUISANCE_FIELDS
from dlbench.study.tuning import Trial, choose, grid
from dlbench.values.errors import InputError
from dlbench.values.identity import run_ids
from dlbench.values.metric import metric
from dlbench.values.recipe import Recipe, flatten

HEAD = """
margin = 0.01
seeds = 2
"""
ARMS = """
[[arms]]
technique = "l2"
strength = 0.01

[[arms]]
technique = "learning_rate"
value = 0.005
"""
NUISANCE = "nuisance = { learning_rate = [1e-3, 1e-2], batch_size = [16, 32, 64] }\ntuning_seeds = 2\n"
ACCURACY, LOSS = metric("validation_accuracy"), metric("validation_loss")


@pytest.fixture
def planned(tmp_path):
    def make(text, *overrides):
        (tmp_path / "study.toml").write_text(HEAD + text)
        return plan(load(str(tmp_path / "study.toml"), overrides))

    return make


def of(whole, arm):
    return [trial for trial in whole.trials if trial.arm == arm]


def scored(whole, best):
    """Scores under which each arm's best trial is the one at a position of its grid."""
    return {run: 0.9 if number == best.get(trial.arm, 0) else 0.1
            for arm in whole.arms for number, trial in enumerate(of(whole, arm.name)) for run in trial.cells.values()}


def test_every_arm_gets_the_whole_grid_on_the_same_seeds(planned):
    whole = planned(NUISANCE + ARMS)
    settings = [trial.setting for trial in of(whole, "baseline")]
    assert len(settings) == 6 and settings == [trial.setting for trial in of(whole, "l2 strength=0.01")]
    assert {tuple(trial.cells) for trial in whole.trials} == {(1000, 1001)}
    assert not {run for trial in whole.trials for run in trial.cells.values()} & set(whole.cells.values())


@pytest.mark.parametrize("key, path", NUISANCE_FIELDS.items())
def test_each_nuisance_key_tunes_its_field(planned, key, path):
    values = [16, 64] if key == "batch_size" else [0.125, 0.25]
    trials = of(planned(f'nuisance = {{ {key} = {values} }}\n[[arms]]\ntechnique = "dropout"\nrate = 0.5\n'), "baseline")
    assert [flatten(trial.recipe)[path] for trial in trials] == values


def test_a_trial_is_an_ordinary_run_of_its_recipe(planned):
    for trial in planned(NUISANCE + ARMS).trials:
        assert trial.cells == {seed: run_ids(trial.recipe, [seed])[0] for seed in trial.cells}
        assert trial.setting.items() <= flatten(trial.recipe).items()


def test_what_an_arm_changes_itself_is_not_tuned_there(planned):
    own = of(planned(NUISANCE + ARMS), "learning_rate value=0.005")
    assert [trial.setting for trial in own] == [{"training.batch_size": size} for size in (16, 32, 64)]
    assert {trial.recipe.training.learning_rate for trial in own} == {0.005}


def test_leaving_a_field_out_is_a_change_of_it_too(planned):
    whole = planned('design = "leave_one_out"\n' + NUISANCE + ARMS)
    for arm in ("everything", "without learning_rate value=0.005"):
        assert {tuple(trial.setting) for trial in of(whole, arm)} == {("training.batch_size",)}


def test_an_arm_of_which_everything_is_scientific_needs_no_trial(planned):
    whole = planned("nuisance = { learning_rate = [1e-3, 1e-2] }\n" + ARMS)
    (trial,) = of(whole, "learning_rate value=0.005")
    assert trial.setting == {} and trial.cells == {}
    assert advance(whole, {}).tuned.cells == {(trial.arm, s): whole.cells[trial.arm, s] for s in (0, 1)}


def test_nothing_is_tuned_unless_asked_for(planned):
    whole = planned(ARMS)
    assert whole.trials == () and advance(whole, {}) is whole and undecided_runs(whole) == 0


def test_the_tuned_comparison_is_at_the_chosen_settings_on_the_studys_seeds(planned):
    whole = planned(NUISANCE + ARMS)
    assert undecided_runs(whole) == 6
    grown = advance(whole, scored(whole, {"baseline": 5, "l2 strength=0.01": 3, "learning_rate value=0.005": 0}))
    recipes = {arm.name: arm.recipe.training for arm in grown.tuned.arms}
    assert (recipes["baseline"].learning_rate, recipes["baseline"].batch_size) == (0.01, 64)
    assert (recipes["l2 strength=0.01"].learning_rate, recipes["l2 strength=0.01"].batch_size) == (0.01, 32)
    assert {seed for _, seed in grown.tuned.cells} == {0, 1} and undecided_runs(grown) == 0
    assert grown.tuned.arms[1].changes == {"regularization.l2": (0.0, 0.01), "training.batch_size": (64, 32)}
    assert {run.run_id for run in grown.runs} == {run.run_id for run in whole.runs} | set(grown.tuned.cells.values())
    assert grown.cells == whole.cells and advance(grown, scored(whole, {"baseline": 5, "l2 strength=0.01": 3})) == grown


def test_a_tuned_arm_that_needs_pretraining_brings_it(planned):
    arms = "".join(f'[[arms]]\nname = "{mode}"\ntechnique = "transfer"\nmode = "{mode}"\n{more}' for mode, more in
                   (("scratch", ""), ("frozen", 'reference = "scratch"\n')))
    whole = planned("nuisance = { learning_rate = [1e-3, 1e-2] }\n" + arms)
    grown = advance(whole, scored(whole, {"frozen": 1}))
    runs = {run.run_id: run for run in grown.runs}
    needed = {runs[grown.tuned.cells["frozen", seed]].needs for seed in (0, 1)}
    assert all(runs[name].recipe.training.learning_rate == 0.01 and runs[name].recipe.transfer.mode == "pretrain" for name in needed)


def test_part_of_a_plan_keeps_its_own_trials(planned):
    whole = planned(NUISANCE + ARMS)
    some = plan_of_arms(whole, {"baseline", "l2 strength=0.01"})
    assert {trial.arm for trial in some.trials} == {"baseline", "l2 strength=0.01"}
    assert len(some.runs) == 2 * 2 + 2 * 6 * 2 < len(whole.runs)


def tried(*scores):
    """Trials of one arm, a list of scores each, and the scores by run; None: diverged, absent: has not ended."""
    trials = [Trial("a", {"x": n}, Recipe(), {seed: f"{n}.{seed}" for seed in range(len(row))}) for n, row in enumerate(scores)]
    return trials, {f"{n}.{seed}": score for n, row in enumerate(scores) for seed, score in enumerate(row) if score != "open"}


@pytest.mark.parametrize("scores, measure, best", [
    (([0.1, 0.5], [0.4, 0.4]), ACCURACY, 1), (([0.1, 0.5], [0.4, 0.4]), LOSS, 0),
    (([0.5, 0.5], [0.5, 0.5]), ACCURACY, 0), (([0.5], [0.5], [0.4]), LOSS, 2),
    (([0.9, None], [0.4, 0.4]), ACCURACY, 1), (([None], [None]), ACCURACY, None), (([0.9], ["open"]), ACCURACY, None),
])
def test_the_best_mean_is_chosen_and_ties_go_to_the_first(scores, measure, best):
    trials, known = tried(*scores)
    chosen = choose(trials, known, measure)
    assert (chosen["a"].setting["x"] if chosen else None) == best


@given(st.lists(st.lists(st.floats(0, 1), min_size=2, max_size=2), min_size=1, max_size=6), st.floats(0.5, 2))
def test_the_choice_ignores_the_scale_of_the_scores(scores, scale):
    trials, known = tried(*scores)
    chosen = choose(trials, known, ACCURACY)["a"]
    again = choose(trials, {name: -value for name, value in known.items()}, LOSS)["a"]
    assert chosen == again
    assert sum(scores[chosen.setting["x"]]) == max(map(sum, scores))


@given(st.sets(st.sampled_from(["a", "b", "c"])))
def test_a_grid_is_the_product_of_what_is_not_scientific(scientific):
    sizes = {"a": 2, "b": 3, "c": 4}
    found = grid(tuple((name, tuple(range(size))) for name, size in sizes.items()), scientific)
    count = 1
    for name in sizes.keys() - scientific:
        count *= sizes[name]
    assert len(found) == count == len({tuple(setting.items()) for setting in found})


@pytest.mark.parametrize("text, words", [
    ("nuisance = { learning_rate = [1e-3] }", "at least two different values"),
    ("nuisance = { batch_size = [16, 16] }", "at least two different values"),
    ("nuisance = { learning_rte = [1, 2] }", "did you mean 'nuisance.learning_rate'"),
    ("nuisance = { batch_size = [16, 0.5] }", "a list of whole numbers from 1"),
    ("nuisance = { label_smoothing = [0, 1.0] }", r"a list of numbers in \[0, 1\)"),
    ("nuisance = { l2 = 0.1 }", "nuisance.l2 = 0.1; accepted: a list of numbers from 0"),
    ("nuisance = [1]", "a table such as"),
    ("validation = 0\nnuisance = { l2 = [0, 0.1] }", "set validation above 0"),
    ("tuning_seeds = 2", "nothing to tune"),
    ("nuisance = { l2 = [0, 0.1] }\ntuning_seeds = 0", "tuning_seeds = 0; accepted: a whole number from 1"),
])
def test_what_cannot_be_tuned_is_refused(planned, text, words):
    with pytest.raises(InputError, match=words):
        planned(text + ARMS)


def test_a_seed_may_not_both_choose_and_judge(planned):
    with pytest.raises(InputError, match="1001 is a tuning seed"):
        planned(NUISANCE + ARMS, "seeds=[0, 1001]")


def test_a_default_that_is_not_tried_is_warned_of(planned):
    assert any("not among the values tried" in text for text in planned("nuisance = { l2 = [0.1, 0.2] }\n" + ARMS).warnings)
    assert not planned(NUISANCE + ARMS).warnings
