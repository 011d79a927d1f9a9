"""``dlbench plan``."""

from __future__ import annotations

import math
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import click

from dlbench.app.plan import gained, rehearse, summary
from dlbench.app.request import Outline, Plan, Request, outlined, planned, results_folder
from dlbench.cli import options
from dlbench.cli.text import changes_text, definitions, echo, echo_json, hint, say, section, warn
from dlbench.values.errors import InputError
from dlbench.values.folds import said_of_folds
from dlbench.values.inspection import Inspection, near_duplicates_text
from dlbench.values.packed import SEVERAL
from dlbench.values.placeholders import as_text
from dlbench.values.precision import AUTO, FLOAT32, WORDS
from dlbench.values.text import listed, plural


@click.command("plan")
@options.study
@click.option("--jobs", type=click.IntRange(1), default=None, help="Workers the time estimate is for. [default: one per core]")
@click.option("--power", "with_power", is_flag=True,
              help="Say which difference the seeds can detect, from a pilot's spread or a stated one.")
@click.option("--sd", type=click.FloatRange(0, max=1e100), metavar="X",
              help="With --power: spread (sd) of an arm's difference over seeds, in the unit of margin. [default: the pilot's]")
@click.option("--static", is_flag=True, help="Only read STUDY: what it says, and which code it would run. None of it is run.")
@options.as_json
def command(jobs: int | None, with_power: bool, sd: float | None, static: bool, as_json: bool, **given: Any) -> None:
    """Show what STUDY (a path, or a shipped study's name) will run. Nothing is run or written."""
    if sd is not None and not (with_power and sd >= 0):
        raise InputError(f"--sd {sd:g}: accepted: a number from 0, together with --power")
    request = Request(**given)
    if static:
        _show_outline(outlined(request), as_json)
        return
    plan = planned(request, say)
    folder = results_folder(plan.study, request.out)
    tried = rehearse(plan, request, hint)
    facts, power = summary(plan, folder, jobs, tried, gained(plan, hint)), pkgutil.resolve_name("dlbench.app.power") if with_power else None
    if power:
        facts["power"] = power.power(plan, folder, sd)
    if as_json:
        echo_json(facts)
        return
    _print(plan, facts)
    if power:
        heading, table, warnings = power.power_text(facts["power"], plan.study.measure)
        echo()
        echo(heading, bold=True)
        echo(table)
        warn(*warnings)


def _show_outline(known: Outline, as_json: bool) -> None:
    if as_json:
        echo_json(asdict(known))
        return
    if known.question:
        echo(known.question + "\n")
    about = [("command", known.command)] if known.command else [("data", ", ".join(known.datasets)), ("model", known.model)]
    echo(definitions(about) + "\n")
    section("arms, as the study file states them", [(f"{number}", arm) for number, arm in enumerate(known.arms, 1)])
    section("code that `dlbench plan` and `dlbench run` run with your rights",
            [(file, ", ".join(names)) for file, names in known.code.items()]
            or [("none", "but the command" if known.command else "but dlbench's own")])
    echo(f"refused: {known.refused}" if known.refused else "none of it was run")


def _print(plan: Plan, facts: dict[str, Any]) -> None:
    study = plan.study
    if study.question:
        echo(study.question + "\n")
    base = study.baseline
    examples = f", {base.data.examples} examples" if base.data.examples else ""
    tested = said_of_folds(base.data.folds, None if study.spend_s else study.seeds)
    shared = f", each batch shared out over {base.training.devices} devices" if base.training.devices > 1 else ""
    build = next((f": {known.build.kind}, {known.build.parameters:,} parameters" for known in study.inspections.values()), "")
    script = [("command", as_text(base.command.run))] if base.command.run else None
    echo(definitions([*(script or [
        ("data", f"{', '.join(part.dataset for part in plan.parts)}, split_seed {base.data.split_seed}{examples}"),
        *([("tested", tested)] if tested else []),
        *((f"  {name}", text) for name, known in study.inspections.items()
          for text in (contents_text(known), *known.notes, *_numbers(known.names))),
        ("inputs", facts["inputs"]), ("model", base.model.name + build)]),
        *([("watched", listed(facts["watched"], most=8 if script else 10**6))] if facts["watched"] else []),
        *([] if script else [*_budgets(facts, f"{base.budget.amount:g} {base.budget.unit}{shared}"), *_precision(facts)]),
        ("design", f"{study.design}, {_seeds(facts)}, {_metrics(facts)}"),
    ]) + "\n")
    if part := facts.get("fraction"):
        section(f"{part['combinations']} of {part['of']} combinations, resolution {part['resolution']}",
                [("cannot be told apart", line) for line in part["aliases"]]
                or [("aliasing", "none: all factors and pairs of factors can be told apart")])
    section("arm: what it changes", [(arm.name, _changes(arm, facts["arms"][place]["effect"])) for place, arm in enumerate(plan.arms)])
    if facts["tuning"]:
        _print_tuning(plan, facts["tuning"])
    later = f", then up to {facts['undecided']} of the tuned comparison" if facts["undecided"] else ""
    later += f", then up to {len(plan.runs)} in float32" if facts.get("precision") == AUTO else ""
    time = _time(facts["estimated_s"], facts["left"] - facts["taken"] + facts["undecided"])
    taken = f", {facts['taken']} of them taken from other studies" if facts["taken"] else ""
    each = f" ({len(plan.arms)} arms x {len(study.seeds)} seeds x {len(plan.parts)} datasets)" if plan.others else ""
    most = "at most " if plan.study.adaptive and facts["left"] else ""
    less = trainings_text(facts["trainings"], facts["left"] - facts["taken"], facts["steps_share"])
    echo(f"{most}{facts['runs']} runs{each}: {facts['done']} done, {most}{facts['left']} to do{less}{taken}{later}; {time}")
    warn(*facts["warnings"])


def trainings_text(trainings: int, runs: int, share: float | None) -> str:
    """Say in how many trainings runs are made, and with what share of the steps of their budgets; nothing where each is one, and whole.

    Example:
        >>> trainings_text(36, 54, 0.6), trainings_text(54, 54, 1.0), trainings_text(8, 4, 1.0)
        (' in 36 trainings with at most 60 % of the steps', '', ' in 8 trainings')
    """
    if share is None or (share == 1 and trainings == runs):
        return ""
    less = f" with at most {math.ceil(100 * share - 1e-9)} % of the steps" if share < 1 else ""
    return f" in {plural(trainings, 'training')}{less}"


def contents_text(known: Inspection) -> str:
    """Say what a dataset holds, as planning inspected it.

    Example:
        >>> from dlbench.values.inspection import Build
        >>> contents_text(Inspection("image", (32, 32, 3), 10, (2000, 500), (0, 500), None, Build()))
        '2,500 images of 32x32x3 in 10 classes, 500 of them for testing; 0 of 500 test examples have a near-duplicate in training'
    """
    size = "x".join(map(str, known.shape))
    rows = f"rows of {size or 0} numbers" if len(known.shape) < 2 else f"arrays of {size} numbers"
    steps = ", ".join(plural(count, what) for count, what in zip(known.shape, ("step", "channel")))
    things = {"image": f"images of {size}", "sequence": f"sequences of {steps}", "row": rows, "text": "sentences",
              SEVERAL: f"examples of {plural(len(known.inputs), 'input')}"}[known.kind]
    tested = f", {known.examples[1]:,} of them for testing" if known.examples[1] else ""
    targets = known.targets or f"in {known.classes} classes"
    return f"{sum(known.examples):,} {things} {targets}{tested}; {near_duplicates_text(known.duplicates)}"


def _numbers(names: Sequence[str]) -> Iterator[str]:
    """Yield which class has which number, where the names are numbers themselves, which would be taken for them."""
    if names and all(name.isdigit() for name in names) and [str(number) for number in range(len(names))] != list(names):
        yield "classes are counted from 0: " + listed([f"{number} is '{name}'" for number, name in enumerate(names)], most=12)


def _budgets(facts: dict[str, Any], longest: str) -> Iterator[tuple[str, str]]:
    """Yield how long runs train; of several budgets also which arms are trained for each."""
    shorter = [str(epochs) for epochs in facts.get("budgets", [])[:-1]]
    yield "budget", f"{', '.join(shorter)} and {longest}, of which the longest decides" if shorter else longest
    if shorter:
        each, others = facts["trained_for_each"], len(facts["arms"]) - len(facts["trained_for_each"])
        once = f"{plural(others, 'arm')} once and scored at each budget" if others else ""
        apart = f"for each budget, on whose length they depend: {listed(each, 12)}" if each else ""
        yield "  trained", "; ".join(filter(None, (once, apart)))


def _precision(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a study computes in, where it says so, and what bfloat16 gains here, where that is known."""
    stated = facts["precision"] != FLOAT32
    if stated:
        yield "precision", WORDS[facts["precision"]]
    if facts["bfloat16"]:
        yield ("  gain" if stated else "bfloat16"), facts["bfloat16"]


def _print_tuning(plan: Plan, tuning: dict[str, Any]) -> None:
    seeds, tried = tuning["seeds"], {}
    for row in tuning["trials"]:
        dataset = f" on {row['dataset']}" if plan.others else ""
        tried.setdefault(row["arm"] + dataset, []).append(row["name"] + (" (chosen)" if row["chosen"] and row["setting"] else ""))
    section(f"trials: {tuning['runs']} runs, chosen by mean {tuning['metric']} on seeds {seeds[0]} to {seeds[-1]}",
            [(arm, "; ".join(settings)) for arm, settings in tried.items()])


def _seeds(facts: dict[str, Any]) -> str:
    """How many seeds, or at how many the arms are judged and how many runs that is."""
    if (adaptive := facts.get("adaptive")) is None:
        return f"{len(facts['seeds'])} seeds"
    taken = f" ({adaptive['taken']} taken, {len(adaptive['open'])} arms undecided)" if adaptive["taken"] else ""
    if "spend_s" in adaptive and not adaptive["open"]:
        return f"analyses at each quarter of {adaptive['spend_s']:g} s{taken}"
    if "spend_s" in adaptive:
        buys = f"about {adaptive['seeds']} seeds of the arms that are open" if adaptive["seeds"] is not None else (
            "as many seeds as the first runs will show")
        return f"analyses at each quarter of {adaptive['spend_s']:g} s{taken}: {adaptive['workers']} runs at a time buy {buys}"
    *first, last = map(str, adaptive["looks"])
    sizes = f"{', '.join(first)} and {last}" if first else last
    return f"looks at {sizes} seeds{taken}: {adaptive['fewest_runs']} to {adaptive['most_runs']} runs"


def _metrics(facts: dict[str, Any]) -> str:
    """What the arms are judged by, each metric with its margin."""
    margins = {facts["metric"]: facts["margin"], **facts["further_metrics"]}
    return ", then ".join(f"{name}, margin {margin:g}" for name, margin in margins.items())


def _changes(arm: Any, effect: str) -> str:
    changes = changes_text(arm.changes) + (f" ({effect})" if effect else "")
    if arm.reference is None:
        role = "the reference of its own task" if "data.classes" in arm.changes else "the arm that others are compared with"
        return f"{role}: {changes}" if changes else role
    return changes + ("" if arm.reference == "baseline" else f"  (against {arm.reference})")


def _time(seconds: float | None, left: int) -> str:
    if not left:
        return "nothing is left to run"
    if seconds is None:
        return "no run of this study was timed yet, so there is no estimate"
    return f"about {seconds:.0f} s" if seconds < 120 else f"about {seconds / 60:.0f} min"
