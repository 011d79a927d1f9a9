"""Tables by label: the numbers are scikit-learn's on the answers in the store, and the examples those that an arm turns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.label_effects import MEASURES
from dlbench.exports import tables
from dlbench.report import latex
from dlbench.report.closing import closing
from dlbench.report.document import Details
from dlbench.report.sections.label_effects import SECTION
from dlbench.report.study import study_document
from dlbench.stats.noise import crossed_effect
from dlbench.store.database import Store
from dlbench.store.results import Answers
from dlbench.values.by_label import average_precision_of_label
from dlbench.values.record import KNOWN_LABELS, LOG_ODDS, Controls, Record
from tests.report.conftest import HOSTILE, Shape, build, markdown_of, page_of

metrics = pytest.importorskip("sklearn.metrics")
SEEDS, SIZE, NAMES = 4, 120, ["rain", "wind", HOSTILE[0], "hail"]
ARMS = {"baseline": 0.0, "l2 strength=0.001": 0.1}
HAS = np.random.default_rng(0).random((SIZE, 4)) < [0.5, 0.3, 0.1, 0.0]


def answers(has, seeds=SEEDS):
    """(arm, seed) -> log odds: the arm knows the first label better, and has every label of example 5 right, the baseline none."""
    draw, made = np.random.default_rng(1), {}
    for arm in ARMS:
        for seed in range(seeds):
            knows = np.where((np.arange(has.shape[1]) == 0) & (arm != "baseline"), 3.0, 1.0)
            made[arm, seed] = (knows * (2 * has - 1) + draw.normal(0, 1.5, has.shape)).astype(np.float16)
            made[arm, seed][5] = np.where(has[5] == (arm != "baseline"), 4, -4)
    return made


def studied(folder, has=HAS, names=NAMES, keep=lambda arm, seed: True):
    """A study whose store has these answers."""
    log_odds, made = answers(has), build(ARMS, Shape(seeds=SEEDS, epochs=2), names=names)
    with Store(folder, write=True) as store:
        for row in made.runs.itertuples():
            arrays = {KNOWN_LABELS: np.packbits(has, axis=1), LOG_ODDS: log_odds[row.arm, row.seed]} if keep(row.arm, row.seed) else {}
            store.add(Record(row.run_id, {}, row.seed, "done", controls=Controls(evaluation="e0")), arrays)
    return analyse(replace(made, answers=Answers(folder)))


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    return studied(tmp_path_factory.mktemp("labels"))


def scores(has, log_odds):
    """Measure -> the score of each label, by scikit-learn."""
    of_each = metrics.precision_recall_fscore_support(has, log_odds > 0, average=None, zero_division=np.nan)
    ranked = [metrics.average_precision_score(y, score) if y.any() else np.nan for y, score in zip(has.T, log_odds.T)]
    return {"precision": of_each[0], "recall": of_each[1], "f1": of_each[2], "average_precision": np.array(ranked)}


def test_every_score_is_the_mean_over_seeds_of_scikit_learns(analysis):
    (found,) = analysis.label_effects
    made = answers(HAS)
    each = {arm: [scores(HAS, made[arm, seed].astype(float)) for seed in range(SEEDS)] for arm in ARMS}
    for row in found.table.itertuples():
        for arm, score in (("l2 strength=0.001", row.score), ("baseline", row.reference_score)):
            wanted = np.mean([one[row.measure][row.label] for one in each[arm]])
            wanted = np.nan if not HAS[:, row.label].any() and row.measure == "recall" else wanted
            assert score == pytest.approx(wanted, nan_ok=True), row
    assert found.table.groupby("label")["examples"].first().tolist() == HAS.sum(axis=0).tolist() and set(found.table["tested"]) == {SIZE}
    assert found.table.groupby("label")["name"].first().tolist() == NAMES and found.counted == "4 seeds"


def test_the_interval_is_over_seeds_and_examples_and_p_is_adjusted_over_labels(analysis):
    (found,) = analysis.label_effects
    made = answers(HAS)
    for label in range(3):
        row = found.table[(found.table["measure"] == "average_precision") & (found.table["label"] == label)].iloc[0]
        ours, theirs = (np.stack([average_precision_of_label(HAS[:, label], made[arm, seed][:, label].astype(float))
                                  for seed in range(SEEDS)]) for arm in ("l2 strength=0.001", "baseline"))
        wanted = crossed_effect(ours, theirs)
        assert (row["difference"], row["low"], row["high"], row["p"]) == pytest.approx(wanted[:4])
        assert row["difference"] == pytest.approx(row["score"] - row["reference_score"]) and row["p_adjusted"] >= row["p"]
    better = found.table[(found.table["measure"] == "f1") & (found.table["p_adjusted"] < 0.05)]
    assert better["name"].tolist() == ["rain"] and (better["difference"] > 0).all()


def test_a_label_that_no_example_has_has_no_score(analysis):
    (found,) = analysis.label_effects
    hail = found.table[found.table["name"] == "hail"].set_index("measure")
    assert hail.loc[["recall", "average_precision"], "score"].isna().all() and hail["examples"].eq(0).all()


def test_the_surest_turned_example_is_the_one_that_the_arm_has_right_throughout(analysis):
    (found,) = analysis.label_effects
    first = found.turns.iloc[0]
    names = tuple(name for name, has in zip(NAMES, HAS[5]) if has)
    assert (first["kind"], first["row"], first["labels"], first["ours"]) == ("fixed", 5, names, names)
    assert (first["right_theirs"], first["right_ours"]) == (0, 4) and set(first["theirs"]) == set(NAMES) - set(names)
    assert (found.turns[found.turns["kind"] == "broken"]["right_ours"] < found.turns[found.turns["kind"] == "broken"]["right_theirs"]).all()


def test_every_format_and_the_export_show_them(analysis):
    page, text, paper = page_of(analysis), markdown_of(analysis), latex.render(study_document(analysis))
    assert all("Average precision" in one and "rain" in one for one in (page, text, paper)) and HOSTILE[0] not in page
    (found,) = analysis.label_effects
    share = f"{100 * HAS[:, 0].mean():.1f}"
    assert "## Labels" in text and f"| rain | {share} |" in text
    exported = tables(analysis)["labels"]
    assert len(exported) == len(MEASURES) * len(NAMES) and exported["difference"].equals(found.table["difference"].reset_index(drop=True))


def test_a_terminal_is_told_which_labels_differ(analysis, tmp_path):
    lines = closing(analysis, tmp_path).splitlines()
    assert "l2 strength=0.001: better on rain" in lines and all(len(line) <= 80 for line in lines if not line.startswith("next: "))


def test_many_labels_are_folded(tmp_path):
    has = np.random.default_rng(2).random((SIZE, 100)) < 0.2
    made = studied(tmp_path, has, [f"tag {label}" for label in range(100)])
    (block,) = (block for block in SECTION.build(made) if isinstance(block, Details))
    assert not block.unfolded and "100 labels, 1 better and 0 worse" in block.summary and len(block.blocks[0].rows) == 100
    shares = [row.cells[1].sort for row in block.blocks[0].rows]
    assert shares == sorted(shares, reverse=True)


def test_results_of_versions_that_kept_no_labels_show_what_there_is(tmp_path):
    assert not list(SECTION.build(studied(tmp_path / "none", keep=lambda arm, seed: False)))
    (found,) = studied(tmp_path / "some", keep=lambda arm, seed: seed > 0 or arm == "baseline").label_effects
    assert found.counted == "3 seeds"
    (alone,) = studied(tmp_path / "one", keep=lambda arm, seed: seed == 0).label_effects
    assert alone.table["low"].isna().all() and alone.table["difference"].notna().any()
