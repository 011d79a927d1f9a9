"""What several commands share."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
import platformdirs

from dlbench.datasets import Places
from dlbench.execution.inspection import inspected
from dlbench.study import Plan, Study, load, only, plan
from dlbench.study.files import looked_behind
from dlbench.study.weights import pinned
from dlbench.values.controls import BROKEN
from dlbench.values.errors import InputError, unknown
from dlbench.values.hooks import worded

FAIL_ON = ("hurts", "inconclusive", "uncontrolled")


def study_options(command: Callable) -> Callable:
    """The argument and options that choose a study and what is changed in it."""
    for decorate in reversed((
        click.argument("study"),
        click.option("--seeds", type=click.IntRange(1), help="Number of seeds, instead of the study's."),
        click.option("--arm", "arms", multiple=True, help="Only this arm and what it is compared with. Repeatable."),
        click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Set a key of the study file. Repeatable."),
        click.option("--data-dir", envvar="DLBENCH_DATA_DIR", help="Where datasets lie. [env: DLBENCH_DATA_DIR]"),
        click.option("--weights", type=click.Path(exists=True, dir_okay=False, resolve_path=True), metavar="FILE",
                     help="ImageNet weights (.weights.h5 or .h5, without top) where a study asks for imagenet. [default: a download]"),
        click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Results folder. [default: reports/STUDY]"),
    )):
        command = decorate(command)
    return command


def planned(study: str, seeds: int | None, arms: Sequence[str], overrides: Sequence[str],  # noqa: PLR0913
            data_dir: str | None = None, anew: bool = False, weights: str | None = None) -> Plan:
    """Load and plan a study as the options say; data and models of the user's own are looked at first.

    Args:
        study, seeds, arms, overrides: as on the command line.
        data_dir: where datasets lie.
        anew: call functions that return data again.
        weights: file of ImageNet weights.

    Raises:
        InputError: the study, an override or an arm's name is wrong.
    """
    changed = (*overrides, *([f"seeds={seeds}"] if seeds else []))
    read = load(study, changed)
    places = Places(str(Path(read.origin).resolve().parent), data_dir)
    known = inspected(read, places, cache_dir(), lambda text: click.echo(text, err=True), anew)
    return _only(looked_behind(plan(pinned(known, places, cache_dir(), weights)), places, cache_dir()), arms)


def _only(whole: Plan, names: Sequence[str]) -> Plan:
    if not names:
        return whole
    by_name = {arm.name: arm for arm in whole.arms}
    for name in names:
        if name not in by_name:
            raise InputError(f"--arm: {unknown('arm', name, by_name)}")
    return only(whole, {*names, *(by_name[name].reference for name in names), whole.arms[0].name})


def results_folder(study: Study, out: Path | None) -> Path:
    """Where a study's results lie."""
    return out or Path("reports") / study.name


def checked_data_dir(data_dir: str | None) -> str | None:
    """The data directory, made sure of.

    Raises:
        InputError: it is not a readable folder.
    """
    if data_dir is None:
        return None
    try:
        os.scandir(os.path.join(data_dir, "")).close()
    except OSError as error:
        wanted = "accepted: a readable folder that holds datasets, or its tfds/ folder"
        raise InputError(f"--data-dir {data_dir}: {error.strerror}; {wanted}") from None
    return data_dir


def failing(table: Any, words: Sequence[str]) -> bool:
    """Whether any ``--fail-on`` condition holds; which one, and for which arms, is said on standard error.

    Args:
        table: verdicts, a data frame with columns ``arm, verdict, control``.
        words: of :data:`FAIL_ON`.
    """
    held = {word: names for word in words if (names := _failing(table, word))}
    for word, names in held.items():
        click.echo(f"--fail-on {word}: {', '.join(names)}", err=True)
    return bool(held)


def _failing(table: Any, word: str) -> list[str]:
    bad = table["control"].isin(BROKEN) if word == "uncontrolled" else table["verdict"] == word
    return list(table["arm"][bad])


def cache_dir() -> str:
    """Where decoded data is kept."""
    return os.environ.get("DLBENCH_CACHE_DIR") or platformdirs.user_cache_dir("dlbench")


def command_line(instead: Mapping[str, str] = MappingProxyType({})) -> str:
    """The command that was called, as one would type it.

    Args:
        instead: argument -> what to say in its place.
    """
    return shlex.join(["dlbench", *(instead.get(part, part) for part in sys.argv[1:])])


def definitions(rows: Sequence[tuple[str, str]], indent: int = 0) -> str:
    """Two columns that fit the terminal, the second wrapped."""
    width = min(_columns(), 120)
    formatter = click.HelpFormatter(width=width, indent_increment=indent)
    formatter.indent() if indent else None
    formatter.write_dl(list(rows), col_max=34)
    return formatter.getvalue().rstrip()


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return 80


def echo_json(value: Any) -> None:
    """Print JSON on standard output."""
    click.echo(json.dumps(value, indent=2, default=str))


def words(changes: dict[str, tuple[Any, Any]]) -> str:
    """What an arm changes, computed from the recipes.

    Example:
        >>> words({"model.dropout": (0.0, 0.5)})
        'model.dropout 0 → 0.5'
    """
    shown = {path: worded if path.startswith("hooks.") else _plain for path in changes}
    return ", ".join(f"{path} {shown[path](old)} → {shown[path](new)}" for path, (old, new) in changes.items())


def _plain(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ",".join(map(_plain, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return {None: "none", True: "on", False: "off"}.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)


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
