"""Layer 9: dlbench from Python, in a script or a notebook. It does what the command line does, and answers with pandas tables."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.app import extend
from dlbench.app import judge as judging
from dlbench.app.confirm import confirmation
from dlbench.app.function import SCORE, function_study
from dlbench.app.objects import arm, objects_study
from dlbench.app.plan import rehearse, runs_by_arm
from dlbench.app.precision import recheck, screens
from dlbench.app.request import Plan, Request, override, planned, results_folder
from dlbench.app.result import Result, load
from dlbench.app.run import run as carry_out
from dlbench.progress import Silent, listener
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import write

__all__ = ["Choices", "InputError", "Result", "arm", "check", "confirm", "evaluate", "judge", "load", "plan", "run"]


@dataclass(frozen=True)
class Choices:
    """What can be chosen when a study is planned or run; each as the option of ``dlbench run``.

    Attributes:
        out: results folder; ``reports/STUDY`` where unset.
        seeds: number of seeds, instead of the study's.
        arms: only these arms, and what they are compared with.
        changes: keys of the study file to set, such as ``{"budget.epochs": 5}``.
        jobs: worker processes; one a core where unset.
        data_dir: where datasets lie; ``DLBENCH_DATA_DIR`` where unset.
        timeout_s: seconds that one run may take.
        fresh: set earlier results aside and run everything.
        reuse: which runs of other studies are taken: of the ``same`` versions, data and kind of hardware; ``any``; ``none``.
        into: write also into a folder that holds something else than results.
        timing: measure the time of each arm alone on the machine, after the runs.
        progress: show progress.
        allow: modules of libraries, and plug-ins from elsewhere, whose functions a study file may run.
        check_data: read all files of data again, also those whose name, size and dates are as they were.
    """

    out: str | Path | None = None
    seeds: int | None = None
    arms: tuple[str, ...] = ()
    changes: dict[str, Any] | None = None
    jobs: int | None = None
    data_dir: str | Path | None = None
    timeout_s: float | None = None
    fresh: bool = False
    reuse: str = "same"
    into: bool = False
    timing: bool = True
    progress: bool = True
    allow: tuple[str, ...] = ()
    check_data: bool = False


def run(study: str | Path | dict[str, Any] | None = None, *, model: Callable[..., Any] | str | None = None, data: Any = None,
        **choices: Any) -> Result:
    """Run what is missing of a study, and read its results.

    Progress is shown in a notebook's output, as a bar on a terminal, as lines elsewhere. A run that fails is in
    :attr:`Result.failures` with its reason; the others go on.

    Args:
        study: a path, the name of a shipped study, or what a study file holds, as a dictionary; or none, with ``model`` or ``data``.
        model: ``build(input_shape, classes) -> keras.Model``, any callable, also of a notebook's cell or a closure; or a model's name.
        data: ``(x_train, y_train, x_test, y_test)`` or ``(x, y)`` with x images [n, height, width, channels], rows of numbers
            [n, columns] or texts [n], and y [n] whole numbers from 0; a ``tf.data.Dataset`` or a pair of them; a pandas data frame;
            a path; or a dataset's name.
        **choices: any of the fields of :class:`Choices`; with ``model`` or ``data`` also keys of a study file, such as ``margin`` and
            ``budget``, and ``arms`` is a list of what :func:`arm` returns. ``out`` is ``reports/`` with the model's name where unset;
            the study file and what it needs are written there.

    Raises:
        InputError: the study, a choice, the data or a model cannot be used; nothing was run.

    Example:
        >>> result = run({"margin": 0.01, "arms": [{"technique": "dropuot"}]})  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        dlbench.values.errors.InputError: study: arms[0]: technique: unknown technique 'dropuot'; did you mean 'dropout'? ...
    """
    if model is None and data is None:
        if study is None:
            raise InputError("run: accepted: a study; or model and data, with arms and a margin")
        return _run(study, _chosen(choices))
    if study is not None:
        raise InputError("run: model and data beside a study; accepted: one of them")
    return _run_objects(model, data, choices)


def evaluate(train: Callable[..., Any], arms: Mapping[str, Mapping[str, Any]], *, margin: float,  # noqa: PLR0913
             seeds: int = 8, baseline: Mapping[str, Any] | None = None, metric: str | Mapping[str, Any] = SCORE,
             question: str = "", **choices: Any) -> Result:
    """Compare settings of any Python function ``train(seed, **parameters)``, each call in a process of its own.

    Args:
        train: returns a score, or a dictionary of scores; also a function of a notebook's cell, or a closure.
        arms: name of an arm -> the parameters in which it differs from the baseline.
        margin: the smallest difference that matters.
        seeds: how many.
        baseline: the parameters that every arm starts from.
        metric: the score that is judged, higher being better; or a table such as ``{"name": "loss", "higher_is_better": False}``.
        question: the report's title.
        **choices: ``out, jobs, timeout_s, fresh, into, progress`` of :class:`Choices`.

    Raises:
        InputError: something cannot be used; nothing was run.

    Example:
        >>> evaluate(lambda seed: 0.5, {}, margin=0.01)
        Traceback (most recent call last):
        dlbench.values.errors.InputError: evaluate: arms: accepted: a dictionary such as {"dropout 0.5": {"dropout": 0.5}}
    """
    chosen = _chosen({"timing": False, "out": f"reports/{getattr(train, '__name__', 'function').strip('<>')}", **choices})
    study, function = function_study(train, arms, {
        "question": question, "margin": margin, "seeds": seeds, "baseline": dict(baseline or {}),
        "metric": {"name": metric, "higher_is_better": True} if isinstance(metric, str) else dict(metric)})
    return _run(study, chosen, function)


def confirm(folder: str | Path, keep: Sequence[str] = (), max_cost: float | None = None, study: str | Path | dict[str, Any] | None = None,
            **choices: Any) -> Result:
    """Choose what to keep of a finished study, and try it together on seeds that chose nothing.

    Args:
        folder: of the study's results.
        keep: the arms to make together, instead of those that help.
        max_cost: training time that what is kept may take, as a ratio to the baseline's.
        study: what the results were made from, where the command that made them does not lead to it.
        **choices: any of the fields of :class:`Choices` but ``arms``; ``out`` is the folder's name with ``-confirmed`` where unset.

    Raises:
        InputError: nothing helps, the study is not complete, or something cannot be used; nothing was run.

    Example:
        >>> confirm("nowhere")
        Traceback (most recent call last):
        dlbench.values.errors.InputError: nowhere: no results here (wanted results.sqlite); `dlbench run STUDY --out nowhere` makes them
    """
    chosen = _chosen(choices)
    if chosen.arms:
        raise InputError(f"arms = {list(chosen.arms)}: accepted: keep = [...], the arms that are made together")
    asked = {name: value for name, value in vars(_request("", chosen)).items() if name not in ("study", "arms", "check_data") and value}
    study = str(study) if isinstance(study, Path) else study
    found = confirmation(Path(folder), Silent().note, keep, max_cost, study=study, **asked)
    given = [part for name in keep for part in ("--keep", name)] + ([] if max_cost is None else ["--max-cost", f"{max_cost:g}x"])
    return _carried_out(found.plan, found.request, shlex.join(["dlbench", "confirm", str(folder), *given]), chosen)


def _run_objects(model: Any, data: Any, choices: dict[str, Any]) -> Result:
    """Run the study of a program's objects; what is no choice is a key of its study file."""
    names = {item.name for item in fields(Choices)} - {"arms", "seeds"}
    called = getattr(model, "__name__", "model").strip("<>") if callable(model) else model or "model"
    chosen = _chosen({"out": f"reports/{called}", **{name: value for name, value in choices.items() if name in names}})
    asked = {name: value for name, value in choices.items() if name not in names}
    file = objects_study(model, data, asked, Path(chosen.out or ""), chosen.into)
    return _run(file, chosen, trusted=True)


def _run(study: str | Path | dict[str, Any], chosen: Choices, function: bytes | None = None, trusted: bool = False) -> Result:
    request = replace(_request(study, chosen), trusted=trusted)
    whole = planned(request, Silent().note, anew=True)
    whole = whole if function is None else replace(whole, study=replace(whole.study, function=function))
    folder = results_folder(whole.study, request.out)
    file = folder / "study.toml"
    command = _command(file if isinstance(study, dict) else study, request)
    result = _carried_out(whole, request, command, chosen)
    if isinstance(study, dict):
        write(file, whole.study.text)
    found = recheck(whole, request, Silent().note) if screens(whole) and result.complete and not len(result.failures) else None
    return _carried_out(found.plan, found.request, command, chosen, found.screened) if found else result


def _carried_out(whole: Plan, request: Request, command: str, chosen: Choices, screened: dict[str, list[str]] | None = None) -> Result:
    with listener(chosen.progress) as shown:
        ran = carry_out(whole, request, command, shown, timing=chosen.timing, jobs=chosen.jobs, timeout_s=chosen.timeout_s,
                        fresh=chosen.fresh, into=chosen.into, reuse=chosen.reuse, screened=screened)
    return load(ran.folder)


def plan(study: str | Path | dict[str, Any], **choices: Any) -> pd.DataFrame:
    """Return a table of what a study will run; nothing is run or written.

    Args:
        study: as of :func:`run`.
        **choices: ``out``, ``seeds``, ``arms``, ``changes`` and ``data_dir`` of :class:`Choices`.

    Returns:
        One row an arm: ``arm, reference, techniques, changes`` (recipe field -> (reference's value, arm's value)), ``runs, done``.

    Raises:
        InputError: the study or a choice cannot be used.

    Example:
        >>> plan("quickstart", seeds=4, arms=("l2 strength=0.001",))[["arm", "runs"]].values.tolist()
        [['baseline', 4], ['l2 strength=0.001', 4]]
    """
    request = _request(study, _chosen(choices))
    whole = planned(request, Silent().note)
    rehearse(whole, request, Silent().note)
    return pd.DataFrame(runs_by_arm(whole, results_folder(whole.study, request.out)))


def judge(source: str | Path | pd.DataFrame, margin: float | str | None = None, **asked: Any) -> Result:
    """Judge results that others made, by the rules of our own studies; nothing is trained or written.

    Args:
        source: a data frame with a row a run, a table, a tracker's folder or export, or a ``judge.toml``.
        margin: the smallest difference that matters, in the unit of the score, or in points (``"0.5pp"``).
        **asked: any of the fields of :class:`dlbench.app.judge.Question`; what is left out is found, and stands in the report.

    Returns:
        Results with verdicts and tables; ``report()`` writes the page.

    Raises:
        InputError: a column, a row, the baseline or the margin cannot be used.

    Example:
        >>> runs = pd.DataFrame({"arm": ["old"] * 5 + ["new"] * 5, "acc": [.90, .91, .90, .91, .90, .94, .95, .94, .95, .94]})
        >>> judge(runs, margin=0.01, baseline="old").verdicts[["arm", "verdict"]].values.tolist()
        [['new', 'helps']]
    """
    asked = {name: (value,) if name == "arm" and isinstance(value, str) else value for name, value in asked.items()}
    for name in asked:
        if name not in (known := [item.name for item in fields(judging.Question)]):
            raise InputError(unknown("choice", name, known))
    return judging.judge(judging.Question(source, margin, **asked)).result


def check(plugin: str | Path, quick: bool = False) -> list[str]:
    """Hold a plug-in to the contract that dlbench's own techniques, datasets, models, metrics and kernels keep.

    Args:
        plugin: a file, or the name of an installed package.
        quick: look at declarations only; train nothing.

    Returns:
        A line a problem; empty where there is none.

    Raises:
        InputError: there is no such plug-in, or it offers nothing.
    """
    return [f"{entry.kind} {entry.name}: {problem}" for entry in extend.check(str(plugin), quick) for problem in entry.problems]


def _chosen(choices: dict[str, Any]) -> Choices:
    names = [item.name for item in fields(Choices)]
    for name in choices:
        if name not in names:
            raise InputError(unknown("choice", name, names))
    chosen = Choices(**choices)
    return replace(chosen, arms=(chosen.arms,)) if isinstance(chosen.arms, str) else chosen


def _request(study: str | Path | dict[str, Any], chosen: Choices) -> Request:
    return Request(
        study if isinstance(study, dict) else str(study), chosen.seeds, tuple(chosen.arms),
        tuple(override(key, value) for key, value in (chosen.changes or {}).items()),
        data_dir=None if chosen.data_dir is None else str(chosen.data_dir), out=None if chosen.out is None else Path(chosen.out),
        allow=(chosen.allow,) if isinstance(chosen.allow, str) else tuple(chosen.allow),
        check_data=chosen.check_data)


def _command(study: str | Path, request: Request) -> str:
    """The command that does the same."""
    options = {"--seeds": [request.seeds or ()], "--arm": request.arms, "--set": request.overrides, "--allow": request.allow,
               "--out": [request.out or ()]}
    given = [str(part) for option, values in options.items() for value in values if value != () for part in (option, value)]
    return shlex.join(["dlbench", "run", str(study), *given])
