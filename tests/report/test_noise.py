"""Test-set noise: intervals and classes are those of the answers in the store, which are read only when they are asked for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.noise import MOST_CLASSES, NOISE, Noise, shown_classes
from dlbench.report.sections.noise import SECTION
from dlbench.stats.noise import crossed_effect, per_class_effects
from dlbench.store.database import Store
from dlbench.store.results import Answers
from dlbench.values.record import Controls, Record
from tests.report.conftest import Shape, build, markdown_of, page_of, shown

pytestmark = pytest.mark.usefixtures("undrawn")
ARMS = {"baseline": 0.0, "worse on 1": -0.1, "same": 0.0}
SEEDS, EXAMPLES = 5, 120
LABELS = (np.arange(EXAMPLES) % 3).astype(np.uint16)


def answered():
    """(arm, seed) -> right or wrong: one arm is poor on class 1 alone."""
    draw, right = np.random.default_rng(3), {}
    shared = draw.random(EXAMPLES)
    for arm in ARMS:
        for seed in range(SEEDS):
            chance = np.where((LABELS == 1) & (arm == "worse on 1"), 0.4, 0.9)
            right[arm, seed] = (shared + draw.random(EXAMPLES)) / 2 < chance
    return right


def kept(folder, right, labels=LABELS):
    """Results whose store has these answers."""
    made = build(ARMS, Shape(seeds=SEEDS, epochs=2))
    runs = made.runs.copy()
    runs["test_accuracy"] = [right[arm, seed].mean() for arm, seed in zip(runs["arm"], runs["seed"])]
    with Store(folder, write=True) as store:
        for row in runs.itertuples():
            bits = right[row.arm, row.seed]
            arrays = {"test_bits": np.packbits(bits), "test_predictions": np.zeros(len(bits), np.uint16)}
            arrays |= {} if labels is None else {"test_labels": labels}
            store.add(Record(row.run_id, {}, row.seed, "done", controls=Controls(evaluation="e0")), arrays)
    return replace(made, runs=runs, answers=Answers(folder))


@pytest.fixture(scope="module")
def right():
    return answered()


@pytest.fixture(scope="module")
def results(right, tmp_path_factory):
    return kept(tmp_path_factory.mktemp("answers"), right)


def stacked(right, arm):
    return np.stack([right[arm, seed] for seed in range(SEEDS)])


def test_labels_are_kept_once_for_all_runs_of_an_evaluation_set(results):
    with Store(results.answers.folder) as store:
        rows = store.connection.execute("SELECT run_id, COUNT(*) FROM arrays WHERE name = 'test_labels' GROUP BY run_id").fetchall()
        assert rows == [("evaluation/e0", 1)]
        assert store.labels(results.runs["run_id"].iloc[0]).tolist() == LABELS.tolist()
        assert set(store.arrays(results.runs["run_id"].iloc[0])) == {"test_bits", "test_predictions"}


def test_intervals_are_those_of_the_answers(results, right):
    analysis = analyse(results)
    table = analysis.noise.arms.set_index("arm")
    seeds = analysis.verdicts.set_index("arm")
    for arm in ("worse on 1", "same"):
        expected = crossed_effect(stacked(right, arm), stacked(right, "baseline"))
        row = table.loc[arm]
        assert (row["n"], row["examples"]) == (SEEDS, EXAMPLES)
        assert row[["difference", "crossed_low", "crossed_high"]].tolist() == pytest.approx(list(expected[:3]))
        assert row[["low", "high"]].tolist() == pytest.approx(seeds.loc[arm, ["low", "high"]].tolist())
        assert row["resampled_low"] < row["difference"] < row["resampled_high"]


def test_the_class_that_an_arm_is_poor_on_is_found(results, right):
    analysis = analyse(results)
    found = analysis.noise
    expected = per_class_effects(stacked(right, "worse on 1"), stacked(right, "baseline"), LABELS)
    table = found.classes[found.classes["arm"] == "worse on 1"]
    assert table["difference"].tolist() == pytest.approx(expected["difference"].tolist())
    cells = next(cells for arm, *cells in shown(SECTION, results)[1]["classes"] if arm == "worse on 1")
    assert [cell.endswith("*") for cell in cells] == [False, True, False] and cells[1].startswith("−")


def test_the_same_answers_give_the_same_report_and_it_shows_both_tables(results):
    one, two = (page_of(analyse(results)) for _ in range(2))
    assert one == two and 'id="noise"' in one and 'id="classes"' in one
    text = markdown_of(analyse(results))
    assert "## Test-set noise" in text and "| Arm | 0 | 1 | 2 |" in text and f"{SEEDS} × {EXAMPLES}" in text


def test_an_effect_that_rests_on_this_test_set_alone_is_named(tmp_path):
    """Two examples that every seed gains: certain over seeds, nothing over new examples."""
    right = {}
    for arm in ARMS:
        for seed in range(SEEDS):
            right[arm, seed] = np.arange(EXAMPLES) >= 40
            right[arm, seed][[seed, seed + 10]] = True
            right[arm, seed][30 : 31 + (seed > 0)] |= arm != "baseline"
    analysis = analyse(kept(tmp_path, right))
    found = analysis.noise
    assert found.arms["low"].min() > 0 > found.arms["crossed_low"].max()
    assert "not beyond it: worse on 1 and same" in next(iter(SECTION.build(analysis))).caption


def test_older_results_without_labels_have_intervals_and_no_classes(right, tmp_path):
    text = page_of(analyse(kept(tmp_path, right, labels=None)))
    assert 'id="noise"' in text and 'id="classes"' not in text


def test_nothing_is_shown_where_there_is_nothing(results, right, tmp_path):
    bare = replace(results, answers=None)
    assert analyse(bare).noise is None and 'id="noise"' not in page_of(analyse(bare))
    loss = replace(results, study=results.study | {"metric": "test_loss", "margin": 0.01})
    assert analyse(loss).noise is None
    one = replace(results, runs=results.runs[results.runs["seed"] == 0].reset_index(drop=True))
    assert analyse(one).noise is None


def test_answers_are_read_only_when_they_are_asked_for(results, monkeypatch):
    def asked(*_):
        raise AssertionError("read")

    monkeypatch.setattr(Answers, "shares", asked)
    analysis = analyse(results)
    assert len(analysis.verdicts) == 2
    with pytest.raises(AssertionError, match="read"):
        _ = analysis.noise


def test_many_arms_and_classes_are_cut_and_the_cut_is_said():
    labels = np.repeat(np.arange(20), 6)
    shape = (3, len(labels))
    draw = np.random.default_rng(0)
    table = per_class_effects(draw.random(shape) < 0.9, draw.random(shape) < 0.8, labels).assign(arm="a")
    found = Noise(pd.DataFrame(columns=list(NOISE)), table, 1)
    shown = shown_classes(found)
    sizes = table.set_index("label")["difference"].abs()
    assert len(shown) == MOST_CLASSES and sizes[shown].min() >= sizes.drop(shown).max()
