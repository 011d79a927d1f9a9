"""Runs: every run with seed, status, reason and hashes, and those that ended without a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dlbench.analysis import Analysis, hardware
from dlbench.analysis.economy import trained_together
from dlbench.analysis.scores import scores
from dlbench.report import tested
from dlbench.report.document import Block, Cell, Column, Details, Heading, Link, Row, Section, Table, Text, columns
from dlbench.report.wording import NOTHING, count, level, number, unit_of
from dlbench.values.controls import Control
from dlbench.values.record import FINAL, Status
from dlbench.values.text import listed, missing, one_line, plural

MOST_RUNS = 10_000
"""A study of more runs than this is told by arm, and its runs are a file of their own, runs.csv: a page of them would not open."""
MOST_FAILURES = 1000
HASHES = {"data": "hash_data", "split": "hash_split", "order": "hash_order", "start": "hash_init", "end": "hash_weights"}
"""What a run's hashes are of -> its column; start and end: the weights."""


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the runs that failed, then all one by one or, where they are too many, by arm."""
    yield from _failures(analysis)
    yield from _taken(analysis)
    yield from _together(analysis)
    total = len(analysis.results.runs)
    if not total:
        yield Text("No run has finished yet.")
    elif total <= MOST_RUNS:
        yield Details(f"All {total} runs", (_every_run(analysis),), unfolded=total <= 100, searched=True)
    else:
        yield Text((f"All {total} runs are in ", Link("runs.csv", "runs.csv"), ", beside this page."))
        yield _by_arm(analysis)


def _taken(analysis: Analysis) -> Iterator[Block]:
    """Say how many of the runs were made for other studies, and which."""
    made = analysis.results.taken
    studies = Counter(made[run_id]["study"] for run_id in set(analysis.results.runs["run_id"]) if run_id in made)
    if studies:
        others = listed([f"{plural(number, 'run')} for '{one_line(study)}'" for study, number in studies.most_common()])
        yield Text(f"{studies.total()} of these runs had been made on this machine before this study: {others}. Their seconds "
                   "were measured then.")


def _together(analysis: Analysis) -> Iterator[Block]:
    """Say how many trainings the runs took."""
    if (found := trained_together(analysis.results)) is not None:
        runs, trainings, share = found
        yield Text(f"{plural(runs, 'run')} took {plural(trainings, 'training')} and {number(100 * share, 0)} % of the steps that they "
                   "have: what a run has in common with another one, to the bit, was trained once. The steps of each are those that it "
                   "would have alone.")


def _failures(analysis: Analysis) -> Iterator[Block]:
    lost, shown = len(analysis.failures), analysis.failures.head(MOST_FAILURES)
    if lost:
        first = f"The first {len(shown)} of {lost} runs" if lost > len(shown) else "Runs"
        caption = (f"{first} that ended without a score. A run that diverged is an outcome; the others are tried again by the next "
                   "dlbench run.")
        body = tuple(Row((row.arm, str(row.seed), Cell(row.status, state=row.status), _text(row.reason) or "no reason was recorded"),
                         analysis.ids.get(row.arm, 0)) for row in shown.itertuples())
        yield Heading("Failures")
        yield Table("failures", "Failures", caption, columns("Arm", "Seed", "Status", "Reason", numbers=[1], wide=[3]), body)


def _every_run(analysis: Analysis) -> Table:
    metric, machines = analysis.metric.name.replace("_", " "), hardware.kinds(analysis.results)
    body = tuple(_run(analysis, row, machines) for row in analysis.results.runs.to_dict("records"))
    heads = columns("Arm", "Seed", "Status", metric, "Epochs", "Training, s", "Control", "Remark", "Run", "Hashes", "Environment",
                    "Hardware")
    caption = (f"One row a run; {metric} is what the verdicts are made of. Hashes begin with the same signs where what the training loop "
               "consumed, or the weights it ended with, are the same to the bit; find one by typing it.")
    kinds = tuple((kind, Cell(kind)) for kind in dict.fromkeys(row.kind for row in body))
    if not tested.control(analysis):
        heads, body = heads[:4], tuple(replace(row, content=row.cells[:4]) for row in body)
        caption = f"One row a run; {metric} is what the verdicts are made of."
    return Table("run-table", "All runs", caption, heads, body, layout="dense", filtered="table of runs", kinds=kinds)


def _run(analysis: Analysis, row: dict[str, Any], machines: dict[str, str]) -> Row:
    status, control = row["status"], row.get("control") or Control.UNKNOWN
    score = row.get(analysis.metric.name) if status == Status.DONE else None
    hashes = " ".join(f"{name} {row[key][:8]}" for name, key in HASHES.items() if _text(row.get(key)))
    return Row((
        row["arm"], str(row["seed"]), Cell(status, state="" if status == Status.DONE else status),
        Cell(level(score, unit_of(analysis.metric)), sort="" if missing(score) else f"{score:.9g}"), count(row.get("epochs")),
        number(row.get("train_s"), 1), Cell(control, state="" if control in (Control.CONTROLLED, Control.BASELINE) else control),
        _text(row.get("reason")) or _text(row.get("control_faults")), row.get("run_id") or NOTHING, hashes or NOTHING,
        str(row.get("environment") or NOTHING)[:8], machines.get(str(row.get("environment")), NOTHING),
    ), analysis.ids.get(row["arm"], 0), status)


def _by_arm(analysis: Analysis) -> Table:
    heads = (Column("Arm"), *(Column(name, "number") for name in ("Done", "Diverged", "Failed", "Mean", "sd", "Least", "Most")))
    by_arm = scores(analysis.results, analysis.metric.name).groupby("arm")["score"]
    known: dict[Any, Any] = by_arm.agg(["mean", "std", "min", "max"]).to_dict("index")
    body = []
    for arm, status in analysis.results.runs.groupby("arm", sort=False)["status"]:
        ended = (count((status == Status.DONE).sum()), count((status == Status.DIVERGED).sum()), count((~status.isin(FINAL)).sum()))
        numbers = (level(known.get(arm, {}).get(name), unit_of(analysis.metric)) for name in ("mean", "std", "min", "max"))
        body.append(Row((arm, *ended, *numbers), analysis.ids[arm]))
    return Table("run-counts", "Runs by arm", "Too many runs for a page: this sums them up by arm.", heads, tuple(body))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


SECTION = Section("runs", "Runs", build)
