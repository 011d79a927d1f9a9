"""The keys of a study file, their types and ranges, and how a wrong one is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from dlbench.study.resources import DEFAULT, Resources
from dlbench.techniques import Technique
from dlbench.techniques.declaration import Parameter
from dlbench.techniques.optimisation import OPTIMIZERS
from dlbench.values.errors import InputError, unknown
from dlbench.values.inspection import Inspection
from dlbench.values.recipe import Recipe

DESIGNS = ("one_at_a_time", "leave_one_out", "factorial", "fractional")
SIDE_BY_SIDE = ("one_at_a_time", "leave_one_out")
"""The designs that a study may ask for together."""
RESOLUTIONS = (3, 4, 5)
Count = Annotated[int, Field(ge=1)]
Devices = Annotated[int, Field(ge=1, le=64)]
Seeds = Annotated[int, Field(ge=1, le=1_000_000)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
MOST_LOOKED_AT = 200
MOST_ARMS = 100_000
MOST_RUNS = 10_000_000
"""Of one study; what asks for more is a slip of the pen, or several studies."""
LOOKS = f"ascending whole numbers from 2 to {MOST_LOOKED_AT}, the last of which is the largest number of seeds"
Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Strength = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class BudgetKeys(_Strict):
    """``budget = { epochs = 20 }``: exactly one unit."""

    epochs: Count | None = Field(None, description="a whole number from 1")
    steps: Count | None = Field(None, description="a whole number from 1")
    examples: Count | None = Field(None, description="a whole number from 1")
    seconds: Positive | None = Field(None, description="a number above 0")


class BaselineKeys(_Strict):
    """The ``[baseline]`` table: what every arm starts from."""

    batch_size: Count = Field(32, description="a whole number from 1")
    optimizer: Literal[tuple(kind for kind in OPTIMIZERS if kind != "adamw")] = Field(
        "adam", description="one of " + ", ".join(kind for kind in OPTIMIZERS if kind != "adamw")
    )
    learning_rate: Positive = Field(1e-3, description="a number above 0")
    options: dict[str, Any] = Field({}, description="a table of options of the model")
    techniques: list[dict[str, Any]] = Field([], description="a list of tables, each with a key technique")


class NuisanceKeys(_Strict):
    """``nuisance = { learning_rate = [3e-4, 1e-3, 3e-3] }``: the values that are tried for every arm alike."""

    batch_size: list[Count] = Field([], description="a list of whole numbers from 1")
    learning_rate: list[Positive] = Field([], description="a list of numbers above 0")
    l1: list[Strength] = Field([], description="a list of numbers from 0")
    l2: list[Strength] = Field([], description="a list of numbers from 0")
    weight_decay: list[Strength] = Field([], description="a list of numbers from 0")
    label_smoothing: list[Share] = Field([], description="a list of numbers in [0, 1)")


NUISANCE = {
    "batch_size": "training.batch_size",
    "learning_rate": "training.learning_rate",
    "l1": "regularization.l1",
    "l2": "regularization.l2",
    "weight_decay": "regularization.weight_decay",
    "label_smoothing": "regularization.label_smoothing",
}
"""Key of the nuisance table -> recipe field."""


class AdaptiveKeys(_Strict):
    """``adaptive = { looks = [5, 8, 12, 16] }``: numbers of seeds at which the arms are judged; decided ones stop."""

    looks: list[int] = Field([], description=LOOKS)
    first_seed: Annotated[int, Field(ge=0)] = Field(0, description="a whole number from 0")


class ResourceKeys(_Strict):
    """``resources = { cpus = 1, gpus = 0 }``: what one run is reserved."""

    cpus: Positive = Field(1.0, description="a number of processor cores above 0")
    gpus: Strength = Field(0.0, description="a number of GPUs from 0, below 1 for a share of one")


class StudyKeys(_Strict):
    """The top level of a study file."""

    question: str = Field("", description="text")
    dataset: str = Field("digits", description="text: a name from `dlbench list datasets`")
    datasets: list[str] | None = Field(None, description="a list of at least two different names from `dlbench list datasets`")
    size: Annotated[list[Count], Field(min_length=2, max_length=3)] | None = Field(
        None, description="[height, width] or [height, width, channels], in pixels; channels 1 or 3"
    )
    label: Name | None = Field(None, description="the name of a column")
    text: Name | None = Field(None, description="the name of a column")
    features: Annotated[list[Name], Field(min_length=1)] | None = Field(None, description="a list of names of columns")
    model: str = Field("small_cnn", description="text: a name from `dlbench list models`")
    design: Annotated[str, Field(min_length=1)] | list[str] = Field("one_at_a_time", description="one of " + ", ".join(DESIGNS))
    resolution: Literal[RESOLUTIONS] | None = Field(None, description="one of 3, 4, 5, with design = 'fractional'")
    seeds: Seeds | list[Annotated[int, Field(ge=0)]] = Field(8, description="a number of seeds up to a million, or a list of seeds")
    adaptive: AdaptiveKeys = Field(AdaptiveKeys(), description="a table such as { looks = [5, 8, 12, 16] }")
    plugins: list[Name] = Field([], description="a list of Python files, looked for beside the study file")
    metric: str = Field("test_accuracy", description="text: the name of a metric")
    margin: Positive = Field(description="the smallest difference that matters, a number above 0")
    budget: BudgetKeys = Field(BudgetKeys(epochs=20), description="a table such as { epochs = 20 }")
    examples: Count | None = Field(None, description="a whole number from 1")
    split_seed: Annotated[int, Field(ge=0)] = Field(0, description="a whole number from 0")
    validation: Share = Field(0.1, description="a share in [0, 1)")
    test: Annotated[float, Field(gt=0, lt=1)] = Field(0.25, description="a share in (0, 1)")
    target: float | None = Field(None, description="a number")
    measure: list[Literal["gradient_norms"]] = Field([], description="a list: gradient_norms")
    loop: Literal["compiled", "keras"] = Field("compiled", description="one of compiled, keras")
    devices: Devices = Field(1, description="a whole number from 1 to 64")
    nuisance: NuisanceKeys = Field(NuisanceKeys(), description="a table such as { learning_rate = [3e-4, 1e-3, 3e-3] }")
    tuning_seeds: Seeds | None = Field(None, description="a whole number from 1 to a million")
    resources: ResourceKeys = Field(ResourceKeys(), description="a table such as { cpus = 1, gpus = 0 }")
    baseline: BaselineKeys = Field(BaselineKeys(), description="a table")
    arms: list[dict[str, Any]] = Field([], description="a list of tables: [[arms]]")


@dataclass(frozen=True)
class Entry:
    """One arm as the study file states it, sweeps expanded.

    Attributes:
        name: of the arm.
        steps: the techniques and their complete parameters.
        reference: the arm it is compared with; None for the baseline.
        group: position of the ``[[arms]]`` table it came from; the values of one sweep share it.
    """

    name: str
    steps: tuple[tuple[Technique, dict[str, Any]], ...]
    reference: str | None
    group: int


@dataclass(frozen=True)
class Study:
    """A study file, parsed and checked.

    ``nuisance`` holds the tuned recipe fields with the values to try, ``tuning_seeds`` the seeds that choose among them;
    ``resolution`` is that of a fractional design (None for the others); ``datasets`` is empty for a study on one, and begins with
    the baseline's for a study on several.
    ``looks`` are the numbers of seeds, in the order of ``seeds``, at which an adaptive study judges its arms; none of a study
    that runs all its seeds. ``resources`` are what one run is reserved on a machine; they change no result.
    ``plugins`` are the absolute paths of the files that it names. ``facts`` tell what looking at its own data and model told, by
    dataset; none of a study of shipped ones. ``files`` are the hashes of the files behind datasets that runs know by name alone.
    ``engine`` carries the runs out: the name of one that ships, or a reference to its description.
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
    looks: tuple[int, ...] = ()
    resources: Resources = DEFAULT
    plugins: tuple[str, ...] = ()
    facts: Mapping[str, Inspection] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    engine: str = "keras"

    @property
    def design(self) -> str:
        """The designs in words."""
        return " + ".join(self.designs)


def check(model: type[BaseModel], values: Any, where: str) -> Any:
    """Validate a table; the first error is raised as one clear message.

    Args:
        model: the pydantic model of its keys.
        values: the table.
        where: file and key, such as ``"x.toml: arms[0]"``.

    Raises:
        InputError: naming file, key, value, and what is accepted.
    """
    try:
        return model.model_validate(values)
    except ValidationError as failure:
        raise InputError(f"{where}{_worded(model, failure.errors()[0])}") from None


def _worded(model: type[BaseModel], error: dict[str, Any]) -> str:
    path = _dotted(error["loc"])
    owner = model
    for key in error["loc"][:-1]:
        kind = getattr(owner.model_fields.get(key), "annotation", None)
        owner = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else owner
    key = next((part for part in reversed(error["loc"]) if isinstance(part, str)), "")
    if error["type"] == "extra_forbidden":
        return f": {unknown('key', path, _keys(owner, path))}"
    field = owner.model_fields.get(key) or model.model_fields.get(str(error["loc"][0]) if error["loc"] else "")
    accepted = f"; accepted: {field.description}" if field is not None and field.description else ""
    if error["type"] == "missing":
        return f": key '{path}' is missing{accepted}"
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        return f": {unknown(path, error['input'], get_args(field.annotation))}"
    return f": {path} = {error['input']!r}{accepted or '; ' + error['msg']}"


def _keys(owner: type[BaseModel], path: str) -> list[str]:
    prefix = path.rpartition(".")[0]
    return [f"{prefix}.{name}" if prefix else name for name in owner.model_fields]


def _dotted(loc: tuple[Any, ...]) -> str:
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.isidentifier():
            text += f".{part}" if text else part
        elif not text:
            text = part
    return text


@cache
def parameters_model(technique: Technique) -> type[BaseModel]:
    """The pydantic model of a technique's parameters, made from its declaration."""
    fields = {item.name: (_annotation(item), _field(item)) for item in technique.parameters}
    return create_model(f"{technique.name}_parameters", __base__=_Strict, **fields)


def _annotation(item: Parameter) -> Any:
    bounds = {
        "gt" if item.open_low else "ge": item.low,
        "lt" if item.open_high else "le": item.high,
    }
    bounds = {name: value for name, value in bounds.items() if value is not None}
    if item.choices:
        kind = Literal[item.choices]
    elif item.kind is list:
        kind = Annotated[list[Annotated[int, Field(**bounds)]], Field(min_length=1)]
    else:
        extra = {"allow_inf_nan": False} if item.kind is float else {}
        kind = Annotated[item.kind, Field(**bounds, **extra)] if bounds or extra else item.kind
    return kind if item.default is not None else kind | None


def _field(item: Parameter) -> Any:
    if item.required:
        return Field(description=item.accepted())
    default = list(item.default) if item.kind is list and item.default is not None else item.default
    return Field(default, description=item.accepted())



def demand_few(where: str, arms: int) -> None:
    """Refuse lists that stand for more arms than a study may have, before they are written out.

    Raises:
        InputError: there are too many.
    """
    if arms > MOST_ARMS:
        raise InputError(f"{where}: its lists stand for {arms:,} arms; accepted: up to {MOST_ARMS:,} in a study")
