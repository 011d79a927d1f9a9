"""What is read of a folder depends on this folder alone."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from dlbench.analysis import analyse
from dlbench.store.database import Store
from dlbench.store.read import read
from dlbench.values.metric import METRICS, Metric, stored_metric
from dlbench.values.record import Record

SCORES = {"baseline": 0.2, "arm": 0.8}


def folder(path, higher_is_better):
    """A study of one arm that scores higher than the baseline, by a plug-in's metric of either direction."""
    metric = Metric("half", "fraction", higher_is_better, 0.0, 1.0, "test", compute="gone:half")
    facts = {"name": "s", "question": "", "dataset": "digits", "model": "mlp", "design": "one_at_a_time", "metric": "half", "margin": 0.01,
             "seeds": [0, 1, 2, 3], "budget": {"amount": 1, "unit": "epochs"}, "text": "", "declared_metric": asdict(metric)}
    arms = [{"arm": arm, "reference": reference, "techniques": [], "recipe": {}, "recipe_id": arm, "changes": changes}
            for arm, reference, changes in (("baseline", None, {}), ("arm", "baseline", {"model.dropout": (0, 0.5)}))]
    with Store(path, write=True) as store:
        store.open_study("d", facts, arms, [(arm, seed, f"{arm}{seed}") for arm in SCORES for seed in range(4)])
        for arm, score in SCORES.items():
            for seed in range(4):
                controls = {"data": "d", "split": "s", "order": ["o"], "evaluation": "e", "init": {"dense": "i"}, "touched": [],
                            "weights": f"{arm}{seed}", "global_draws": [], "acted": {}}
                scores = {"half": score + 0.001 * seed * (arm == "arm")}
                store.add(Record(f"{arm}{seed}", {}, seed, "done", scores=scores, controls=controls), {})
    return read(path)


@pytest.mark.parametrize("first", [True, False])
def test_two_folders_may_have_metrics_of_one_name_and_other_directions(first, tmp_path):
    folders = {higher: folder(tmp_path / str(higher), higher) for higher in (first, not first)}
    for higher, results in folders.items():
        assert results.metric.higher_is_better is higher
        assert analyse(results).verdicts["verdict"].tolist() == ["helps" if higher else "hurts"]
    assert "half" not in {known.name for known in METRICS}, "reading a folder teaches the catalogue nothing"


def test_a_declared_metric_stands_for_its_own_name_alone():
    declared = asdict(Metric("half", "fraction", False, 0.0, 1.0, "test"))
    assert stored_metric({"metric": "half", "declared_metric": declared}).name == "half"
    assert stored_metric({"metric": "validation_accuracy", "declared_metric": declared}).higher_is_better
