"""Scores that runs do not have, computed from the predictions that they left."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlbench.store.results import Results
from dlbench.values.metric import for_two_classes

AVERAGED = ("f1", "jaccard", "precision", "recall")
OF_CLASSES = frozenset({"balanced_accuracy", "matthews_corrcoef", *AVERAGED,
                        *(f"{name}_{mean}" for name in AVERAGED for mean in ("macro", "micro", "weighted"))})
"""scikit-learn's scorers that need no more than the predicted classes."""
RECOMPUTED = "recomputed"
"""Key of a study whose scores were computed from its predictions: the name of the metric."""


def can_recompute(results: Results, name: str) -> bool:
    """Whether a test score follows from the predicted classes that the runs of a study left."""
    split, _, scorer = name.partition("_")
    if split != "test" or scorer not in OF_CLASSES or find_spec("sklearn") is None or results.answers is None or not len(results.runs):
        return False
    first = results.runs[results.runs["status"] == "done"]["run_id"].head(1)
    labels = results.answers.labels(str(first.item())) if len(first) else None
    return labels is not None and (not for_two_classes(name) or int(labels.max()) < 2)


def recomputed(results: Results, name: str) -> Results:
    """Return the results with a further score of each run that left its predictions; missing of the others.

    The predictions are those of the last epoch, whatever the study's own score is a mean over.

    Args:
        results: of a study on any number of datasets, tuned or not.
        name: of the metric, such as ``"test_f1_macro"``; see :func:`can_recompute`.
    """
    tuning = results.tuning
    tuned = tuning if tuning is None or tuning.results is None else replace(tuning, results=recomputed(tuning.results, name))
    return replace(results, runs=results.runs.assign(**{name: _scores(results, name)}), study=results.study | {RECOMPUTED: name},
                   tuning=tuned, others=tuple(recomputed(other, name) for other in results.others),
                   lengths=tuple(recomputed(one, name) for one in results.lengths))


def _scores(results: Results, name: str) -> pd.Series:
    done, answers = results.runs[results.runs["status"] == "done"], results.answers
    predicted = answers.predictions(done["run_id"]) if answers is not None else {}
    scores = {run_id: class_score(name.partition("_")[2], labels, classes) for run_id, classes in predicted.items()
              if answers is not None and (labels := answers.labels(run_id)) is not None and len(labels) == len(classes)}
    return results.runs["run_id"].map(scores).astype(float)


def class_score(scorer: str, labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Compute one of scikit-learn's scores of predicted classes, in which a class that was never predicted counts as 0.

    Args:
        scorer: its name in scikit-learn, one of :data:`OF_CLASSES`.
        labels, predicted: [n], classes from 0.

    Example:
        >>> class_score("balanced_accuracy", np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]))
        0.75

    Source: F. Pedregosa et al., "Scikit-learn: machine learning in Python", JMLR 12, 2011, https://jmlr.org/papers/v12/pedregosa11a.html
    """
    measures = import_module("sklearn.metrics")
    name, _, mean = scorer.partition("_")
    if name not in AVERAGED:
        return float({"balanced": measures.balanced_accuracy_score, "matthews": measures.matthews_corrcoef}[name](labels, predicted))
    return float(getattr(measures, f"{name}_score")(labels, predicted, average=mean or "binary", zero_division=0))
