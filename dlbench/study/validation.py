"""Tables of a study file held against pydantic models, and how a wrong one is reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model

from dlbench.techniques import Parameter, Technique
from dlbench.values.errors import InputError, unknown


class Table(BaseModel):
    """A table of a study file: no unknown key, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


def only_where(holds: Callable[[Any], bool]) -> AfterValidator:
    """A pydantic validator that refuses a value for which a condition does not hold; the field's description says what is accepted."""
    def checked(value: Any) -> Any:
        if value is not None and not holds(value):
            raise ValueError("not accepted")
        return value

    return AfterValidator(checked)


def number(kind: type, low: float | None, high: float | None, open_low: bool = False, open_high: bool = False) -> Any:
    """The type of a finite number in a range whose ends are left out where they are open."""
    ends = {"gt" if open_low else "ge": low, "lt" if open_high else "le": high} | ({"allow_inf_nan": False} if kind is float else {})
    bounds: dict[str, Any] = {name: value for name, value in ends.items() if value is not None}
    return Annotated[kind, Field(**bounds)] if bounds else kind


def check(model: type[BaseModel], values: Any, where: str) -> Any:
    """Validate a table; the first error, an unknown key before all others, is raised as one clear message.

    Raises:
        InputError: naming file and key (``where``, such as ``"x.toml: arms[0]"``), value, and what is accepted.
    """
    try:
        return model.model_validate(values)
    except ValidationError as failure:
        first = min(failure.errors(), key=lambda error: error["type"] != "extra_forbidden")
        raise InputError(f"{where}{_worded(model, {**first})}") from None


def _worded(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    path = _dotted(error["loc"])
    owner = model
    for key in error["loc"][:-1]:
        kind = getattr(owner.model_fields.get(str(key)), "annotation", None)
        owner = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else owner
    named = [part for part in reversed(error["loc"]) if isinstance(part, str)]
    key = next((part for part in named if part in owner.model_fields), named[0] if named else "")  # of a union, its members have names too
    if error["type"] == "extra_forbidden":
        return f": {unknown('key', path, _keys(owner, path))}"
    field = owner.model_fields.get(key) or model.model_fields.get(str(error["loc"][0]) if error["loc"] else "")
    accepted = f"; accepted: {field.description}" if field is not None and field.description else ""
    if error["type"] == "missing":
        return f": key '{path}' is missing{accepted}"
    if error["type"] == "literal_error" and isinstance(error["input"], str) and field is not None:
        return f": {unknown(path, error['input'], _choices(field.annotation))}"
    return f": {path} = {error['input']!r}{accepted or '; ' + error['msg']}"


def _choices(annotation: Any) -> list[Any]:
    """Return the values that a field accepts, also where it can be left out.

    Example:
        >>> _choices(Literal["a", "b"] | None), _choices(Literal[8, 16])
        (['a', 'b'], [8, 16])
    """
    if get_origin(annotation) is Literal:
        return [*get_args(annotation)]
    return [value for part in get_args(annotation) for value in _choices(part)]


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
    fields: dict[str, Any] = {item.name: (_annotation(item), _field(item)) for item in technique.parameters}
    return create_model(f"{technique.name}_parameters", __base__=Table, **fields)


def _annotation(item: Parameter) -> Any:
    kind: Any = number(int if item.kind is list else item.kind, item.low, item.high, item.open_low, item.open_high)
    if item.choices:
        kind = Literal[item.choices]
    elif item.kind is list:
        kind = Annotated[list[kind | str if item.classes else kind], Field(min_length=1)]
    return kind if item.default is not None else kind | None


def _field(item: Parameter) -> Any:
    if item.required:
        return Field(description=item.accepted())
    default = list(item.default) if item.kind is list and item.default is not None else item.default
    return Field(default, description=item.accepted())
