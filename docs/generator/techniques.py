"""A page a technique, generated from its declaration and from what the committed reports measured."""

from __future__ import annotations

import inspect

from dlbench.contract.declarations import stated
from dlbench.techniques import CATALOGUE, Parameter, Technique
from docs.generator.effects import Effect

NEEDS = {
    "classes": "classes as targets", "labels": "classes or labels as targets", "several": "several labels an example",
    "conv": "a convolution in the model", "flatten": "a pooling head in the model", "images": "images", "colour": "images of 3 channels",
    "sequences": "sequences", "signals": "images or sequences", "spectrogram": "a mel spectrogram in the model",
    "validation": "a validation split"}


def pages(effects: dict[str, list[Effect]]) -> dict[str, str]:
    """Path -> text: the index, and a page of each shipped technique in its family's folder."""
    shipped = CATALOGUE.shipped
    found = {f"techniques/{item.family}/{item.name}.md": page(item, effects.get(item.name, [])) for item in shipped}
    return {"techniques/index.md": _index(shipped, effects), **found}


def page(item: Technique, measured: list[Effect]) -> str:
    """One technique's page."""
    parts = [f"# {item.name}", f"{item.summary}.", *([f"```text\n{item.formula}\n```"] if item.formula else []),
             "```toml\n[[arms]]\n" + _study(item) + "```", *_parameters(item),
             "## What it touches", ", ".join(f"`{path}`" for path in item.touches) + ". Everything else stays identical to the reference, "
             "and the report says from hashes whether it did.", *_needs(item), "## Measured", _measured(measured),
             "## Source", f"{item.paper.authors}, “{item.paper.title}”, {item.paper.year}. [{item.paper.link}]({item.paper.link})"]
    return "\n\n".join(parts) + "\n"


def _study(item: Technique) -> str:
    lines = [f'technique = "{item.name}"']
    given = {**stated(item), **item.defaults()}
    for parameter in item.parameters:
        value = given[parameter.name]
        if value is not None:
            lines.append(f"{parameter.name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value)) if isinstance(value, tuple | list) else f'"{value}"' if isinstance(value, str) else repr(value)


def _parameters(item: Technique) -> list[str]:
    if not item.parameters:
        return []
    rows = [f"| `{one.name}` | {_cell(one.doc)} | {_cell(one.accepted())} | {_default(one)} |" for one in item.parameters]
    return ["## Parameters", "\n".join(["| name | what it is | accepted | default |", "| --- | --- | --- | --- |", *rows])]


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "to be stated"
    return "unset" if parameter.default is None else f"`{_toml(parameter.default)}`"


def _needs(item: Technique) -> list[str]:
    return ["It needs " + ", ".join(NEEDS.get(need, need) for need in item.requires) + "."] if item.requires else []


def _measured(effects: list[Effect]) -> str:
    if not effects:
        return "No committed report has an arm of this technique alone yet."
    rows = [f"| [{one.study}](../../reports/{one.study}/report.md): {one.setting} | {one.arm} | {one.verdict} | {one.difference} | "
            f"{one.seeds} |" for one in effects]
    return "\n".join(["| study | arm | verdict | difference [95 %] | seeds |", "| --- | --- | --- | --- | --- |", *rows])


def _index(shipped: tuple[Technique, ...], effects: dict[str, list[Effect]]) -> str:
    lines = ["# Techniques", "", "Each page is made from the technique's declaration, and from what the committed reports measured.", ""]
    for family in dict.fromkeys(item.family for item in shipped):
        lines += [f"## {family.capitalize()}", "", "| technique | what it does | measured in |", "| --- | --- | --- |"]
        for item in shipped:
            if item.family == family:
                studies = ", ".join(dict.fromkeys(one.study for one in effects.get(item.name, [])))
                lines.append(f"| [{item.name}]({family}/{item.name}.md) | {_cell(item.summary)} | {studies or '–'} |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return inspect.cleandoc(text).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
