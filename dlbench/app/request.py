"""A study as a user asks for it, and its plan."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from dlbench.datasets import Places
from dlbench.datasets.fingerprint import forget
from dlbench.execution.inspection import inspected, with_hooks_inspected
from dlbench.references.cache import cache_dir
from dlbench.references.sources import file_digest
from dlbench.store.database import stored
from dlbench.study import Plan, Study, load, plan, plan_of_arms, studies_in
from dlbench.study.content import with_file_hashes, with_weight_hashes
from dlbench.study.outline import Outline, outline
from dlbench.study.toml import toml
from dlbench.study.trust import Trust
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import remembered
from dlbench.values.recipe import FINAL, edit
from dlbench.values.text import listed
from dlbench.values.window import LAST_QUARTER

__all__ = ["Plan", "Request", "cache_dir", "checked_data_dir", "each_study", "outlined", "override", "planned", "results_folder",
           "stated_data_dir"]


@dataclass(frozen=True)
class Request:
    """A study, and what is changed in it.

    Attributes:
        study: a path, the name of a shipped study, or what a study file holds, as a dictionary.
        seeds: number of seeds, instead of the study's.
        arms: only these arms and those that they are compared with; all where empty.
        overrides: ``KEY=VALUE``, keys of the study file to set.
        data_dir: where datasets lie; the environment variable ``DLBENCH_DATA_DIR`` where unset.
        weights: file of ImageNet weights; a download where unset.
        out: results folder; ``reports/STUDY`` where unset.
        allow: modules of libraries, and plug-ins from elsewhere, whose functions the study may run.
        check_data: read all files of data again, also those whose name, size and dates are as they were.
        trusted: whether the study file is of the program that asks, so that all its code may run.
    """

    study: str | dict[str, Any]
    seeds: int | None = None
    arms: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    data_dir: str | None = None
    weights: str | None = None
    out: Path | None = None
    allow: tuple[str, ...] = ()
    check_data: bool = False
    trusted: bool = False


def override(key: str, value: Any) -> str:
    """An override of a study's key by a value.

    Example:
        >>> override("budget.epochs", 5)
        'budget.epochs=5'
    """
    return f"{key}={toml(value)}"


def planned(request: Request, note: Callable[[str], None], anew: bool = False) -> Plan:
    """The plan of a study, after its own data and models have been inspected.

    Args:
        request: what is asked for.
        note: receives a line before an inspection, which takes as long as the engine takes to start.
        anew: call functions that return data again.

    Raises:
        InputError: the study, an override, an arm's name, the data directory, the data or the model cannot be used.
    """
    data_dir, cache = checked_data_dir(request.data_dir), cache_dir()
    if request.check_data:
        forget(cache)
    seeds = [f"seeds={request.seeds}"] if request.seeds else []
    trust = Trust(None) if request.trusted else Trust(request.allow, partial(_announce, cache, note))
    study = _scored(load(request.study, (*request.overrides, *seeds), trust), request, note)
    places = Places(str(Path(study.origin).resolve().parent), data_dir)
    known = with_weight_hashes(inspected(study, places, cache, note, anew), places, cache, request.weights)
    whole = plan(known)
    if (hooked := with_hooks_inspected(whole, places, cache, note)).read != known.read:
        whole = plan(hooked)
    return _only(with_file_hashes(whole, places, cache), request.arms)


def _scored(study: Study, request: Request, note: Callable[[str], None]) -> Study:
    """A study that does not say how runs are scored, with the default: means over the last quarter of the epochs, unless runs in its
    results folder were scored at their end, as they were before there were means.
    """
    if study.scored:
        return study
    folder = results_folder(study, request.out)
    made = stored(folder, lambda store: [facts.get("score_over", FINAL) for facts in store.studies().values()], [])
    if made and made[-1] == FINAL:
        note(f"{folder}: its runs were scored at the end of training, and so are new ones; `score = {{ over = \"last_quarter\" }}` takes "
             "means over the last quarter of the epochs, which need fewer seeds")
        return study
    return replace(study, baseline=edit(study.baseline, score_over=LAST_QUARTER))


def outlined(request: Request) -> Outline:
    """Return what a study says, and which code it would run; none of it is run.

    Raises:
        InputError: the study or an override cannot be read.
    """
    return outline(request.study, request.overrides, request.allow)


def _announce(cache: str, note: Callable[[str], None], folder: Path, code: tuple[str, ...]) -> None:
    """Say once which files a study runs that dlbench has not run before as they are now."""
    def said() -> list[str]:
        note(f"this study runs code of its own, with your rights: {listed(code, most=8)}; `dlbench plan STUDY --static` shows it without "
             "running it")
        return list(code)

    state = json.dumps([[name, file_digest(folder / name)] for name in code])
    remembered(Path(cache) / "announced" / f"{hashlib.sha256(state.encode()).hexdigest()[:32]}.json", said)


def _only(whole: Plan, names: Sequence[str]) -> Plan:
    if not names:
        return whole
    by_name = {arm.name: arm for arm in whole.arms}
    for name in names:
        if name not in by_name:
            raise InputError(f"--arm: {unknown('arm', name, by_name)}")
    references = {reference for name in names if (reference := by_name[name].reference)}
    return plan_of_arms(whole, {*names, *references, whole.arms[0].name})


def each_study(request: Request, note: Callable[[str], None], shard: str | None = None) -> tuple[Request, ...]:
    """A request for each study that a folder of studies stands for, or the request itself.

    Args:
        request: of one study, or of a folder of them; of a folder, each study is planned, so that a slip in any of them is found
            before the first run.
        note: as of :func:`planned`.
        shard: a part of the runs, which only a single study can be split into.

    Raises:
        InputError: as :func:`planned`; or a shard of several studies is asked for.
    """
    if isinstance(request.study, dict) or (names := studies_in(request.study)) == [request.study]:
        return (request,)
    if shard:
        raise InputError(f"--shard {shard}: {request.study} stands for {len(names)} studies; accepted: with one of them")
    folder = request.out or Path("reports") / Path(request.study).resolve().name
    requests = tuple(replace(request, study=name, out=folder / Path(name).stem) for name in names)
    for one in requests:
        planned(one, note)
    return requests


def results_folder(study: Study, out: Path | None) -> Path:
    """The folder of a study's results."""
    return out or Path("reports") / study.name


def stated_data_dir(data_dir: str | None) -> str | None:
    """The data directory, from the environment where it is not given."""
    return data_dir or os.environ.get("DLBENCH_DATA_DIR") or None


def checked_data_dir(data_dir: str | None) -> str | None:
    """The data directory, which must be readable; None where none is stated.

    Raises:
        InputError: it is not a readable folder.
    """
    if (folder := stated_data_dir(data_dir)) is None:
        return None
    try:
        os.scandir(os.path.join(folder, "")).close()
    except OSError as error:
        wanted = "accepted: a readable folder that holds datasets, or its tfds/ folder"
        raise InputError(f"--data-dir {folder}: {error.strerror}; {wanted}") from None
    return folder
