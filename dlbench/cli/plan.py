"""``dlbench plan``."""

from __future__ import annotations

import os
import pkgutil
from pathlib import Path
from typing import Any

import click

from dlbench.cli.common import checked_data_dir, definitions, echo_json, planned, results_folder, study_options, words
from dlbench.engines.protocol import engine_named
from dlbench.execution import environment, looks
from dlbench.execution.provenance import made_with, moved, stale
from dlbench.execution.provenance import warnings as versions
from dlbench.store.database import FILE, Store
from dlbench.store.looks import Look
from dlbench.study import Plan, Study, advance, part, undecided
from dlbench.study.designs import fraction
from dlbench.study.tuning import words as trial_words
from dlbench.values.errors import InputError
from dlbench.values.inspection import Inspection
from dlbench.values.metric import twin
from dlbench.values.recipe import Recipe, to_dict


@click.command("plan")
@study_options
@click.option("--jobs", type=click.IntRange(1), default=None, help="Workers the time estimate is for. [default: one per core]")
@click.option("--power", is_flag=True, help="Say which difference the seeds can detect, from a pilot's spread or a stated one.")
@click.option("--sd", type=click.FloatRange(0, max=1e100), metavar="X",
              help="With --power: spread (sd) of an arm's difference over seeds, in the unit of margin. [default: the pilot's]")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(study, seeds, arms, overrides, data_dir, weights, out, jobs, power, sd, as_json) -> None:  # noqa: PLR0913
    """Show what STUDY (a path, or a shipped study's name) will run. Nothing is run or written."""
    if sd is not None and not (power and sd >= 0):
        raise InputError(f"--sd {sd:g}: accepted: a number from 0, together with --power")
    whole = planned(study, seeds, arms, overrides, checked_data_dir(data_dir), weights=weights)
    folder = results_folder(whole.study, out)
    facts = summary(whole, folder, jobs)
    if power:
        facts["power"] = pkgutil.resolve_name("dlbench.cli.power:facts")(whole, folder, sd)
    if as_json:
        echo_json(facts)
        return
    _print(whole, facts)
    if power:
        click.echo()
        pkgutil.resolve_name("dlbench.cli.power:show")(facts["power"], whole.study.metric)


def summary(whole: Plan, folder: Path, jobs: int | None = None) -> dict[str, Any]:
    """What a plan amounts to, beside what its results folder already has."""
    finished, scores, made, seconds, taken, old = _known(folder, whole)
    whole = advance(whole, scores, made)
    asked = part(whole, looks.wanted(whole, taken, len(whole.study.looks))) if whole.study.looks else whole
    left = [run for run in asked.runs if run.run_id not in finished]
    return {
        "study": whole.study.name, "question": whole.study.question, "seeds": list(whole.study.seeds),
        "datasets": [part.dataset for part in whole.parts], "metric": whole.study.metric, "margin": whole.study.margin,
        "design": whole.study.design, "facts": {name: known.to_dict() for name, known in whole.study.facts.items()},
        "arms": [{"arm": arm.name, "reference": arm.reference, "changes": arm.changes, "techniques": arm.techniques,
                  "recipe": to_dict(arm.recipe)} for arm in whole.arms],
        **_fraction(whole), "tuning": _tuning(whole), "runs": len(asked.runs), "done": len(asked.runs) - len(left), "left": len(left),
        **({"adaptive": _adaptive(whole, taken)} if whole.study.looks else {}),
        "undecided": (later := undecided(whole)),
        "estimated_s": seconds * (len(left) + later) / (jobs or _cores()) if seconds else None, "warnings": [*whole.warnings, *old],
    }


def _tuning(whole: Plan) -> dict[str, Any] | None:
    """What is tuned, on what, and the trials of every arm; None for a study that tunes nothing."""
    if not whole.trials:
        return None
    return {
        "nuisance": dict(whole.study.nuisance), "metric": twin(whole.study.metric).name, "seeds": list(whole.study.tuning_seeds),
        "runs": len({run_id for part in whole.parts for trial in part.trials for run_id in trial.cells.values()}),
        "trials": [row for part in whole.parts for row in _trials(part)],
    }


def _fraction(whole: Plan) -> dict[str, Any]:
    """What a fractional design is and cannot tell apart; nothing for the others."""
    part = fraction(whole.study)
    if part is None:
        return {}
    return {"fraction": {"resolution": part.resolution, "combinations": len(part.matrix), "of": 2 ** len(part.factors),
                         "generators": part.generators, "aliases": part.aliases}}


def _trials(part: Plan) -> list[dict[str, Any]]:
    chosen = {trial.arm: trial.setting for trial in part.tuned.trials} if part.tuned else {}
    return [{"dataset": part.dataset, "arm": trial.arm, "setting": trial.setting, "runs": len(trial.cells),
             "chosen": chosen.get(trial.arm) == trial.setting, "name": trial_words(trial).removeprefix(f"{trial.arm} at ")}
            for trial in part.trials]


def _adaptive(whole: Plan, taken: list[Look]) -> dict[str, Any]:
    """The declared looks, how many were taken, and the smallest and largest number of runs from the first look to the last."""
    return {"looks": list(whole.study.looks), "taken": len(taken), "open": list(looks.still_open(whole, taken)),
            "fewest_runs": len(part(whole, looks.wanted(whole, [])).runs), "most_runs": len(whole.runs)}


def _cores() -> int:
    return os.cpu_count() or 1


def _known(folder: Path, whole: Plan) -> tuple[set[str], dict[str, float | None], dict[str, str], float | None, list[Look], list[str]]:
    """Ids of finished runs, their scores on the validation split, what they were made with, the mean seconds that one took, an
    adaptive study's looks, and what is to be said of runs made with other versions or data.
    """
    if not (folder / FILE).is_file():
        return set(), {}, {}, None, [], []
    with Store(folder) as store:
        taken = looks.held(whole, store) if whole.study.looks else []
        now = environment.facts(engine_named(whole.study.engine))
        old = versions(stale([run.run_id for run in whole.runs], store, now, whole.study.files))
        made = made_with(store) if whole.trials else {}
        return (store.finished(), store.outcomes(twin(whole.study.metric).name), made, store.mean_wall_s(), taken,
                [*moved(whole, store), *old])


def _print(whole: Plan, facts: dict[str, Any]) -> None:
    study = whole.study
    if study.question:
        click.echo(study.question + "\n")
    base = whole.study.baseline
    examples = f", {base.data.examples} examples" if base.data.examples else ""
    click.echo(definitions([
        ("data", f"{', '.join(part.dataset for part in whole.parts)}, split_seed {base.data.split_seed}{examples}"),
        *((f"  {name}", holds(known)) for name, known in study.facts.items()),
        ("model", base.model.name + _build(study)), ("budget", f"{base.budget.amount:g} {base.budget.unit}{_devices(base)}"),
        ("design", f"{study.design}, {_seeds(facts)}, {study.metric}, margin {study.margin:g}"),
    ]) + "\n")
    if "fraction" in facts:
        _print_fraction(facts["fraction"])
    click.secho("arm: what it changes", bold=True)
    click.echo(definitions([(arm.name, _changes(arm)) for arm in whole.arms], indent=2) + "\n")
    if facts["tuning"]:
        _print_tuning(whole, facts["tuning"])
    later = f", then up to {facts['undecided']} of the tuned comparison" if facts["undecided"] else ""
    time = _time(facts["estimated_s"], facts["left"] + facts["undecided"])
    each = f" ({len(whole.arms)} arms x {len(study.seeds)} seeds x {len(whole.parts)} datasets)" if whole.others else ""
    most = "at most " if whole.study.looks and facts["left"] else ""
    click.echo(f"{most}{facts['runs']} runs{each}: {facts['done']} done, {most}{facts['left']} to do{later}; {time}")
    for warning in facts["warnings"]:
        click.secho(f"warning: {warning}", err=True, fg="yellow")


def holds(known: Inspection) -> str:
    """What a dataset holds.

    Example:
        >>> from dlbench.values.inspection import Build
        >>> holds(Inspection("image", (32, 32, 3), 10, (2000, 500), (3, 500), None, Build()))
        '2,500 images of 32x32x3 in 10 classes, 500 of them for testing; 3 of 500 test examples have a near-duplicate in training'
    """
    things = {"image": f"images of {'x'.join(map(str, known.shape))}", "row": f"rows of {known.shape[-1] if known.shape else 0} numbers",
              "text": "sentences"}[known.kind]
    own = f", {known.examples[1]:,} of them for testing" if known.examples[1] else ""
    near = "{} of {} test examples have a near-duplicate in training".format(*known.duplicates)
    return f"{sum(known.examples):,} {things} in {known.classes} classes{own}; {near}"


def _devices(base: Recipe) -> str:
    return f", each batch shared out over {base.training.devices} devices" if base.training.devices > 1 else ""


def _build(study: Study) -> str:
    """What the user's own model is, as far as it was looked at."""
    found = next(iter(study.facts.values()), None)
    return f": {found.build.kind}, {found.build.parameters:,} parameters" if found else ""


def _print_tuning(whole: Plan, tuning: dict[str, Any]) -> None:
    seeds = tuning["seeds"]
    click.secho(f"trials: {tuning['runs']} runs, chosen by mean {tuning['metric']} on seeds {seeds[0]} to {seeds[-1]}", bold=True)
    tried: dict[str, list[str]] = {}
    for row in tuning["trials"]:
        place = f" on {row['dataset']}" if whole.others else ""
        tried.setdefault(row["arm"] + place, []).append(row["name"] + (" (chosen)" if row["chosen"] and row["setting"] else ""))
    click.echo(definitions([(arm, "; ".join(settings)) for arm, settings in tried.items()], indent=2) + "\n")


def _print_fraction(part: dict[str, Any]) -> None:
    click.secho(f"{part['combinations']} of {part['of']} combinations, resolution {part['resolution']}", bold=True)
    told = [("cannot be told apart", line) for line in part["aliases"]]
    click.echo(definitions(told or [("aliasing", "none: all factors and pairs of factors can be told apart")], indent=2) + "\n")


def _seeds(facts: dict[str, Any]) -> str:
    """How many seeds, or at how many the arms are judged and how many runs that is."""
    if (adaptive := facts.get("adaptive")) is None:
        return f"{len(facts['seeds'])} seeds"
    *first, last = map(str, adaptive["looks"])
    sizes = f"{', '.join(first)} and {last}" if first else last
    taken = f" ({adaptive['taken']} taken, {len(adaptive['open'])} arms undecided)" if adaptive["taken"] else ""
    return f"looks at {sizes} seeds{taken}: {adaptive['fewest_runs']} to {adaptive['most_runs']} runs"


def _changes(arm) -> str:
    if arm.reference is None:
        own = "the reference of its own task" if "data.classes" in arm.changes else "the arm that others are compared with"
        return f"{own}: {words(arm.changes)}" if arm.changes else own
    return words(arm.changes) + ("" if arm.reference == "baseline" else f"  (against {arm.reference})")


def _time(seconds: float | None, left: int) -> str:
    if not left:
        return "nothing is left to run"
    if seconds is None:
        return "no run of this study was timed yet, so there is no estimate"
    return f"about {seconds:.0f} s" if seconds < 120 else f"about {seconds / 60:.0f} min"
