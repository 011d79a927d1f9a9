"""Measure what frozen arms cost and write it down: ``python -m benchmarks.features --data-dir DIR``."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.features import arms
from benchmarks.features.document import document
from benchmarks.peers.records import machine
from dlbench.execution.environment import facts

CASES = ("transfer_photos", "vgg16")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True, envvar="DLBENCH_DATA_DIR",
              help="Has the folder cifar10_medium. [env: DLBENCH_DATA_DIR]")
@click.option("--case", "cases", type=click.Choice(CASES), multiple=True, default=CASES, show_default=True, help="Repeatable.")
@click.option("--photographs", type=click.IntRange(100, 6250), default=1600, show_default=True,
              help="Of VGG16; 1600 and 3200 make whole batches of 64 of all parts.")
@click.option("--size-px", type=click.IntRange(32), default=224, show_default=True, help="Height and width of VGG16's images.")
@click.option("--seeds", type=click.IntRange(1), default=8, show_default=True, help="Of a frozen arm.")
@click.option("--epochs", type=click.IntRange(1), default=10, show_default=True, help="Of a run.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="How often the base alone is timed, before and after.")
@click.option("--sample", type=click.IntRange(1), default=128, show_default=True, help="Examples on which the base alone is timed.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("reports/features.md"), show_default=True,
              help="The report.")
def main(cases: tuple[str, ...], photographs: int, size_px: int, out: Path, data_dir: Path, **how: int) -> None:
    """Measure what frozen arms cost, in passes over their data. Leave the machine alone meanwhile; it takes some six minutes."""
    choices = arms.Choices(**how, note=lambda text: click.echo(text, err=True))
    measure = {"transfer_photos": lambda: arms.shipped(data_dir, choices),
               "vgg16": lambda: arms.vgg16(data_dir, choices, photographs, size_px)}
    found = [measure[case]() for case in dict.fromkeys(cases)]
    stated = {"photographs": photographs, "size-px": size_px, **how}
    cased = "".join(f" --case {case}" for case in cases) if cases != CASES else ""
    command = f"python -m benchmarks.features{cased} " + " ".join(f"--{name} {value}" for name, value in stated.items())
    known, versions = machine(), facts()
    place = (f"{known['cpu']}, {known['cores']} cores, {known['system']}; TensorFlow {versions['tensorflow']}, "
             f"Keras {versions['keras']}")
    out.write_text(document(found, command, place), encoding="utf-8")
    click.echo(f"report: {out}", err=True)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.features")
