"""The answer in plain sentences: one for the study, one an arm, and what to know before trusting them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis import Analysis, hardware, interim
from dlbench.analysis.controls import DOUBTFUL
from dlbench.analysis.foreign import how_judged
from dlbench.analysis.interim import Stage
from dlbench.analysis.withheld import unpredicted
from dlbench.report import keeping, tested, wording
from dlbench.report.afterwards import afterwards
from dlbench.report.screened import screening_note
from dlbench.report.wording import MINUS, Unit, unit_of
from dlbench.stats.method import METHOD
from dlbench.store.results import Results
from dlbench.values.controls import Control
from dlbench.values.metric import Metric
from dlbench.values.record import FINAL, Status
from dlbench.values.scope import Scope, stored_scope
from dlbench.values.text import listed, missing, one_line, plural
from dlbench.values.verdict import Verdict

NOTABLE = 0.05
"""A training time is worth a clause where its whole interval lies further than this from the reference's."""


PHRASES: dict[str, tuple[str, str]] = {
    Verdict.HELPS: ("helps", "help"),
    Verdict.HURTS: ("hurts", "hurt"),
    Verdict.EQUIVALENT: ("makes no meaningful difference", "make no meaningful difference"),
    Verdict.INCONCLUSIVE: ("remains open", "remain open"),
    Verdict.NONE: ("has no verdict", "have no verdict"),
}
CHANGES = ("change tested", "changes tested")
CLAIMS = {Scope.NEW_DATA: "for new data", Scope.THIS_TEST_SET: "on this test set"}
"""What verdicts are claims about, in the first sentence of an answer."""


def answer(analysis: Analysis) -> str:
    """Return the study's answer, one sentence or two."""
    if kept := keeping.sentence(analysis):
        return place(analysis.results) + kept
    unit = unit_of(analysis.metric)
    alone = [] if len(analysis.verdicts) else [reached(row, analysis.metric, unit) for row in analysis.references.itertuples()]
    nouns = tuple(f"{noun} {CLAIMS[analysis.scope]}" for noun in CHANGES)
    return place(analysis.results) + " ".join([study(analysis.verdicts, unit, noun=(nouns[0], nouns[1])), *alone])


def claim(analysis: Analysis) -> str:
    """Say what the verdicts are claims about, and why where that is not what the study asks for; nothing where nothing is compared."""
    asked, made = stored_scope(analysis.results.study), analysis.scope
    if not len(analysis.verdicts):
        return ""
    if made == Scope.NEW_DATA:
        return "The verdicts are claims about new data: seeds and test examples both count as samples."
    only = "The verdicts are claims about this test set only: new test examples may give others"
    if asked == Scope.NEW_DATA:
        name = analysis.metric.name.replace("_", " ")
        return f"{only}; no value of {name} is known for each test example, which a claim about new data takes."
    return f"{only}." if how_judged(analysis.results) else f"{only}; scope = \"new_data\" in the study judges for these too."


def factors(analysis: Analysis) -> str:
    """Say what factors do averaged over each other, and whether any pair of them interacts; nothing of other designs."""
    found = analysis.factors
    if found is None or not len(found.effects):
        return ""
    sure = found.effects[found.effects["p_adjusted"] < METHOD.alpha]
    sure, unit = sure.iloc[(-sure["effect"].abs()).argsort(kind="stable")], unit_of(analysis.metric)
    told = {row.term: f"{term_name(row.term, found.factors)} ({wording.difference(row.effect, unit)})" for row in sure.itertuples()}
    alone, pairs = ([text for term, text in told.items() if (":" in term) == several] for several in (False, True))
    first = f"{listed(alone)} {'matters' if len(alone) == 1 else 'matter'}" if alone else "no factor is shown to matter"
    second = f"the pair {pairs[0]} interacts" if len(pairs) == 1 else f"the pairs {listed(pairs)} interact"
    return f"Averaged over the other factors, {first}; {second if pairs else 'no pair is shown to interact'}."


def term_name(term: str, factors: tuple[str, ...]) -> str:
    """Name a factor or a pair of factors in the study's words.

    Example:
        >>> term_name("f0:f1", ("dropout", "l2")), term_name("-f0:f1", ("dropout", "l2"))
        ('dropout × l2', '−dropout × l2')
    """
    sign = MINUS if term.startswith("-") else ""
    return sign + " × ".join(factors[int(name.removeprefix("f"))] for name in term.removeprefix("-").split(":"))


def sentences(analysis: Analysis) -> dict[str, str]:
    """Map each compared arm to its answer, in the order of the verdicts."""
    stages = interim.stages(analysis.results)
    return {row.arm: arm(row, analysis, stages.get(row.arm)) for row in analysis.verdicts.itertuples()}


def adjustment(analysis: Analysis) -> str:
    """Say what was done to the p-values that decide, for captions."""
    if interim.is_adaptive(analysis.results):
        return f"scaled so that {METHOD.alpha:g} is the boundary of the arm's interim analysis"
    arms, metrics = plural(len(analysis.verdicts), "arm"), len(analysis.results.study.get("metrics", ()))
    budgets = f" at {len(analysis.results.lengths)} budgets" if analysis.results.lengths else ""
    return f"adjusted by gatekeeping over {arms} and {metrics} metrics" if metrics else f"{METHOD.adjusted} over {arms}{budgets}"


def study(verdicts: pd.DataFrame, unit: Unit, phrases: Mapping[str, tuple[str, str]] = PHRASES, noun: tuple[str, str] = CHANGES) -> str:
    """Return the study's answer: how many of its changes help, hurt, make no difference, or are still open.

    Args:
        verdicts: the verdict table, the most helpful first.
        unit: how the metric is shown.
        phrases: verdict -> how it is told of one and of several.
        noun: what was judged, one and several.
    """
    if not len(verdicts):
        return "This study compares nothing: it has no arm beside its baseline."
    groups = {verdict: rows for verdict, rows in verdicts.groupby("verdict", sort=False)}
    parts = [_part(groups[verdict], words, unit) for verdict, words in phrases.items() if verdict in groups]
    if len(verdicts) == 1:
        return f"The one {noun[0]} {parts[0][2:]}."
    return f"Of {len(verdicts)} {noun[1]}, {'; '.join([*parts[:-1], 'and ' + parts[-1]]) if len(parts) > 1 else parts[0]}."


def _part(rows: pd.DataFrame, words: tuple[str, str], unit: Unit) -> str:
    """Return one verdict's share of the answer; those that help or hurt are named with their size, the largest first."""
    counted = f"{len(rows)} {words[len(rows) > 1]}"
    if rows["verdict"].iloc[0] not in (Verdict.HELPS, Verdict.HURTS):
        return counted
    order = rows.iloc[np.argsort(-rows["difference"].abs().to_numpy(float), kind="stable")]
    names = [f"{one_line(row.arm, 60)} ({wording.difference(row.difference, unit)})" for row in order.itertuples()]
    return f"{counted}: {listed(names)}"


def reached(row: Any, metric: Metric, unit: Unit) -> str:
    """Say what an arm scores by itself, for a study that compares nothing."""
    arm_, name = f"The arm {one_line(row.arm, 60)}", metric.name.replace("_", " ")
    if missing(row.mean):
        return f"{arm_} has no finished run yet."
    spread = "" if missing(row.sd) else f" (sd {wording.number(row.sd * unit.scale, unit.decimals)})"
    return f"{arm_} reaches a mean {name} of {wording.level(row.mean, unit)}{spread} over {plural(int(row.n), 'seed')}."


def arm(row: Any, analysis: Analysis, stage: Stage | None = None) -> str:
    """Return an arm's answer without its name: what happened, how sure that is, and at what price.

    Args:
        row: its row of the verdict table.
        analysis: of the study.
        stage: the declared interim analysis that judged it, where there is one.
    """
    found = _found(row, analysis.metric, unit_of(analysis.metric), analysis.margin)
    doubt = "" if how_judged(analysis.results) else _doubt(row)
    parts = [found, "" if stage is None else decided(stage, analysis.results), _price(row), _incomplete(row), doubt]
    return " ".join(part for part in parts if part)


def decided(stage: Stage, results: Results) -> str:
    """Say at which declared interim analysis an arm was judged for the last time."""
    word = "Decided" if stage.decided else "Undecided"
    of = "" if interim.spend_s(results) and not results.complete else f" of {len(interim.sizes(results))}"
    return f"{word} at interim analysis {stage.position}{of}, {plural(stage.seeds, 'seed')}."


def pilot(results: Results) -> str:
    """Say which seeds the verdicts are made of; nothing where every seed counts."""
    if not results.pilot:
        return ""
    new = len(results.study["seeds"]) - len(results.pilot)
    return (f"Judged on the {plural(new, 'new seed')}; {plural(len(results.pilot), 'earlier one')} had been judged before and served as "
            "pilot, for judging them again would find differences that are not there.")


def _found(row: Any, metric: Metric, unit: Unit, margin: float) -> str:
    name = metric.name.replace("_", " ")
    size = wording.difference(abs(row.difference) if not missing(row.difference) else None, unit, words=True).lstrip("+")
    evidence = (
        f"{METHOD.confidence} interval {wording.interval(row.low, row.high, unit)}, "
        f"{plural(int(row.n), 'seed')}" if not missing(row.n) else ""
    )
    signed = f"{wording.difference(row.difference, unit)} ({evidence})"
    against = f" against {one_line(row.against, 60)}" if row.against else ""
    if row.verdict in (Verdict.HELPS, Verdict.HURTS):
        verb = "raises" if row.difference > 0 else "lowers"
        sure = f"{evidence}, adjusted p {_equals(row.p_adjusted)}"
        return f"{row.verdict.capitalize()}{against}: it {verb} {name} by {size} ({sure})."
    if row.verdict == Verdict.EQUIVALENT:
        return f"No meaningful effect on {name}{against}: {signed}, within the margin of {wording.margin(margin, unit)}."
    if row.verdict == Verdict.INCONCLUSIVE and missing(row.seeds_needed):
        numbers, _, why = str(row.reason).partition(": ")
        return f"Inconclusive{against}: {f'{signed}; {sentence(why)}' if '[' in numbers and why else sentence(row.reason)}"
    if row.verdict == Verdict.INCONCLUSIVE:
        return (f"Inconclusive{against}: {signed}, too uncertain for a margin of {wording.margin(margin, unit)}; "
                f"about {plural(int(row.seeds_needed), 'new seed')} would decide.")
    return f"No verdict: {sentence(row.reason)}"


def _equals(p: Any) -> str:
    text = wording.probability(p)
    return text if text.startswith("<") else f"= {text}"


def _price(row: Any) -> str:
    """Return the cost, where it surely differs enough to matter."""
    ratio = row.step_ratio
    if missing(ratio) or missing(row.step_low) or (row.step_low <= 1 + NOTABLE and row.step_high >= 1 - NOTABLE):
        return ""
    if missing(row.step_ms):
        return f"A run takes {wording.ratio(ratio)} the time."
    return f"Training takes {wording.ratio(ratio)} the time per example."


def _incomplete(row: Any) -> str:
    told = [sentence(row.divergence)] if row.divergence else []
    runs = int(row.done + row.diverged + row.failed)
    told += [f"{row.failed} of {plural(runs, 'run')} failed."] if row.failed else []
    return " ".join(told)


def _doubt(row: Any) -> str:
    if row.control in (*DOUBTFUL, Control.INERT):
        return f"{row.control.capitalize()}: {sentence(row.control_text)}"
    return ""


def sentence(text: Any) -> str:
    """Return text that ends with a full stop.

    Example:
        >>> sentence("too few seeds"), sentence("Too few.")
        ('too few seeds.', 'Too few.')
    """
    text = one_line(text)
    return text if not text or text[-1] in ".!?" else text + "."


def place(results: Results) -> str:
    """Say what an answer begins with where the study is on several datasets: the one that it is about."""
    return f"On {one_line(results.study['dataset'], 60)}: " if results.study.get("datasets") else ""


def finished(results: Results) -> int:
    """Return how many runs have ended for good, at all budgets: with a score, or diverged."""
    if results.lengths:
        return sum(map(finished, results.lengths))
    return int(results.runs["status"].isin(FINAL).sum()) if len(results.runs) else 0


def partial(results: Results) -> str:
    """Say how far a study has come that is not complete, in a sentence."""
    return f"Partial: {finished(results)} of {plural(results.runs_planned, 'run')} have finished, so every number here may still change."


def notes(analysis: Analysis) -> Iterator[str]:
    """Yield what a reader must know before trusting the answer, one sentence each."""
    results = analysis.results
    if chosen := afterwards(analysis):
        yield chosen
    if screened := screening_note(results.study):
        yield screened
    if results.others:
        name, count = one_line(results.study["dataset"], 60), len(results.parts)
        yield f"All but the section Across datasets is about {name}, the first of {count} datasets; the others have reports of their own."
    waiting = [one_line(part.study["dataset"], 60) for part in results.others if not part.complete]
    if waiting:
        yield f"Partial: runs on {listed(waiting)} have not finished, so what is said across datasets may still change."
    if not results.complete:
        yield partial(results)
    if extended := pilot(results):
        yield extended
    if unseen := unpredicted(results):
        yield unseen
    failed = int((results.runs["status"] != Status.DONE).sum()) if len(results.runs) else 0
    if failed:
        lost = f"{plural(failed, 'run')} ended without a score"
        yield f"{lost}; each is listed with its reason under Runs, and none is counted as a number."
    yield from tested.uncontrolled(analysis)
    used = results.runs["environment"].dropna().loc[lambda text: text != ""].nunique() if len(results.runs) else 0
    if used > 1:
        yield f"The runs come from {used} different environments; see Environment for what differs."
    if machines := hardware.mixed(results):
        yield (f"The runs were trained on {len(machines)} kinds of machine ({listed(machines)}): their training times are not compared; "
               "training and inference times beside verdicts were measured on one machine.")
    if analysis.scope == Scope.THIS_TEST_SET and (about := claim(analysis)):
        yield about
