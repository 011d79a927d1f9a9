"""What the rows of a store must look like, whoever wrote them. Fields that a newer or an older dlbench writes besides are left alone."""

from __future__ import annotations

import json
import math
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Json, model_validator

from dlbench.values.recipe import Recipe, from_dict
from dlbench.values.record import KNOWN_LABELS, LOG_ODDS, VALUES, Status

LARGEST = 2**63
Seed = Annotated[int, Field(ge=0, lt=LARGEST)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Duration = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Pair = Annotated[list[str], Field(min_length=2, max_length=2)]
Change = Annotated[list[Any], Field(min_length=2, max_length=2)]


def _a_time(text: str) -> str:
    if text:
        datetime.fromisoformat(text)
    return text


def _a_recipe(fields: dict[str, Any]) -> dict[str, Any]:
    """Check that fields make a recipe whose numbers are numbers."""
    _RECIPE.model_validate({"recipe": from_dict(fields)})
    return fields


@cache
def _a_recipe_text(text: str) -> str:
    """Check the recipe of a record; those of one arm's seeds are the same text."""
    _a_recipe(json.loads(text))
    return text


Time = Annotated[str, AfterValidator(_a_time)]
Fields = Annotated[dict[str, Any], AfterValidator(_a_recipe)]


class Row(BaseModel):
    """A row, or a JSON object in one."""

    model_config = ConfigDict(strict=True, extra="allow")


class _RECIPE(BaseModel):
    model_config = ConfigDict(strict=True, revalidate_instances="always", arbitrary_types_allowed=True)
    recipe: Recipe


class BudgetFacts(Row):
    """How long a run trains."""

    unit: Literal["epochs", "steps", "examples", "seconds"]
    amount: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Declared(Row):
    """What an adaptive study declares before it has results."""

    looks: list[Seed]
    metric: str
    margin: Finite
    spending: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    scope: Literal["new_data", "this_test_set"] = "this_test_set"
    spend_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    metrics: list[tuple[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]]] = []


class PublishedFacts(Row):
    """What was published of an arm's change."""

    difference: Finite
    source: str
    place: str = ""
    link: Annotated[str, Field(pattern="^(https?://[^\\s]+)?$")] = ""


class StudyFacts(Row):
    """A study, as :func:`dlbench.execution.stages.study_record` describes it."""

    name: str
    question: str = ""
    dataset: str
    model: str
    design: str
    metric: str
    margin: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    seeds: list[Seed]
    budget: BudgetFacts
    split_seed: int = 0
    names: list[str] = []
    folds: Annotated[int, Field(ge=0, le=64)] = 0
    score_over: str | int = "final"
    target: Finite | None = None
    text: str
    overrides: list[str] = []
    command: str = ""
    created: Time = ""
    datasets: list[str] = []
    budgets: list[Annotated[int, Field(ge=1)]] = []
    adaptive: Declared | None = None
    scope: Literal["new_data", "this_test_set"] = "this_test_set"
    metrics: list[tuple[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]]] = []
    factor_names: list[str] = []
    factors: dict[str, list[str]] = {}
    resolution: int | None = None
    aliases: list[Any] = []
    plugins: dict[str, str | None] = {}
    nuisance: list[str] = []
    chosen: dict[str, dict[str, Any]] = {}
    published: dict[str, PublishedFacts] = {}


class ArmFacts(Row):
    """An arm of a comparison."""

    arm: str
    reference: str | None
    techniques: list[str]
    recipe: Fields
    recipe_id: str
    changes: dict[str, Change]


class TrialFacts(Row):
    """An arm at one setting of the nuisance fields."""

    arm: str
    of: str
    setting: dict[str, Any]


class StudyRow(Row):
    """A study, or a part of one."""

    hash: str
    facts: Json[StudyFacts]
    arms: Json[Annotated[list[ArmFacts], Field(min_length=1)] | Annotated[list[TrialFacts], Field(min_length=1)]]
    opened: int

    @model_validator(mode="after")
    def names_fit(self) -> StudyRow:
        """Check that every arm's reference is another arm, and that no two have one name."""
        names = [arm.arm for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError("two arms have one name")
        for arm in self.arms:
            if isinstance(arm, ArmFacts) and arm.reference is not None and arm.reference not in names:
                raise ValueError(f"the reference of '{arm.arm}' is no arm")
            if isinstance(arm, ArmFacts) and arm.reference == arm.arm:
                raise ValueError(f"'{arm.arm}' is its own reference")
        return self


class CellRow(Row):
    """Which run an arm has at a seed."""

    study: str
    arm: str
    seed: Seed
    run_id: str


class ControlFacts(Row):
    """Hashes of what a run consumed and made, see :class:`dlbench.values.record.Controls`."""

    data: str | None = None
    split: str | None = None
    evaluation: str | None = None
    texts: str | None = None
    content: str | None = None
    weights: str | None = None
    init: dict[str, str] | None = None
    touched: list[str] = []
    near_duplicates: Annotated[list[int], Field(min_length=2, max_length=2)] | None = None
    order: list[str] = []
    global_draws: list[str] = []
    acted: dict[str, bool] = {}
    files: dict[str, str] = {}
    unproven: dict[str, str] = {}


class RecordRow(Row):
    """One attempt at a run."""

    run_id: str
    attempt: Annotated[int, Field(ge=1)]
    seed: Seed
    status: Literal[tuple(map(str, Status))]  # pyright: ignore[reportInvalidTypeForm]
    reason: str
    recipe: Annotated[str, AfterValidator(_a_recipe_text)]
    scores: Json[dict[str, float | None]]
    curves: Json[dict[str, list[float | None]]]
    cost: Json[dict[str, Finite | None]]
    controls: Json[ControlFacts]
    environment: str
    started: Time
    contents: str

    @model_validator(mode="after")
    def curves_fit(self) -> RecordRow:
        """Check that every curve has a value an epoch."""
        if len({len(values) for values in self.curves.values() if values}) > 1:
            raise ValueError("curves: of different lengths")
        return self


class ArrayRow(Row):
    """An array of a record, or one that several share."""

    run_id: str
    attempt: Annotated[int, Field(ge=0)]
    name: str
    dtype: str
    shape: Json[list[Annotated[int, Field(ge=0)]]]
    size: int

    @model_validator(mode="after")
    def data_fits(self) -> ArrayRow:
        """Check that the data is as large as type and shape say, and that answers are a list of whole numbers."""
        kind = np.dtype(self.dtype)
        if kind.kind not in "biuf":
            raise ValueError(f"dtype: '{self.dtype}' is no number")
        if math.prod(self.shape) * kind.itemsize != self.size:
            raise ValueError(f"shape: {self.shape} is not what {self.size} bytes hold")
        if self.name.startswith("test_") and (len(self.shape) != 1 or kind.kind not in "iu"):
            raise ValueError("answers are no list of whole numbers")
        if self.name.startswith(VALUES) and (len(self.shape) != 1 or kind.kind != "f"):
            raise ValueError("values are no list of numbers")
        if self.name in (KNOWN_LABELS, LOG_ODDS) and (len(self.shape) != 2 or kind.kind != ("u" if self.name == KNOWN_LABELS else "f")):
            raise ValueError("answers to labels are no table of numbers")
        return self


class EnvironmentRow(Row):
    """Versions and machine."""

    hash: str
    facts: Json[dict[str, str | float | bool | list[str] | None]]


class TimingRow(Row):
    """A timed round."""

    recipe: str
    reference: str
    environment: str
    round: int
    step_ms: Duration
    inference_ms: Duration
    reference_step_ms: Duration
    reference_inference_ms: Duration


class Judged(Row):
    """An arm's verdict at an interim analysis."""

    arm: str
    verdict: str


class LookFacts(Row):
    """An interim analysis, see :class:`dlbench.store.interim.InterimAnalysis`."""

    pairs: list[Pair]
    seeds: list[Seed]
    pilot: list[Seed]
    declared: Declared | None
    verdicts: list[Judged]
    taken: Time
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    further: dict[str, list[Judged]] = {}


class LookRow(Row):
    """An interim analysis."""

    look: Json[LookFacts]
