"""The record of a study: what the store keeps beside its arms, and what a report needs to know of it."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlbench.execution.interim import declaration
from dlbench.execution.options import Options
from dlbench.study.designs import fraction, settings
from dlbench.study.plan import Plan
from dlbench.study.schema import Study
from dlbench.values.code import source_digest
from dlbench.values.metric import declared_metric


def study_record(plan: Plan, options: Options) -> dict[str, Any]:
    """Describe a study, JSON-ready, as the store keeps it."""
    study, recipe = plan.study, plan.study.baseline
    return {
        "name": study.name, "question": study.question, "dataset": recipe.data.source, "model": recipe.model.name,
        "design": study.design, "metric": study.metric, "margin": study.margin, "seeds": list(study.seeds),
        "budget": asdict(recipe.budget), "split_seed": recipe.data.split_seed, "target": recipe.target, "text": study.text,
        "overrides": list(study.overrides), "command": options.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"), **_design_record(study),
        **({"datasets": list(study.datasets)} if study.datasets else {}),
        **({"adaptive": declaration(plan)} if study.looks else {}),
        **_plugin_record(study),
    }


def _plugin_record(study: Study) -> dict[str, Any]:
    """The study's own files with a digest each, and what a report must know of a metric that dlbench does not have itself."""
    digests = {os.path.basename(file): source_digest(Path(file).stem) for file in study.plugins}
    return ({"plugins": digests} if digests else {}) | declared_metric(study.metric)


def _design_record(study: Study) -> dict[str, Any]:
    """Describe a design that sets several factors at once; empty for the others."""
    factors, part = settings(study), fraction(study)
    names = [entry.name for entry in study.entries]
    return ({"factor_names": names, "factors": factors} if factors else {}) | (
        {"resolution": part.resolution, "aliases": list(part.aliases)} if part is not None else {})
