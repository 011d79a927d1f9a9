"""Scores that follow from kept predictions."""

import numpy as np
import pytest

from dlbench.analysis.recomputed import OF_CLASSES, class_score

metrics = pytest.importorskip("sklearn.metrics")


@pytest.mark.parametrize("scorer", sorted(OF_CLASSES))
def test_a_score_is_scikit_learns(scorer):
    rng = np.random.default_rng(1)
    classes = 2 if scorer in ("f1", "jaccard", "precision", "recall") else 4
    labels, predicted = rng.integers(0, classes, (2, 60))
    name, _, mean = scorer.partition("_")
    expected = {"balanced": metrics.balanced_accuracy_score, "matthews": metrics.matthews_corrcoef}.get(
        name) or (lambda *both: getattr(metrics, f"{name}_score")(*both, average=mean or "binary"))
    assert class_score(scorer, labels, predicted) == expected(labels, predicted)
