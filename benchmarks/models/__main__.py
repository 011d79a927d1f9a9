"""Does dlbench train the models that people build, as they were built? ``python -m benchmarks.models``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import click

from benchmarks.models import applications, examples, zoo
from benchmarks.peers.records import machine
from dlbench.values.text import listed, visible

HERE = "benchmarks.models"
TOGETHER = 12
"""Models that share a process, so that TensorFlow is imported once for them; networks of keras.applications have one each."""
HEAD = """# Models that people build

Does dlbench train the model that a user's function builds? Each of {n} models was inspected, its network was given the same weights and
the same random inputs as the model, and one step was trained, by `python -m benchmarks.models` on {machine}.
The difference is the largest between the outputs of both, in inference and in training, as a share of the largest output; float32 rounds
at 1e-7, and more than 1e-4 is refused. Models with raw inputs scale them themselves. Images are 32x32x3 (larger where a network needs it;
16x16x3 for single layers), sentences have 20 words, rows 16 numbers.

{summary}

| model | kind | parameters | difference | result |
|---|---|---:|---:|---|
"""


def wanted(only: str | None) -> list[tuple[str, str]]:
    """List references of models and of the data that each takes."""
    pairs = [(f"{HERE}.examples:{one.__name__}", f"{HERE}.data:{data}") for group, data in (
        (examples.IMAGES, "images_32"), (examples.TEXT, "text_20"), (examples.ROWS, "rows_16")) for one in group]
    pairs += [(f"{HERE}.zoo:{name.replace(' ', '_').replace('.', '_')}", f"{HERE}.data:images_16") for name in zoo.MODELS]
    pairs += [(f"{HERE}.applications:{name}", f"{HERE}.data:images_{applications.size_px(name)}") for name in applications.NAMES]
    return [pair for pair in pairs if only is None or only in pair[0]]


def tried(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Try models in one process; a model that ends it is a failure, and the others are tried in another one."""
    ended = subprocess.run([sys.executable, "-m", f"{HERE}.trial", *("@".join(pair) for pair in pairs)], capture_output=True, text=True,
                           check=False)
    rows = [json.loads(line.removeprefix("ROW ")) for line in ended.stdout.splitlines() if line.startswith("ROW ")]
    if len(rows) == len(pairs):
        return rows
    model, data = pairs[len(rows)]
    words = f"its process ended with {ended.returncode}: {ended.stderr.strip().splitlines()[-1:]}"
    return [*rows, {"model": model, "data": data, "status": "failed", "words": words}, *tried(pairs[len(rows) + 1 :])]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", help="Models whose reference contains this.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("reports/models.md"), show_default=True,
              help="The page.")
def main(only: str | None, out: Path) -> None:
    """Try every model and write the page; rows that are there already, beside it, are not made again."""
    kept = out.with_suffix(".jsonl")
    rows = {row["model"]: row for row in map(json.loads, kept.read_text(encoding="utf-8").splitlines())} if kept.is_file() else {}
    known = machine()
    here = f"{known['cpu']}, {known['cores']} cores, {known['system']}"
    left = [pair for pair in wanted(only) if pair[0] not in rows]
    single = [[pair] for pair in left if ".applications:" in pair[0]]
    others = [pair for pair in left if ".applications:" not in pair[0]]
    for group in chain((others[first : first + TOGETHER] for first in range(0, len(others), TOGETHER)), single):
        with kept.open("a", encoding="utf-8") as file:
            for row in tried(group):
                row["machine"] = here
                rows[row["model"]] = row
                file.write(json.dumps(row) + "\n")
        click.echo(f"{len(rows)} tried", err=True)
    write(out, [rows[model] for model, _ in wanted(None) if model in rows])


def write(out: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the page of the rows."""
    counts = Counter(row["status"] for row in rows)
    untried = sorted({model for model, _ in wanted(None)} - {row["model"] for row in rows})
    summary = f"**{counts['trained']} trained, {counts['refused']} refused with a sentence, {counts['failed']} failed.**"
    if untried:
        summary += f" Not tried yet: {listed([_name(model) for model in untried])}."
    machines = [f"{name} ({count} models)" for name, count in Counter(row["machine"] for row in rows).most_common()]
    head = HEAD.format(n=len(rows), machine=" and ".join(machines), summary=summary)
    out.write_text(head + "\n".join(map(_line, rows)) + "\n", encoding="utf-8")
    click.echo(f"{summary} {out}", err=True)


def _name(model: str) -> str:
    return model.removeprefix(f"{HERE}.").replace(":", ": ").replace("_", " ")


def _line(row: dict[str, Any]) -> str:
    difference = f"{row['difference']:.1e}" if row.get("difference") is not None else ""
    parameters = f"{row['parameters']:,}" if row.get("parameters") else ""
    trained = "trained a step" + (", raw inputs" if row.get("raw") else "")
    said = trained if row["status"] == "trained" else f"{row['status']}: {visible(row['words'])}"
    return f"| {_name(row['model'])} | {row.get('kind', '')} | {parameters} | {difference} | {said.replace('|', '/')[:220]} |"


if __name__ == "__main__":
    main()
