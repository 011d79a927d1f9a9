"""A study, as it was asked for: its arms and everything that they share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dlbench.references.sources import Sources
from dlbench.study.resources import DEFAULT, Resources
from dlbench.techniques import Technique
from dlbench.values.inspection import Inspection
from dlbench.values.metric import Metric, declared_metric, metric, metric_on_validation
from dlbench.values.precision import FLOAT32
from dlbench.values.recipe import Recipe
from dlbench.values.scope import Scope


@dataclass(frozen=True)
class Entry:
    """One arm as the study file states it, sweeps expanded.

    Attributes:
        name: of the arm.
        steps: the techniques and their complete parameters.
        reference: the arm it is compared with; None for the baseline.
        group: position of the ``[[arms]]`` table it came from; the values of one sweep share it.
        published: what was published of its change, see :class:`dlbench.study.published.PublishedKeys`; None where nothing is stated.
    """

    name: str
    steps: tuple[tuple[Technique, dict[str, Any]], ...]
    reference: str | None
    group: int
    published: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Study:
    """A study file, parsed and checked.

    Attributes:
        nuisance, tuning_seeds: tuned recipe fields with the values to try, and the seeds on which one of them is chosen.
        resolution: of a fractional design; None for the others.
        keep: of a design that confirms, the arms whose changes are made together, the best one by itself first; empty for the others.
        screening: whether what a fractional design finds is to be confirmed on new seeds.
        datasets: of a study on several, the baseline's first; empty for a study on one.
        looks: numbers of seeds, in the order of ``seeds``, at which an adaptive study holds an interim analysis; empty for the others.
        spend_s: seconds of wall clock that an adaptive study without ``looks`` may take; 0 for the others.
        budgets: numbers of epochs at which the arms are judged, ascending, the last one being the baseline's budget; empty for a study
            with one budget.
        precision: that the whole study computes in: ``float32``, ``bfloat16``, or ``auto``, see :mod:`dlbench.study.precision`.
        resources: what a machine reserves for one run.
        further: metrics that follow the first by gatekeeping, each with its margin.
        scored: whether the study says over which epochs its scores are means.
        scope: what verdicts are to be claims about; None where the study leaves it open.
        plugins: absolute paths of the study's plug-in files.
        allowed: modules of libraries whose functions may be run, see :class:`dlbench.study.trust.Trust`.
        inspections: dataset -> what planning learned of the user's own data and model; empty where both are shipped.
        read: what was read while the code that the study names was imported and called, see
            :class:`dlbench.references.sources.Sources`.
        files: hashes of the files behind datasets that runs know by name alone.
        scaling: whether the baseline states how inputs are scaled; rows of numbers are scaled column by column where it does not.
        rate_of_model: whether the baseline's learning rate is the one that its model was compiled with.
        engine: name of a shipped engine, or a reference to the engine's description.
        function: that a study calls in the place of a command, pickled; its hash stands in the command.
        declared: the metric of a study that declares its own; None where it is one of the catalogue's.
    """

    name: str
    origin: str
    text: str
    overrides: tuple[str, ...]
    question: str
    designs: tuple[str, ...]
    seeds: tuple[int, ...]
    metric: str
    margin: float
    baseline: Recipe
    entries: tuple[Entry, ...]
    nuisance: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    tuning_seeds: tuple[int, ...] = ()
    datasets: tuple[str, ...] = ()
    resolution: int | None = None
    keep: tuple[str, ...] = ()
    screening: bool = False
    looks: tuple[int, ...] = ()
    spend_s: float = 0.0
    budgets: tuple[int, ...] = ()
    precision: str = FLOAT32
    resources: Resources = DEFAULT
    scored: bool = True
    scope: Scope | None = None
    further: tuple[tuple[str, float], ...] = ()
    plugins: tuple[str, ...] = ()
    allowed: tuple[str, ...] | None = ()
    inspections: Mapping[str, Inspection] = field(default_factory=dict[str, Inspection])
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    scaling: bool = False
    rate_of_model: bool = False
    engine: str = "keras"
    declared: Metric | None = None
    function: bytes | None = None

    @property
    def measure(self) -> Metric:
        """Return the metric of the scores; a script's is as the study declares it."""
        return self.declared or metric(self.metric)

    @property
    def measure_on_validation(self) -> Metric:
        """The metric by which settings are chosen."""
        return self.declared or metric_on_validation(self.metric)

    @property
    def adaptive(self) -> bool:
        """Whether arms are judged at interim analyses, at declared numbers of seeds or as often as the time to be spent allows."""
        return bool(self.looks or self.spend_s)

    @property
    def measures(self) -> list[tuple[Metric, float]]:
        """The metrics that the study is judged by, the one that decides first, each with its margin."""
        return [(self.measure, self.margin), *((metric(name), margin) for name, margin in self.further)]

    @property
    def stored_metric(self) -> dict[str, Any]:
        """Return what the store keeps for :func:`dlbench.values.metric.stored_metric`."""
        return {"declared_metric": asdict(self.declared)} if self.declared else declared_metric(self.metric)

    @property
    def file(self) -> str:
        """The name of the study file, which begins messages about it."""
        return os.path.basename(self.origin)

    @cached_property
    def sources(self) -> Sources:
        """The files of the user's own that the study's references depend on."""
        return Sources(Path(self.origin).resolve().parent, self.read)

    @property
    def design(self) -> str:
        """The designs in one text."""
        return " + ".join(self.designs)
