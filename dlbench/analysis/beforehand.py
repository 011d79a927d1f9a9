"""What speaks against trusting a study before anything of it is trained: its data, its metric and its margin."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dlbench.analysis.diagnosis import Finding, few_examples, one_class
from dlbench.values.examination import Examination
from dlbench.values.inspection import near_duplicates_text
from dlbench.values.metric import Metric
from dlbench.values.text import listed

REPEATED = 0.01
"""Share of test examples with a near-duplicate in training that is worth a word, where the margin is not smaller."""


def suspect(found: Examination, metric: Metric, margin: float) -> list[Finding]:
    """Look for what would make a study's verdicts doubtful however it is trained.

    Args:
        found: of the study's data.
        metric, margin: of the study.

    Example:
        >>> from dlbench.values.metric import metric
        >>> [finding.subject for finding in suspect(Examination((950, 50), (0, 100), (), 1000), metric("test_accuracy"), 0.01)]
        ['one class has most of the test examples']
    """
    counts = np.array(found.labels)
    findings = (_repeated(found, margin), _telling(found), one_class(counts, metric), few_examples(found.tested, metric, margin))
    return [finding for some in findings for finding in some]


def _repeated(found: Examination, margin: float) -> Iterator[Finding]:
    near, compared, *_ = found.duplicates
    if near and near / compared >= min(margin, REPEATED):
        yield Finding("test examples are in training too", near_duplicates_text(found.duplicates),
                      "leave one of each pair out, or name what examples of one origin share: group = …")


def _telling(found: Examination) -> Iterator[Finding]:
    if found.telling:
        told = [f"{name} ({100 * share:.0f} %)" for name, share in found.telling]
        yield Finding("a feature alone predicts the label", f"the class of nearly all test examples follows from {listed(told, most=6)}",
                      "leave it out (features = […]) if it would not be known in use: an identifier, a consequence of the label, a mark "
                      "in the images of one class")
