"""Confirming what a finished study suggests to keep: the same study, of the chosen changes together, on seeds that chose nothing."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlbench.analysis.choice import Choice, NothingHelps, choose
from dlbench.app.request import Request, override, planned
from dlbench.app.result import Result, load
from dlbench.study import Plan, Study
from dlbench.study import load as load_study
from dlbench.study.parse import read_table
from dlbench.study.schema import CONFIRM, LARGEST
from dlbench.study.trust import Trust
from dlbench.values.errors import InputError, unknown
from dlbench.values.text import listed, one_line

__all__ = ["Confirmation", "NothingHelps", "confirmation", "confirmed_by", "describe_confirmation"]

SUFFIX = "-confirmed"
"""What the results folder of a confirmation is called, behind the name of the one that chose."""


def confirmed_by(request: Request) -> dict[str, Any]:
    """Return the fields of a request that a confirmation takes over from the study that chose."""
    return {"study": request.study, "data_dir": request.data_dir, "weights": request.weights, "allow": request.allow}


@dataclass(frozen=True)
class Confirmation:
    """What is to be confirmed: the request and plan of the study that does it, and the choice behind it."""

    request: Request
    plan: Plan
    choice: Choice


def confirmation(folder: Path, note: Callable[[str], None], keep: Sequence[str] = (), max_cost: float | None = None,
                 **asked: Any) -> Confirmation:
    """Plan the confirmation of what a finished study suggests to keep.

    Args:
        folder: of the study's results.
        note: as of :func:`dlbench.app.request.planned`.
        keep: the arms to make together, instead of those that are chosen by :func:`dlbench.analysis.choice.choose`.
        max_cost: of training, as a ratio to the baseline's.
        **asked: fields of the request, such as ``out``; ``study`` is the file that the results were made from, found by the command that
            made them where unset; ``seeds`` is as many as the study has where unset.

    Raises:
        InputError: the study is not complete, nothing is shown to help, the study file is not there or was changed, or seeds are asked
            for on which the choice was made.
    """
    result = load(folder)
    _demand_complete(result)
    file = study_file(result, asked.pop("study", None))
    stored = tuple(text for text in result.study.get("overrides", ()) if text.partition("=")[0] not in ("seeds", "design", "keep"))
    study = load_study(file, stored, Trust(asked.get("allow", ())))
    if keep:
        choice = Choice(_known(tuple(keep), [entry.name for entry in study.entries]), {}, float("nan"))
    else:
        choice = choose(result.analysis, max_cost)
    used = seeds_used(result, study)
    amount = asked.pop("seeds", None) or len(set(result.study["seeds"]))
    seeds = override("adaptive.first_seed", max(used) + 1) if study.looks else override("seeds", fresh_seeds(used, amount))
    budget = study.baseline.budget
    longest = (override(f"budget.{budget.unit}", budget.amount),) if study.budgets else ()
    settings = (*stored, *longest, override("design", CONFIRM), override("keep", list(choice.parts)), seeds, *asked.pop("overrides", ()))
    out = asked.pop("out", None) or folder.with_name(folder.name + SUFFIX)
    request = Request(file, overrides=settings, out=out, **asked)
    plan = planned(request, note, anew=True)
    if shared := sorted(used & set(plan.study.seeds)):
        raise InputError(f"{plan.study.file}: seeds: {listed([str(seed) for seed in shared], most=8)} chose what is to be confirmed, and "
                         "would confirm their own luck; accepted: others, which are found where seeds is left out")
    return Confirmation(request, plan, choice)


def describe_confirmation(found: Confirmation) -> str:
    """Return a line that says what is confirmed, and one for each arm that is left out, with the reason."""
    seeds = found.plan.study.seeds
    cost = "" if math.isnan(found.choice.cost) else f", at about {found.choice.cost:.2g} times the training time"
    first = f"to confirm: {' + '.join(map(one_line, found.choice.parts))}{cost}, on new seeds {seeds[0]} to {seeds[-1]}"
    return "\n".join([first, *(f"left out: {one_line(arm)}: {why}" for arm, why in found.choice.left.items())])


def _demand_complete(result: Result) -> None:
    if not result.complete:
        raise InputError(f"{result.folder}: some of its runs have not finished; accepted: a complete study: `dlbench run` goes on with it, "
                         "`dlbench merge` joins the parts of one that was shared out")
    if result.study.get("design") == CONFIRM:
        raise InputError(f"{result.folder}: it confirms a choice itself; accepted: the study that chose")


def _known(keep: tuple[str, ...], names: Sequence[str]) -> tuple[str, ...]:
    for name in keep:
        if name not in names:
            raise InputError(f"--keep: {unknown('arm', name, names)}")
    return tuple(dict.fromkeys(keep))


def study_file(result: Result, stated: str | dict[str, Any] | None) -> str | dict[str, Any]:
    """The study file that results were made from, unchanged.

    Raises:
        InputError: it is not where it was, or was changed since.
    """
    found = stated or _study_named(result)
    for name in (found, result.study["name"], str(result.folder / "study.toml")) if stated is None else (found,):
        with suppress(InputError):
            if read_table(name)[1] == result.study["text"]:
                return name
    raise InputError(f"{result.folder}: the study file that these results were made from is not {found}, or was changed since; accepted: "
                     "--study FILE, with the text that the report shows under Reproduce")


def _study_named(result: Result) -> str:
    """The study that the command names which made results; of a confirmation, which names a folder, that of this folder's command."""
    words = shlex.split(result.study.get("command") or "")
    with suppress(InputError):
        if words[1:2] == ["confirm"]:
            return _study_named(load(words[2]))
    return next(iter(words[2:]), result.study["name"])


def seeds_used(result: Result, study: Study) -> set[int]:
    """The seeds on which anything was chosen: those of the comparison and of the tuning, on all datasets."""
    runs = [part.runs["seed"] for part in result.results.parts]
    return {*study.tuning_seeds, *(int(seed) for seeds in (result.study["seeds"], *runs) for seed in seeds)}


def fresh_seeds(used: set[int], amount: int) -> list[int]:
    """So many seeds behind those that were used."""
    first = max(used) + 1
    if first + amount > LARGEST:
        raise InputError(f"seeds up to {max(used)} were used: there is none behind them; accepted: --set seeds=[…]")
    return list(range(first, first + amount))
