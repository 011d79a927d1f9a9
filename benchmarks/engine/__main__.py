"""Measure the engine's facts and write them down: ``python -m benchmarks.engine``."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.engine import facts
from benchmarks.peers.records import machine

HEAD = """# Where the engine's time goes

The facts that the engine's design builds on, measured by `python -m benchmarks.engine --rounds {rounds} --epochs {epochs}` on {machine}.
Shown are medians of {rounds} rounds with their range. A run is the digits' `small_cnn`, 1,347 examples,
{epochs} epochs, without validation.

| fact | seconds |
|---|---:|
"""
SAID = {
    "import": "importing TensorFlow and Keras in a fresh process",
    "replaced": "a killed worker's successor is ready after",
    "fit": "one run with Keras' `fit` on the same batches (`--set loop=keras`), one thread",
    "first": "the same run in the compiled loop, its trace included",
    "again": "the next seed: weights, optimizer state and streams reset, nothing traced",
    "two": "two such runs side by side on two workers, both together",
    "threads": "the next seed on two threads instead of one",
}
CASES = (("small_cnn", (8, 8, 1), 32), ("guide_cnn", (28, 28, 1), 64))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="How often each fact is measured, in turn.")
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True, help="Of a run.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("reports/engine.md"), show_default=True,
              help="The report.")
def main(rounds: int, epochs: int, out: Path) -> None:
    """Measure where the engine's time goes. Leave the machine alone meanwhile; it takes some minutes."""
    found: dict[str, list[float]] = {name: [] for name in SAID}
    for number in range(rounds):
        click.echo(f"round {number + 1} of {rounds}", err=True)
        for name, seconds in _round(epochs).items():
            found[name].append(seconds)
    known = machine()
    place = f"{known['cpu']}, {known['cores']} cores, {known['system']}"
    rows = [f"| {SAID[name]} | {_spread(seconds)} |" for name, seconds in found.items()]
    head = HEAD.format(rounds=rounds, machine=place, epochs=epochs)
    out.write_text(head + "\n".join(rows) + "\n" + _profiles(), encoding="utf-8")
    click.echo(f"report: {out}", err=True)


def _round(epochs: int) -> dict[str, float]:
    recipe = facts.digits(epochs)
    return {"import": facts.import_s(), "replaced": facts.replaced_s(), **facts.runs_s(recipe), "threads": facts.two_threads_s(recipe)}


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"


def _profiles() -> str:
    tables = {f"{model}, {'x'.join(map(str, shape))}, batch {batch}": facts.profile_us(model, shape, batch)
              for model, shape, batch in CASES}
    text = "\n## A training step by kind of operation\n\nOne thread, TensorFlow's profiler on (which itself slows small operations):\n"
    heads = list(tables)
    text += "\n| | " + " | ".join(heads) + " |\n|---|" + "---:|" * len(heads) + "\n"
    for name in next(iter(tables.values())):
        text += f"| {name} | " + " | ".join(_share(table, name) for table in tables.values()) + " |\n"
    return text


def _share(table: dict[str, float], name: str) -> str:
    return f"{table[name]:,.0f} µs ({100 * table[name] / table['whole']:.0f} %)"


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.engine")
