"""A tuned study from its file to its report, without a training."""

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.cli.report import conclude
from dlbench.report.sections.tuning import SECTION
from dlbench.store.read import progress, read
from dlbench.study import load, plan
from tests.execution.made_up import carry_out
from tests.report.conftest import shown

STUDY = """
question = "Is it fair?"
margin = 0.005
seeds = 6
nuisance = { learning_rate = [1e-3, 1e-2, 1e-1] }

[[arms]]
name = "weak"
technique = "l2"
strength = 0.01

[[arms]]
name = "fast"
technique = "learning_rate"
value = 0.005
"""


def scores(recipe, seed):
    """At default the arm is far behind; with ten times the learning rate, as its trials show, it is as good as the baseline."""
    noise = np.random.default_rng([seed, int(recipe.training.learning_rate * 1e4), bool(recipe.regularization.l2)]).normal(0, 1e-4)
    weak = bool(recipe.regularization.l2)
    good = 0.9 if not weak or recipe.training.learning_rate > 1e-3 else 0.8
    validation = good - (0.05 if recipe.training.learning_rate == 1e-1 else 0)
    return good + noise + (0.02 if seed >= 1000 else 0), validation


@pytest.fixture
def made(tmp_path):
    def run(answers=scores, text=STUDY):
        (tmp_path / "study.toml").write_text(text)
        return carry_out(plan(load(str(tmp_path / "study.toml"))), tmp_path / "out", answers), tmp_path / "out"

    return run


def test_trials_come_first_and_the_tuned_comparison_last(made):
    sizes, folder = made()
    assert sizes == [3 * 6 + 2 * 3 * 3, 6], "the baseline's choice is its default, whose runs are there already"
    results = read(folder)
    assert results.complete and len(results.runs) == 18 and set(results.runs.seed) == set(range(6))
    assert results.tuning.results.complete and set(results.tuning.results.runs.seed) == set(range(6))
    chosen = results.tuning.trials[results.tuning.trials.chosen]
    assert dict(zip(chosen.arm, chosen.setting)) == {
        "baseline": {"training.learning_rate": 1e-3}, "weak": {"training.learning_rate": 1e-2}, "fast": {}}


def test_an_arm_that_only_needed_another_setting_hurts_at_default_and_not_tuned(made):
    results = read(made()[1])
    default, tuned = (analyse(found).verdicts.set_index("arm") for found in (results, results.tuning.results))
    assert default.verdict["weak"] == "hurts" and tuned.verdict["weak"] == "no meaningful effect"
    assert list(tuned.n) == [6, 6]


def test_each_family_is_adjusted_on_its_own(made):
    results = read(made()[1])
    for found in (results, results.tuning.results):
        table = analyse(found).verdicts.sort_values("p")
        assert table.p_adjusted.iloc[0] == pytest.approx(min(1, 2 * table.p.iloc[0])), "a family of two"


def test_an_arm_tuned_to_its_reference_is_inert_not_a_fault(made):
    _, folder = made(text=STUDY.replace("0.005\n", "0.01\n"),
                     answers=lambda recipe, seed: (0.9, float(recipe.training.learning_rate == 1e-2)))
    tuned = analyse(read(folder).tuning.results).verdicts.set_index("arm")
    assert tuned.control["fast"] == "inert" and "one and the same recipe" in tuned.control_text["fast"]
    assert tuned.verdict["fast"] == "no verdict"


def test_a_diverged_setting_does_not_compete(made):
    _, folder = made(lambda recipe, seed: None if (recipe.training.learning_rate, seed) == (1e-2, 1001) else scores(recipe, seed))
    trials = read(folder).tuning.trials
    assert not trials[trials.chosen & (trials.n < trials.planned)].shape[0]
    assert {row.setting["training.learning_rate"] for row in trials[trials.chosen].itertuples() if row.setting} == {1e-3, 1e-1}


def test_nothing_is_chosen_before_an_arms_trials_have_ended(made):
    sizes, folder = made(lambda recipe, seed: "open" if seed == 1002 and recipe.regularization.l2 else scores(recipe, seed))
    results = read(folder)
    assert sizes[-1] == 0 or len(sizes) == 2
    assert set(results.tuning.results.study["chosen"]) == {"baseline", "fast"}
    assert analyse(results.tuning.results).verdicts.set_index("arm").verdict["weak"] == "no verdict"
    assert "Without a choice" in " ".join(shown(SECTION, results)[0])
    assert progress(folder)["statuses"]["missing"] == 3
    sizes, _ = made()
    assert sizes == [3, 6], "the same command goes on where it was"


def test_both_families_are_in_the_page_and_in_markdown_and_judged_once(made, judged, undrawn):
    _, folder = made()
    assert conclude(folder, ("html", "md", "csv", "tex"), (), False) == 0 and len(judged) == 2
    for name in ("index.html", "report.md"):
        text = (folder / name).read_text().replace("<wbr>", "").replace("\\", "")
        for words in ("each Holm-adjusted on its own", "Tuned: Of 2 changes", "At default: Of 2 changes", "Verdict at default",
                      "Verdict tuned", "scientific", "nuisance", "fixed", "training.optimizer", "1000 to 1002",
                      "scientific there and not tuned: fast"):
            assert words in text, (name, words)
    assert {"verdicts-tuned.csv", "runs-tuned.csv", "verdicts-tuned.tex"} <= {path.name for path in folder.iterdir()}


def test_every_field_has_a_role_and_what_is_fixed_is_not_changed(made):
    roles = shown(SECTION, read(made()[1]))[1]["role-table"]
    by_role = {role: {row[0] for row in roles if row[1] == role} for role in ("scientific", "nuisance", "fixed")}
    assert by_role["scientific"] == {"regularization.l2", "training.learning_rate"} and by_role["nuisance"] == {"training.learning_rate"}
    assert {"training.optimizer", "budget.amount", "training.batch_size"} <= by_role["fixed"]
    assert not by_role["fixed"] & (by_role["scientific"] | by_role["nuisance"])


def test_an_end_of_the_grid_is_pointed_out(made):
    _, folder = made(lambda recipe, seed: (0.9, recipe.training.learning_rate))
    assert "a wider range may do better, for: baseline and weak" in " ".join(shown(SECTION, read(folder))[0])


def test_a_condition_holds_where_either_family_meets_it(made):
    _, folder = made()
    assert conclude(folder, (), ("hurts",), False) == 1
    assert conclude(folder, (), ("inconclusive",), False) == 0


def test_a_study_that_tunes_nothing_says_nothing_of_it(made):
    results = read(made(text=STUDY.replace("nuisance", "# nuisance"))[1])
    assert results.tuning is None and not list(SECTION.build(analyse(results)))
