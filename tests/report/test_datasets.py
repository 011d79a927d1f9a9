"""A study on several datasets from its file to its report, without a training."""

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.cli.report import conclude
from dlbench.report import figures, render
from dlbench.report.answers import answer, notes
from dlbench.report.figures.canvas import canvas, drawing
from dlbench.report.sections.datasets import SECTION, plots, profiles
from dlbench.stats.aggregate import interquartile_mean
from dlbench.store.read import progress, read
from dlbench.study import load, plan
from tests.execution.made_up import carry_out
from tests.report.conftest import shown

STUDY = """
question = "Is it general?"
margin = 0.005
seeds = 6
datasets = ["digits", "mine:two", "mine:three"]

[[arms]]
name = "good"
technique = "l2"
strength = 0.01

[[arms]]
name = "mixed"
technique = "dropout"
"""
LEVEL = {"digits": 0.9, "mine:two": 0.7, "mine:three": 0.5}


def scores(recipe, seed):
    """One arm is better everywhere, the other on digits and worse elsewhere."""
    noise = np.random.default_rng([seed, len(recipe.data.source), bool(recipe.regularization.l2), bool(recipe.model.dropout)])
    gain = 0.05 * bool(recipe.regularization.l2)
    gain += bool(recipe.model.dropout) * (0.05 if recipe.data.source == "digits" else -0.05)
    return (LEVEL[recipe.data.source] + gain + noise.normal(0, 1e-3),) * 2


@pytest.fixture
def made(tmp_path):
    def run(answers=scores, text=STUDY):
        (tmp_path / "study.toml").write_text(text)
        carry_out(plan(load(str(tmp_path / "study.toml"))), tmp_path / "out", answers)
        return tmp_path / "out"

    return run


def test_each_dataset_is_judged_and_controlled_by_itself(made):
    results = read(made())
    assert [part.study["dataset"] for part in results.parts] == list(LEVEL)
    found = [analyse(part).verdicts.set_index("arm") for part in results.parts]
    assert [table.verdict["good"] for table in found] == ["helps"] * 3
    assert [table.verdict["mixed"] for table in found] == ["helps", "hurts", "hurts"]
    assert all(set(table.control) == {"controlled"} and set(table.n) == {6} for table in found)


def test_the_aggregates_are_those_of_all_runs(made):
    results = read(made())
    over = analyse(results).across
    matrix = np.column_stack([part.runs[part.runs.arm == "good"].sort_values("seed").test_accuracy for part in results.parts])
    np.testing.assert_array_equal(over.runs["good"], matrix)
    table = over.table.set_index("arm")
    assert table.iqm["good"] == pytest.approx(float(interquartile_mean(matrix))) and table.improvement["good"] == 1
    assert table.improvement["mixed"] == pytest.approx(1 / 3)
    assert over.ranks.ranks.idxmin() == "good" and over.ranks.ranks["good"] == pytest.approx(4 / 3)


def test_the_same_results_give_the_same_intervals(made):
    folder = made()
    one, two = (analyse(read(folder)).across.table for _ in range(2))
    assert one.equals(two)


def test_a_loss_is_better_when_it_is_lower(made):
    low = read(made(text=STUDY.replace("margin", 'metric = "test_loss"\nmargin')))
    losses = [part.runs.assign(test_loss=1 - part.runs.test_accuracy) for part in low.parts]
    for part, runs in zip(low.parts, losses):
        part.runs["test_loss"] = runs.test_loss
    analysis, (_, tables) = analyse(low), shown(SECTION, low)
    assert analysis.across.table.set_index("arm").improvement["good"] == 1
    assert all(0 < float(row[2].split()[0]) < 1 for row in tables["aggregate-at-default"]), "losses are shown as they are"
    assert (profiles(analysis)[0].threshold > 0).all()


def test_a_seed_counts_only_where_it_completed_on_every_dataset(made):
    lost = {("mine:two", 2), ("digits", 3)}
    folder = made(lambda recipe, seed: None if recipe.regularization.l2 and (recipe.data.source, seed) in lost else scores(recipe, seed))
    over = analyse(read(folder)).across
    assert {arm: values.shape for arm, values in over.runs.items()} == {"baseline": (6, 3), "good": (4, 3), "mixed": (6, 3)}


def test_an_arm_that_never_completed_somewhere_is_named(made):
    folder = made(lambda recipe, seed: None if recipe.regularization.l2 and recipe.data.source == "mine:two" else scores(recipe, seed))
    texts, _ = shown(SECTION, read(folder))
    assert "no seed completed on every dataset: good" in " ".join(texts)
    assert "at least two arms beside the baseline" in " ".join(texts)


def test_a_study_under_way_says_what_is_missing(made, undrawn):
    folder = made(lambda recipe, seed: "open" if recipe.data.source == "mine:three" else scores(recipe, seed))
    analysis = analyse(read(folder))
    assert any("runs on mine:three have not finished" in note for note in notes(analysis))
    facts = progress(folder)
    assert facts["planned"] == 54 and facts["statuses"] == {"done": 36, "missing": 18} and facts["datasets"] == list(LEVEL)
    render(analysis.results, folder, ("html", "md"))


def test_failures_say_on_which_dataset(made):
    folder = made(lambda recipe, seed: None if recipe.data.source == "mine:two" and seed == 1 else scores(recipe, seed))
    assert {failure["arm"] for failure in progress(folder)["failures"]} == {f"{arm}, on mine:two" for arm in ("baseline", "good", "mixed")}


def test_the_report_has_the_section_and_a_report_for_each_dataset(made, judged, undrawn, tmp_path):
    paths = render(read(made()), tmp_path / "r", ("html", "md"))
    assert len(judged) == 3, "each dataset once"
    assert paths[0] == tmp_path / "r" / "index.html"
    for name in ("index.html", "report.md"):
        text = (tmp_path / "r" / name).read_text().replace("<wbr>", "").replace("\\", "")
        for words in ("Across datasets", "Interquartile mean", "P(better)", "Friedman", "Verdicts on mine:three", "Share of all runs",
                      f"dataset-2-mine-two/{name}", "good, at default: a run of it is better", "On digits: Of 2 changes"):
            assert words in text, (name, words)
        for part in ("dataset-2-mine-two", "dataset-3-mine-three"):
            text = (tmp_path / "r" / part / name).read_text()
            assert "Across datasets" not in text and f"On mine:{part.rpartition('-')[2]}: Of 2 changes" in text
    assert (tmp_path / "r" / "figures" / "profiles.svg").is_file()


def test_the_profile_is_the_share_of_runs_above_each_score(made):
    analysis = analyse(read(made()))
    (drawn,) = plots(analysis)
    assert "mixed" in drawn.svg and "good" in drawn.svg
    table = next(table for table in profiles(analysis) if table.attrs["arm"] == "mixed")
    with drawing("test"):
        _, ax = canvas(3, 2)
        assert figures.profile(table, ax) is ax
    assert "%" in ax.get_xlabel() and "n 18" in ax.get_xlabel()
    own = table[table.arm == "mixed"]
    assert own.share.is_monotonic_decreasing and own.share.iloc[0] == 1 and own.share.iloc[-1] == 0
    middle = own[(own.threshold > 70) & (own.threshold < 90)]
    assert len(middle) and middle.share.to_numpy() == pytest.approx(1 / 3), "one dataset of three"
    assert ((own.low <= own.share) & (own.share <= own.high)).all()


def test_a_condition_holds_where_any_dataset_meets_it(made, capsys):
    folder = made()
    assert conclude(folder, (), ("hurts",), False) == 1
    assert "mixed, on mine:two" in capsys.readouterr().out


def test_tuning_is_aggregated_too(made):
    text = STUDY.replace("seeds = 6", "seeds = 3\nnuisance = { batch_size = [16, 32] }\ntuning_seeds = 1")
    results = read(made(text=text))
    assert all(part.tuning.results.complete for part in results.parts)
    assert {"aggregate-at-default", "aggregate-tuned", "ranks-tuned"} <= set(shown(SECTION, results)[1])


def test_a_study_on_one_dataset_says_nothing_of_others(made):
    results = read(made(text=STUDY.replace("datasets", "# datasets")))
    assert results.others == () and not list(SECTION.build(analyse(results))) and profiles(analyse(results)) == []
    assert not answer(analyse(results)).startswith("On ")
