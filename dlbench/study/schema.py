"""The keys of a study file, their types and ranges, and how a wrong one is reported."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, create_model

from dlbench.study.validation import Table, number, only_where
from dlbench.tasks import TASKS
from dlbench.techniques.optimisation import OPTIMIZERS
from dlbench.values.data import HIGHEST_RATE_HZ
from dlbench.values.errors import InputError
from dlbench.values.field import Range
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.recipe import TRAITS, Training, within

CONFIRM, SCREENING = "confirm", "screening"
CROSSED = ("factorial", "fractional")
"""Designs that cross changes as factors, whose effects need every combination on every seed."""
DESIGNS = ("one_at_a_time", "leave_one_out", *CROSSED, SCREENING, CONFIRM)
MOST_SCREENED = 12
"""Changes that one study screens: of more, too many pairs cannot be told apart."""
SIDE_BY_SIDE = ("one_at_a_time", "leave_one_out")
"""The designs that a study may ask for together."""
LARGEST = 2**63 - 1
"""The largest whole number that results are stored with."""
Count = Annotated[int, Field(ge=1, le=10**12)]
Seed = Annotated[int, Field(ge=0, le=LARGEST)]
Devices = Annotated[int, Field(ge=1, le=64)]
Seeds = Annotated[int, Field(ge=1, le=1_000_000)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
MOST_LOOKED_AT = 200
SPEND = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(s|min|h)")
"""A number and a unit of time."""
MOST_ARMS = 100_000
MOST_RUNS = 10_000_000
"""Of one study; what asks for more is a slip of the pen, or several studies."""
Name = Annotated[str, Field(min_length=1)]
Mark = Annotated[str, Field(min_length=1, max_length=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Margin = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
Strength = Annotated[float, Field(ge=0, allow_inf_nan=False)]


Different = only_where(lambda values: len(values) > 1 and len(set(values)) == len(values))
"""Of a list: at least two values, no two of them equal."""
Cores = only_where(lambda value: value <= 1 or value == int(value))
"""Of a number of cores or GPUs: a share of one, or whole ones, which alone a scheduler can reserve."""
Looks = only_where(
    lambda looks: looks and looks[0] > 1 and looks[-1] <= MOST_LOOKED_AT and all(one < two for one, two in pairwise(looks)))
"""Of numbers of seeds: at least two, ascending, the last one not too large."""

MOST_BUDGETS = 16
Budgets = only_where(lambda epochs: 2 <= len(epochs) <= MOST_BUDGETS and all(one < two for one, two in pairwise(epochs)))
"""Of numbers of epochs: at least two, ascending."""


class BudgetKeys(Table):
    """``budget = { epochs = 20 }``: exactly one unit; of epochs, several numbers may be asked for: ``{ epochs = [5, 10, 20] }``."""

    epochs: Count | Annotated[list[Count], Budgets] | None = Field(None, description=(
        f"a whole number from 1, or 2 to {MOST_BUDGETS} different ones, ascending, such as [5, 10, 20]"))
    steps: Count | None = Field(None, description="a whole number from 1")
    examples: Count | None = Field(None, description="a whole number from 1")
    seconds: Positive | None = Field(None, description="a number above 0")


BASELINE_OPTIMIZERS = (*(kind for kind in OPTIMIZERS if kind != "adamw"), OF_MODEL)
"""Those of the technique, and that of the model; adamw is adam with the technique weight_decay."""


class BaselineKeys(Table):
    """The ``[baseline]`` table: what every arm starts from."""

    batch_size: Count = Field(32, description="a whole number from 1")
    optimizer: Literal[BASELINE_OPTIMIZERS] = Field(  # pyright: ignore[reportInvalidTypeForm]
        "adam", description="one of " + ", ".join(BASELINE_OPTIMIZERS))
    learning_rate: Positive = Field(1e-3, description="a number above 0")
    options: dict[str, Any] = Field({}, description="a table of options of the model")
    techniques: list[dict[str, Any]] = Field([], description="a list of tables, each with a key technique")


def _tried(accepted: Range) -> Any:
    """The type and the pydantic field of a nuisance key: a list of values to try."""
    kind = number(accepted.kind, accepted.low, accepted.below, accepted.open_low, open_high=True)
    return Annotated[list[kind], Different], Field([], description=f"a list of {accepted.words}, at least two different values to try")


_TUNABLE = {path: known.tunable for path, known in TRAITS.items() if known.tunable is not None}
NUISANCE = {path.rpartition(".")[2]: path for path in sorted(_TUNABLE, key=lambda path: not within(path, Training))}
"""Key of the nuisance table -> recipe field. The first field changes slowest in the grid of trials: those of training come first."""
if TYPE_CHECKING:
    NuisanceKeys = Table
else:
    NuisanceKeys = create_model("NuisanceKeys", __base__=Table, **{key: _tried(_TUNABLE[path]) for key, path in NUISANCE.items()})
"""``nuisance = { learning_rate = [3e-4, 1e-3, 3e-3] }``: the values that are tried for every arm alike."""


def _seeds(seeds: int | list[int]) -> bool:
    return isinstance(seeds, int) or 0 < len(seeds) == len(set(seeds))


class AdaptiveKeys(Table):
    """``adaptive = { looks = [5, 8, 12, 16] }``: numbers of seeds at which the arms are judged; decided ones stop."""

    looks: Annotated[list[int], Looks] | None = Field(None, description=(
        f"ascending whole numbers from 2 to {MOST_LOOKED_AT}, the last of which is the largest number of seeds, such as [5, 8, 12, 16]"))
    first_seed: Seed = Field(0, description="a whole number from 0")


class ScoreKeys(Table):
    """``score = { over = "last_quarter" }``, or ``{ last = 3 }``: over which evaluations of the test part a run's scores are means."""

    over: Literal["final", "last_quarter"] | None = Field(None, description="one of 'final', 'last_quarter'")
    last: Annotated[int, Field(ge=1, le=255)] | None = Field(None, description="a whole number of epochs from 1 to 255")


class ResourceKeys(Table):
    """``resources = { cpus = 1, gpus = 0 }``: what one run is reserved."""

    cpus: Annotated[Positive, Cores] = Field(1.0, description="a number of processor cores above 0: up to 1, or a whole number")
    gpus: Annotated[Strength, Cores] = Field(0.0, description="a number of GPUs from 0: a share of one up to 1, or a whole number")


class DesignKeys(Table):
    """The keys of every study file: what is asked, and how it is answered."""

    question: str = Field("", description="text")
    design: Annotated[str, Field(min_length=1)] | list[str] = Field("one_at_a_time", description="one of " + ", ".join(DESIGNS))
    resolution: Literal[3, 4, 5] | None = Field(None, description="one of 3, 4, 5, with design = 'fractional'")
    keep: Annotated[list[Name] | None, only_where(lambda names: names and len(set(names)) == len(names))] = Field(
        None, description="a list of names of arms, with design = 'confirm'")
    seeds: Annotated[Seeds | list[Seed], only_where(_seeds)] = Field(
        8, description="a number of seeds up to a million, or a list of different seeds, each from 0 and below 2^63")
    adaptive: AdaptiveKeys = Field(AdaptiveKeys.model_construct(), description="a table such as { looks = [5, 8, 12, 16] }")
    spend: Annotated[str, Field(pattern=f"^{SPEND.pattern}$")] | None = Field(
        None, description="a time such as '30 min', in s, min or h")
    scope: Literal["new_data", "this_test_set"] | None = Field(None, description="one of 'new_data', 'this_test_set'")
    arms: list[dict[str, Any]] = Field([], description="a list of tables: [[arms]]")


class StudyKeys(DesignKeys):
    """The top level of a study file of the Keras engine."""

    engine: Literal["keras"] = Field("keras", description="one of keras, command")

    dataset: str = Field("digits", description="text: a name from `dlbench list datasets`")
    datasets: Annotated[list[str] | None, Different] = Field(
        None, description="a list of at least two different names from `dlbench list datasets`")
    size: Annotated[list[Count] | None, only_where(lambda size: len(size) == 2 or (len(size) == 3 and size[2] in (1, 3)))] = Field(
        None, description="[height, width] or [height, width, channels], in pixels; channels 1 or 3"
    )
    alpha: Literal["keep"] | None = Field(None, description="one of 'keep'")
    rate: Annotated[int, Field(ge=1, le=HIGHEST_RATE_HZ)] | None = Field(None, description=(
        f"a whole number of Hz from 1 to {HIGHEST_RATE_HZ:,}"))
    seconds: Annotated[float, Field(gt=0, le=3600)] | None = Field(None, description="a number above 0 and up to 3600")
    task: Name | None = Field(None, description="one of " + ", ".join(TASKS))
    kind: Literal["sequence"] | None = Field(None, description="one of 'sequence'")
    label: Name | Annotated[list[Name], Different] | None = Field(
        None, description="the name of a column, or a list of at least two different ones")
    label_separator: Mark | None = Field(None, description="one character, such as ';' or '|'")
    text: Name | None = Field(None, description="the name of a column")
    image: Name | None = Field(None, description="the name of a column of names of files")
    inputs: Annotated[dict[Name, Name | Annotated[list[Name], Field(min_length=1)]], Field(min_length=2)] | None = Field(None, description=(
        'a table of two or more inputs of the model, such as { image = "file", table = ["age", "sex"] }'))
    features: Annotated[list[Name], Field(min_length=1)] | None = Field(None, description="a list of names of columns")
    separator: Mark | None = Field(None, description="one character, such as ';' or '\\t'")
    decimal: Literal[".", ","] | None = Field(None, description="one of '.', ','")
    thousands: Mark | None = Field(None, description="one character, such as ',' or '.', that is not the decimal mark")
    categories: Literal["one_hot", "embedding"] | None = Field(None, description="one of 'one_hot', 'embedding'")
    missing: Literal["median"] | None = Field(None, description="one of 'median'")
    group: Name | None = Field(None, description="what one group's examples share: a column, an array, 'folder', or a pattern for paths")
    order_by: Name | None = Field(None, description="the name of a column of numbers or dates, whose last rows are tested")
    part: Name | None = Field(None, description="the name of a column that says train, validation or test")
    weight: Name | None = Field(None, description="the name of a column of numbers from 0, the weights of rows in training")
    model: str = Field("small_cnn", description="text: a name from `dlbench list models`")
    plugins: list[Name] = Field([], description="a list of Python files, looked for beside the study file")
    metric: str = Field("test_accuracy", description="text: the name of a metric")
    metrics: Annotated[list[str] | None, Different] = Field(
        None, description="a list of at least two different metrics, the one that decides first")
    margin: Margin | Annotated[list[Margin], Field(min_length=1)] = Field(
        description="the smallest difference that matters, a number above 0 and up to a billion; with metrics, a list of one for each")
    score: ScoreKeys = Field(
        ScoreKeys.model_validate({}), description="a table such as { over = 'last_quarter' }, { over = 'final' } or { last = 3 }")
    budget: BudgetKeys = Field(BudgetKeys.model_validate({"epochs": 20}), description="a table such as { epochs = 20 }")
    examples: Count | None = Field(None, description="a whole number from 1")
    split_seed: Seed = Field(0, description="a whole number from 0 below 2^63")
    validation: Share = Field(0.1, description="a share in [0, 1)")
    test: Annotated[float, Field(gt=0, lt=1)] = Field(0.25, description="a share in (0, 1)")
    folds: Annotated[int, Field(ge=2, le=64)] | None = Field(None, description="a whole number from 2 to 64")
    target: float | None = Field(None, description="a number")
    measure: list[Literal["gradient_norms", "train_full"]] = Field([], description="a list of gradient_norms, train_full")
    loop: Literal["compiled", "keras"] = Field("compiled", description="one of compiled, keras")
    loss: Literal["task", "model"] = Field("task", description="one of task, model")
    targets: Literal["numbers", "one_hot"] | None = Field(None, description="one of numbers, one_hot, with loss = 'model'")
    precision: Literal["float32", "bfloat16", "auto"] = Field("float32", description="one of float32, bfloat16, auto")
    devices: Devices = Field(1, description="a whole number from 1 to 64")
    nuisance: NuisanceKeys = Field(NuisanceKeys(), description="a table such as { learning_rate = [3e-4, 1e-3, 3e-3] }")
    tuning_seeds: Seeds | None = Field(None, description="a whole number from 1 to a million")
    resources: ResourceKeys = Field(ResourceKeys.model_validate({}), description="a table such as { cpus = 1, gpus = 0 }")
    baseline: BaselineKeys = Field(BaselineKeys.model_validate({}), description="a table")


def demand_few(where: str, arms: int) -> None:
    """Refuse lists that stand for more arms than a study may have, before they are written out.

    Raises:
        InputError: there are too many.
    """
    if arms > MOST_ARMS:
        raise InputError(f"{where}: its lists stand for {arms:,} arms; accepted: up to {MOST_ARMS:,} in a study")
