"""``dlbench list``."""

from __future__ import annotations

import tomllib
from typing import Any

import click

from dlbench.cases import CATALOGUE as CASES
from dlbench.cases.peers import CASES as PEERS
from dlbench.cli.common import definitions, echo_json
from dlbench.datasets import CATALOGUE as DATASETS
from dlbench.models import CATALOGUE as MODELS
from dlbench.study import shipped
from dlbench.techniques import CATALOGUE as TECHNIQUES
from dlbench.techniques.declaration import Parameter


@click.command("list")
@click.argument("what", type=click.Choice(["techniques", "datasets", "models", "studies", "kernels"]), required=False)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(what: str | None, as_json: bool) -> None:
    """List techniques, datasets, models, studies or kernels, one entry each, with parameters and paper."""
    found = {name: list(rows()) for name, rows in LISTS.items() if what in (None, name)}
    if as_json:
        echo_json(found if what is None else found[what])
        return
    for name, rows in found.items():
        click.secho(name, bold=True)
        click.echo(definitions([(row["name"], _text(row)) for row in rows], indent=2) + "\n")


def _text(row: dict[str, Any]) -> str:
    parameters = "; ".join(f"{item['name']}: {item['accepted']}{_default(item)}" for item in row.get("parameters", ()))
    paper = row.get("paper") or row.get("citation") or ""
    return " ".join(part for part in (row["summary"] + ".", f"[{parameters}]" if parameters else "", paper) if part)


def _default(item: dict[str, Any]) -> str:
    return " (required)" if item["required"] else "" if item["default"] is None else f" = {_plain(item['default'])}"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _parameter(item: Parameter) -> dict[str, Any]:
    return {"name": item.name, "accepted": item.accepted(), "doc": item.doc, "required": item.required,
            "default": None if item.required else item.default, "unit": item.unit}


def _techniques():
    for item in TECHNIQUES:
        yield {"name": item.name, "family": item.family, "summary": item.summary, "paper": str(item.paper),
               "touches": item.touches, "parameters": [_parameter(parameter) for parameter in item.parameters]}


def _datasets():
    for item in DATASETS:
        yield {"name": item.name, "summary": item.summary, "citation": item.citation}


def _models():
    for item in MODELS:
        yield {"name": item.name, "summary": item.summary}


def _studies():
    for name, path in shipped().items():
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        summary = (table.get("question") or "no question stated").rstrip("?.") + "?"
        data = ", ".join(table.get("datasets", [table.get("dataset", "digits")]))
        yield {"name": name, "summary": f"{summary} ({table.get('model', 'small_cnn')} on {data})"}


def _kernels():
    named: dict[str, list] = {}
    for case in CASES:
        named.setdefault(case.name.partition("[")[0], []).append(case)
    for name, cases in named.items():
        peers = sorted({peer.peer for peer in PEERS if peer.task in {case.task for case in cases}})
        inputs = [case.name.partition("[")[2].rstrip("]") for case in cases]
        beside = f"; --peers: {', '.join(peers)}" if peers else ""
        yield {"name": name, "family": cases[0].family, "summary": f"{cases[0].family}, on {', '.join(inputs)}{beside}",
               "cases": [case.name for case in cases], "peers": peers}


LISTS = {"techniques": _techniques, "datasets": _datasets, "models": _models, "studies": _studies, "kernels": _kernels}
