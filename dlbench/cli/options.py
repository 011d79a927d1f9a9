"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from dlbench.app.outcome import FAIL_ON

Decorator = Callable[[Callable], Callable]

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

as_json = click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
data_dir = click.option("--data-dir", help="Where datasets lie. [env: DLBENCH_DATA_DIR]")
fail_on = click.option("--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="Exit with 1 where any arm is so. Repeatable.")
folder = click.argument("folder", type=FOLDER)


def _together(*decorators: Decorator) -> Decorator:
    return lambda command: reduce(lambda decorated, decorator: decorator(decorated), reversed(decorators), command)


judged = _together(
    click.option("--metric", metavar="NAME", help="Judge by this metric instead of the study's: marked as chosen afterwards."),
    click.option("--margin", type=click.FloatRange(0, min_open=True, max=1e100), metavar="X",
                 help="Judge by this margin instead of the study's: marked as chosen afterwards, and written beside the study's own."),
)
"""How finished runs are judged: arguments of :meth:`dlbench.app.result.Result.rejudged`."""

weights = click.option("--weights", type=click.Path(exists=True, dir_okay=False, resolve_path=True), metavar="FILE",
                       help="ImageNet weights (.weights.h5 or .h5, without top) where a study asks for imagenet. [default: a download]")
allow = click.option("--allow", multiple=True, metavar="MODULE",
                     help="Let the study run functions of this library, or this plug-in from elsewhere. Repeatable.")
study = _together(
    click.argument("study"),
    click.option("--seeds", type=click.IntRange(1), help="Number of seeds, instead of the study's."),
    click.option("--arm", "arms", multiple=True, help="Only this arm and what it is compared with. Repeatable."),
    click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Set a key of the study file. Repeatable."),
    data_dir,
    weights,
    click.option("--out", type=FOLDER, help="Results folder. [default: reports/STUDY]"),
    allow,
    click.option("--check-data", is_flag=True,
                 help="Read all files of data again, also those whose name, size and dates are as they were."),
)
"""The study, and what is changed in it: the fields of :class:`dlbench.app.request.Request`."""

into = click.option("--into", is_flag=True, help="Write also into a folder that holds something else, and over files of the same names.")
execution = _together(
    click.option("--jobs", type=click.IntRange(1), help="Worker processes. [default: as many as find room]"),
    click.option("--backend", type=click.Choice(("local", "ray")), default="local", show_default=True, help="Who runs the workers."),
    click.option("--address", help="Of a running Ray cluster, or auto. [default: a cluster of this machine alone]"),
    click.option("--shard", metavar="I/N", help="Only part I of N, without timing and report; `dlbench merge` joins the parts."),
    click.option("--timeout", "timeout_s", type=click.FloatRange(0, min_open=True), help="Seconds that one run may take."),
    click.option("--fresh", is_flag=True, help="Set earlier results aside (renamed, not deleted) and run everything."),
    click.option("--renew", is_flag=True, help="Run again what was made with other versions of dlbench, TensorFlow, Keras or numpy, or "
                 "with other data."),
    click.option("--reuse", type=click.Choice(("same", "any", "none")), default="same", show_default=True,
                 help="Which runs that other studies of this machine made are taken: of the same versions, data and kind of hardware; of "
                      "any; or none."),
    into,
    click.option("--wait", is_flag=True, help="Wait for another run that is writing to the results folder. [default: exit with 2]"),
)
"""How and where the study is run: arguments of :func:`dlbench.app.run.run`."""


class Times(click.ParamType):
    """A ratio of costs, as ``1.2x`` or ``1.2``."""

    name = "RATIO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The ratio."""
        try:
            ratio = float(str(value).removesuffix("x"))
        except ValueError:
            ratio = 0.0
        if not 0 < ratio < float("inf"):
            self.fail(f"{value!r}; accepted: a ratio above 0, such as 1.2x", param, ctx)
        return ratio


class Percent(click.ParamType):
    """A share of 1, as ``5%`` or ``0.05``."""

    name = "PERCENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share."""
        if isinstance(value, float):
            return value
        try:
            share = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not 0 < share < 1:
            self.fail(f"{value!r}; accepted: a share between 0 and 1, such as 5% or 0.05", param, ctx)
        return share
