"""Metrics. Each declares its unit, direction and range, so that nothing is guessed from a name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError, unknown


@dataclass(frozen=True)
class Metric:
    """The declaration of a score.

    Attributes:
        name: as in a study file and in a record's scores.
        unit: ``"fraction"`` is shown in percentage points; ``"nats"``, ``"s"`` and ``"units"``, those of the target, as they are.
        higher_is_better: the direction of improvement.
        low, high: the range of possible values.
        split: the part of the data it is measured on.
        compute: reference of ``compute(labels, probabilities) -> float``, with the labels of the split, int64 [n], and what was
            predicted, float64 [n, classes]; empty where it comes from training and scoring themselves.
    """

    name: str
    unit: str
    higher_is_better: bool
    low: float
    high: float
    split: str
    compute: str = ""

    def demand_margin(self, where: str, margin: float) -> None:
        """Refuse a margin that no two scores can lie apart: every arm would be found equivalent.

        Args:
            where: what the message begins with.
            margin: in the unit of the metric.

        Raises:
            InputError: it is not above 0 and below the range of the metric.
        """
        if not 0 < margin < min(self.high - self.low, 1e9 + 1):
            points = " (0.01 is one point)" if self.unit == "fraction" else ""
            within, ends = math.isfinite(self.high - self.low), f"{self.low:g} and {self.high:g}"
            why = f"{self.name} lies between {ends}, so no difference can exceed it; " if within and margin > 0 else ""
            most = f"below {self.high - self.low:g}{points}" if within else "up to a billion"
            raise InputError(f"{where}margin = {margin:g}: {why}accepted: above 0 and {most}")


JUDGED = ("metric", "margin", "declared_metric", "scope", "metrics")
"""The facts of a stored study that decide how its runs are judged."""
DECLARED = "declared_first"
"""The fact of a stored study that has those of its first declaration, where results had been seen before they were changed."""
METRICS = Catalogue("metric", Metric, (
    Metric("test_accuracy", "fraction", True, 0.0, 1.0, "test"),
    Metric("test_loss", "nats", False, 0.0, float("inf"), "test"),
    Metric("validation_accuracy", "fraction", True, 0.0, 1.0, "validation"),
    Metric("validation_loss", "nats", False, 0.0, float("inf"), "validation"),
    Metric("train_accuracy", "fraction", True, 0.0, 1.0, "train"),
    Metric("train_loss", "nats", False, 0.0, float("inf"), "train"),
    Metric("accuracy_gap", "fraction", False, -1.0, 1.0, "train and test"),
    *(Metric(f"{split}_{name}", "fraction", True, 0.0, 1.0, split, f"dlbench.engines.keras.measure.scores:{name}")
      for split in ("test", "validation") for name in ("macro_f1", "auc", "top5")),
))


SHARES = (
    "balanced_accuracy", "top_k_accuracy", "average_precision", "roc_auc_ovo", "roc_auc_ovo_weighted", "roc_auc_ovr",
    "roc_auc_ovr_weighted", *(f"{measure}_{mean}" for measure in ("f1", "jaccard", "precision", "recall")
                              for mean in ("macro", "micro", "weighted")))
TWO_CLASSES = ("f1", "jaccard", "precision", "recall", "roc_auc", "positive_likelihood_ratio", "neg_negative_likelihood_ratio")
"""Scorers that scikit-learn defines for two classes only; of the labels 0 and 1, 1 is the positive one."""
OF_NUMBERS: tuple[Metric, ...] = (
    *(Metric(f"{split}_{name}", unit, higher, low, high, split, f"dlbench.engines.keras.tasks.numbers:{name}" if compute else "")
      for split in ("test", "validation") for name, unit, higher, low, high, compute in (
          ("rmse", "units", False, 0.0, float("inf"), True), ("mae", "units", False, 0.0, float("inf"), False),
          ("mape", "fraction", False, 0.0, float("inf"), True), ("r2", "R²", True, float("-inf"), 1.0, True),
          ("pinball_10", "units", False, 0.0, float("inf"), True), ("pinball_90", "units", False, 0.0, float("inf"), True))),
    Metric("train_mae", "units", False, 0.0, float("inf"), "train"),
    Metric("mae_gap", "units", False, float("-inf"), float("inf"), "train and test"))
"""The metrics of predicted numbers, in units of the target; a mean absolute error comes from training and scoring themselves."""
OF_LABELS: tuple[Metric, ...] = (
    *(Metric(f"{split}_{name}", "fraction", name != "hamming_loss", 0.0, 1.0, split,
             "" if name == "label_accuracy" else f"dlbench.engines.keras.tasks.labels:{name}")
      for split in ("test", "validation")
      for name in ("mean_average_precision", "label_micro_f1", "label_macro_f1", "hamming_loss", "exact_match", "label_accuracy")),
    Metric("train_label_accuracy", "fraction", True, 0.0, 1.0, "train"),
    Metric("label_accuracy_gap", "fraction", False, -1.0, 1.0, "train and test"))
"""The metrics of several labels an example; the share of right ones comes from training and scoring themselves."""
BY_EXAMPLE = (*OF_NUMBERS, *OF_LABELS)
"""Metrics of which runs keep the value of each test example."""
RANGES = dict.fromkeys((*SHARES, *TWO_CLASSES[:5]), (0.0, 1.0)) | {
    "matthews_corrcoef": (-1.0, 1.0), "neg_log_loss": (float("-inf"), 0.0), "neg_brier_score": (-2.0, 0.0),
    "d2_log_loss_score": (float("-inf"), 1.0), "d2_brier_score": (float("-inf"), 1.0),
    "positive_likelihood_ratio": (0.0, float("inf")), "neg_negative_likelihood_ratio": (float("-inf"), 0.0)}
SCORERS: tuple[Metric, ...] = tuple(
    Metric(f"{split}_{name}", "fraction" if (low, high) == (0.0, 1.0) else "nats" if name == "neg_log_loss" else "", True, low, high, split,
           f"dlbench.engines.keras.measure.scorers:{name}")
    for split in ("test", "validation") for name, (low, high) in RANGES.items())
"""scikit-learn's classification scorers, each named by its split and its own name; of all, higher is better."""


MEASURED = {name: Metric(name, unit, False, 0.0, float("inf"), "run") for name, unit in
            (("wall_s", "s"), ("cpu_s", "s"), ("peak_memory_bytes", "bytes"))}
"""What is measured of every run, and can be the metric of a study by its name."""


def metric(name: str) -> Metric:
    """Look a metric up by name; a name without a split is measured on the test split.

    Raises:
        InputError: there is none of that name.

    Example:
        >>> metric("test_accuracy").higher_is_better, metric("balanced_accuracy").name
        (True, 'test_balanced_accuracy')
    """
    by_name = {known.name: known for known in (*SCORERS, *BY_EXAMPLE, *METRICS)}
    if (found := by_name.get(name) or by_name.get(f"test_{name}")) is None:
        if (here := ELSEWHERE.get(name.removeprefix("test_").lower())) is not None:
            raise InputError(f"unknown metric '{name}'; it is called '{here}' here")
        raise InputError(unknown("metric", name, [*(known.name for known in (*METRICS, *BY_EXAMPLE)), *RANGES]))
    return found


ELSEWHERE = {**dict.fromkeys(("auprc", "aupr", "pr_auc", "auc_pr"), "average_precision"), "auroc": "roc_auc", "mcc": "matthews_corrcoef"}
"""What a metric is called elsewhere -> its name here."""


def for_two_classes(name: str) -> bool:
    """Return whether a metric is defined for two classes only.

    Example:
        >>> for_two_classes("test_f1"), for_two_classes("test_f1_macro")
        (True, False)
    """
    return metric(name) in SCORERS and metric(name).name.partition("_")[2] in TWO_CLASSES


def stored_metric(stored: Mapping[str, Any]) -> Metric:
    """Return the metric of a stored study: a plug-in's as it was declared when the study was run, whatever has its name now.

    ``stored`` has its name as ``metric``, and the fields of a plug-in's as ``declared_metric``. An unknown name is an InputError.

    Example:
        >>> stored_metric({"metric": "test_loss"}).higher_is_better
        False
    """
    declared = stored.get("declared_metric")
    return Metric(**declared) if declared and declared["name"] == stored["metric"] else metric(stored["metric"])


def declared_metric(name: str) -> dict[str, Any]:
    """Return what the store keeps for :func:`stored_metric`: the fields of a metric that not every run has; nothing for the others.

    Example:
        >>> declared_metric("test_auc")
        {}
    """
    return {"declared_metric": asdict(metric(name))} if extra_metrics(name) else {}


def extra_metrics(name: str) -> tuple[str, ...]:
    """Name the metrics that only runs that ask for them have: a plug-in's, or a scorer on both splits.

    Example:
        >>> extra_metrics("test_auc"), extra_metrics("f1_macro")
        ((), ('test_f1_macro', 'validation_f1_macro'))
    """
    chosen = metric(name)
    if chosen in SCORERS:
        return tuple(f"{split}_{chosen.name.partition('_')[2]}" for split in ("test", "validation"))
    return () if chosen in (*METRICS.shipped, *BY_EXAMPLE) else (name,)


def metric_on_validation(name: str) -> Metric:
    """Return the metric by which settings are chosen: the same measure on the validation split.

    Where there is none, the loss stands in for a measure in nats, the mean absolute error for one of numbers, the accuracy of labels for
    one of labels, and the accuracy for any other.

    Example:
        >>> metric_on_validation("test_loss").name, metric_on_validation("test_auc").name, metric_on_validation("accuracy_gap").name
        ('validation_loss', 'validation_auc', 'validation_accuracy')
    """
    chosen = metric(name)
    same = "validation_" + chosen.name.partition("_")[2]
    family = next((known for known in (SCORERS, OF_NUMBERS, OF_LABELS) if chosen in known), METRICS)
    if (found := {known.name: known for known in family}.get(same)) is not None:
        return found
    if chosen in BY_EXAMPLE:
        return next(known for known in family if known.split == "validation" and not known.compute)
    return metric("validation_loss" if chosen.unit == "nats" else "validation_accuracy")
