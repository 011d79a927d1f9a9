"""Interim analyses beside settings that are tuned, several datasets, crossed factors, several metrics, and a time to be spent."""

import pytest

from dlbench.analysis import analyse
from dlbench.analysis.factors import factor_effects
from dlbench.app.plan import summary
from dlbench.report.study import study_facts
from dlbench.store.read import progress, read
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from tests.execution.fakes import accuracy
from tests.execution.made_up import carry_out

HEAD = 'question = "?"\nmargin = 0.01\nexamples = 100\n'
LOOKS = "adaptive = { looks = [3, 5, 8] }\n"
ARMS = '[[arms]]\ntechnique = "dropout"\nrate = [0.1, 0.2, 0.3]\n'
SCORE = accuracy({0.1: 0.1, 0.2: 0.008, 0.3: 0.0}, noise=0.006)
BIG, EDGE, DULL = (f"dropout rate={rate}" for rate in (0.1, 0.2, 0.3))


@pytest.fixture
def study(tmp_path):
    def made(text, *overrides):
        path = tmp_path / "study.toml"
        path.write_text(text)
        return plan(load(str(path), overrides))

    return made


def of_dropout(recipe, seed):
    return (SCORE({"model.dropout": recipe.model.dropout}, seed),) * 2


def seeds_of(results, arm):
    return sorted(results.runs.loc[results.runs["arm"] == arm, "seed"])


def test_looks_at_what_is_tuned_judge_the_defaults_and_the_chosen_settings(study, tmp_path):
    def scores(recipe, seed):
        test, validation = of_dropout(recipe, seed)
        return test, validation + (recipe.training.batch_size == 64)

    whole = study(HEAD + LOOKS + "tuning_seeds = 1\nnuisance = { batch_size = [16, 64] }\n" + ARMS)
    carry_out(whole, tmp_path / "out", scores)
    results = read(tmp_path / "out")
    for family in (results, results.tuning.results):
        assert family.complete and [len(look.seeds) for look in family.interim] == [3, 5, 8]
        assert seeds_of(family, BIG) == [0, 1, 2] and seeds_of(family, EDGE) == list(range(8))
        table = analyse(family).verdicts.set_index("arm")
        assert table.loc[BIG, "verdict"] == "helps" and table.loc[BIG, "reason"].endswith("decided at interim analysis 1 of 3, 3 seeds")
    assert carry_out(whole, tmp_path / "out", scores)[-1] == 0 and len(read(tmp_path / "out").interim) == 3, "nothing is judged twice"
    assert progress(tmp_path / "out")["decided"]


def test_a_tuned_comparison_is_not_judged_before_all_settings_are_chosen(study, tmp_path):
    whole = study(HEAD + LOOKS + "tuning_seeds = 1\nnuisance = { batch_size = [16, 64] }\n" + ARMS)
    late = {"open": True}

    def scores(recipe, seed):
        return "open" if late["open"] and seed >= 1000 and recipe.model.dropout == 0.3 else of_dropout(recipe, seed)

    with pytest.raises(RecursionError):
        _once(whole, tmp_path / "out", scores)
    late["open"] = False
    carry_out(whole, tmp_path / "out", scores)
    tuned = read(tmp_path / "out").tuning.results
    assert {len(look.pairs) for look in tuned.interim} == {3} and tuned.complete


def _once(whole, folder, scores):
    """Carry a plan out until a stage asks again for what stays open."""
    asked = []

    def stopped(recipe, seed):
        found = scores(recipe, seed)
        asked.append((recipe, seed))
        if asked.count((recipe, seed)) > 1:
            raise RecursionError("asked again")
        return found

    carry_out(whole, folder, stopped)


def test_looks_at_several_datasets_stop_an_arm_where_it_is_decided(study, tmp_path):
    def scores(recipe, seed):
        test, _ = of_dropout(recipe, seed)
        return (test if recipe.data.source == "digits" or recipe.model.dropout != 0.1 else 0.8 + 0.001 * seed,) * 2

    whole = study(HEAD + LOOKS + 'datasets = ["digits", "tfds:mnist"]\n' + ARMS)
    carry_out(whole, tmp_path / "out", scores)
    results = read(tmp_path / "out")
    (other,) = results.others
    assert results.complete and other.complete
    assert seeds_of(results, BIG) == [0, 1, 2] and len(seeds_of(other, BIG)) == 8
    assert analyse(results).across is not None and len(progress(tmp_path / "out")["looks"]) == 6


FACTORS = """[[arms]]
technique = "dropout"
rate = 0.1
[[arms]]
technique = "l2"
strength = 0.001
[[arms]]
technique = "label_smoothing"
amount = 0.1
"""


@pytest.mark.parametrize("design", ['design = "factorial"\n', 'design = "fractional"\nresolution = 3\n'])
def test_crossed_arms_all_run_on_until_every_one_is_decided(study, tmp_path, design):
    whole = study(HEAD + LOOKS + design + FACTORS)
    carry_out(whole, tmp_path / "out", of_dropout)
    results = read(tmp_path / "out")
    runs = results.runs.groupby("arm")["seed"].nunique()
    assert results.complete and runs.nunique() == 1
    found = factor_effects(results)
    assert not found.note and set(found.runs["seed"]) == set(results.interim[-1].seeds)
    effects = found.effects.set_index("term")
    assert effects.loc["f0", "p_adjusted"] < 0.05 and effects.loc["f0", "low"] > 0.05


def test_the_effects_of_factors_are_at_the_levels_of_their_analysis(study, tmp_path):
    carry_out(study(HEAD + LOOKS + 'design = "factorial"\n' + FACTORS), tmp_path / "out", of_dropout)
    carry_out(study(HEAD + "seeds = 8\n" + 'design = "factorial"\n' + FACTORS), tmp_path / "fixed", of_dropout)
    early, fixed = (factor_effects(read(tmp_path / name)).effects.set_index("term") for name in ("out", "fixed"))
    assert (early["p_adjusted"] >= early["p"]).all() and (early["high"] - early["low"] > fixed["high"] - fixed["low"]).all()


def two_metrics(recipe, seed):
    accuracy_ = of_dropout(recipe, seed)[0]
    loss = 0.5 - (0.2 + 0.001 * (seed % 3) if recipe.model.dropout == 0.1 else 0.01 * (seed % 2) * recipe.model.dropout)
    return {"test_accuracy": accuracy_, "test_loss": loss, "validation_accuracy": accuracy_}


def test_the_first_metric_stops_an_arm_and_the_others_follow(study, tmp_path):
    text = HEAD.replace("margin = 0.01", 'metrics = ["test_accuracy", "test_loss"]\nmargin = [0.01, 0.05]') + LOOKS + ARMS
    carry_out(study(text), tmp_path / "out", two_metrics)
    results = read(tmp_path / "out")
    analysis = analyse(results)
    (loss,) = analysis.further
    tables = [one.verdicts.set_index("arm") for one in (analysis, loss)]
    assert [table.loc[BIG, "verdict"] for table in tables] == ["helps", "helps"] and seeds_of(results, BIG) == [0, 1, 2]
    assert tables[1].loc[BIG, "difference"] == pytest.approx(-0.201, abs=0.001)
    assert tables[1].loc[EDGE, "verdict"] not in ("helps", "hurts") and tables[1].loc[EDGE, "n"] == 8
    first, later = ([table.loc[arm, "p_adjusted"] for arm in (BIG, EDGE, DULL)] for table in tables)
    assert all(one <= two for one, two in zip(first, later, strict=True)), "a later metric is never shown where the first is not"
    with pytest.raises(InputError, match="not at these looks"):
        carry_out(study(text.replace("0.05]", "0.07]")), tmp_path / "out", two_metrics)


NOISY = accuracy({0.1: 0.3, 0.2: 0.01, 0.3: 0.01}, noise=0.02)
"""One arm is decided at once; two have an effect of about the margin, which takes long to tell."""
SPEND = HEAD + 'spend = "200 s"\n' + ARMS
"""Runs take 2 s each, one at a time: of the four arms, a quarter of the time buys 6 seeds."""


def of_noisy(recipe, seed):
    return (NOISY({"model.dropout": recipe.model.dropout}, seed),) * 2


def test_time_is_spent_on_the_arms_that_are_open(study, tmp_path):
    carry_out(study(SPEND), tmp_path / "out", of_noisy)
    results = read(tmp_path / "out")
    sizes, shares = [len(look.seeds) for look in results.interim], [look.share for look in results.interim]
    assert results.complete and sizes[0] == 6 and shares == [0.25, 0.5, 0.75, 1.0][: len(shares)]
    assert seeds_of(results, BIG) == list(range(6)), "a decided arm stops"
    used = 2.0 * len(results.runs)
    assert 200 - 3 * 2 <= used <= 200
    assert sizes[-1] > 25, "the time of the decided arm went to the others"
    table = analyse(results).verdicts.set_index("arm")
    assert table.loc[BIG, "verdict"] == "helps" and "decided at interim analysis 1, 6 seeds" in table.loc[BIG, "reason"]
    assert carry_out(study(SPEND), tmp_path / "out", of_noisy) == [0]


@pytest.mark.parametrize("stop_after", [5, 24, 30, 60])
def test_a_study_that_was_interrupted_spends_its_time_as_an_undisturbed_one(study, tmp_path, stop_after):
    carry_out(study(SPEND), tmp_path / "whole", of_noisy)
    left = [stop_after]

    def interrupted(recipe, seed):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return of_noisy(recipe, seed)

    with pytest.raises(KeyboardInterrupt):
        carry_out(study(SPEND), tmp_path / "out", interrupted)
    partial = analyse(read(tmp_path / "out"))
    assert not partial.results.complete and len(partial.verdicts) == 3
    carry_out(study(SPEND), tmp_path / "out", of_noisy)
    verdicts = [analyse(read(tmp_path / name)).verdicts for name in ("whole", "out")]
    assert verdicts[0].equals(verdicts[1])


def test_time_that_buys_nothing_is_told_with_what_would_do(study, tmp_path):
    with pytest.raises(InputError, match=r"spend = 10 s: 4 arms at 2 s a run and 1 at a time take 16 s .*at least 16 s"):
        carry_out(study(SPEND.replace("200 s", "10 s")), tmp_path / "out", of_noisy)


def test_little_time_is_one_analysis_with_all_of_alpha(study, tmp_path):
    carry_out(study(SPEND.replace("200 s", "30 s")), tmp_path / "out", of_noisy)
    (look,) = read(tmp_path / "out").interim
    assert look.share == 1 and len(look.seeds) == 3


def test_a_plan_tells_what_the_time_buys(study, tmp_path):
    before = summary(study(SPEND), tmp_path / "out", 1)["adaptive"]
    assert before["spend_s"] == 200 and before["seeds"] is None
    carry_out(study(SPEND), tmp_path / "out", of_noisy)
    after = summary(study(SPEND.replace("200 s", "400 s"), "adaptive.first_seed=500"), tmp_path / "out", 1)["adaptive"]
    assert after["seeds"] == 50


def test_a_plan_counts_the_analyses_and_open_arms_of_all_comparisons(study, tmp_path):
    whole = study(HEAD + LOOKS + "tuning_seeds = 1\nnuisance = { batch_size = [16, 64] }\n" + ARMS)
    before = summary(whole, tmp_path / "out", 1)["adaptive"]
    carry_out(whole, tmp_path / "out", of_dropout)
    results = read(tmp_path / "out")
    after = summary(whole, tmp_path / "out", 1)["adaptive"]
    assert before["taken"] == 0 and before["open"] == [BIG, EDGE, DULL]
    assert after["taken"] == len(results.interim) + len(results.tuning.results.interim) == 6


def test_a_report_counts_the_seeds_that_were_judged_and_not_all_that_a_time_could_buy(study, tmp_path):
    carry_out(study(SPEND.replace("examples = 100\n", "folds = 4\n")), tmp_path / "out", of_noisy)
    results = read(tmp_path / "out")
    facts = study_facts(analyse(results))
    assert facts["tested"] == f"4 folds in turn, one a seed: every example by {len(results.interim[-1].seeds) // 4} seeds"
    assert len(results.interim[-1].seeds) < len(results.study["seeds"])


def test_folds_are_tested_in_whole_rounds_whatever_the_time(study, tmp_path):
    text = SPEND.replace("examples = 100\n", "folds = 4\n")
    carry_out(study(text), tmp_path / "out", of_noisy)
    assert {len(look.seeds) % 4 for look in read(tmp_path / "out").interim} == {0}
