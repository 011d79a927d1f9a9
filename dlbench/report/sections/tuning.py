"""Tuning: the comparison at default and tuned side by side, the trials, and what role each field has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dlbench.analysis import Analysis, tuning
from dlbench.report import answers
from dlbench.report.arms import ComparedArm, compared_arms
from dlbench.report.document import Block, Section, Shown, Text, named, text_tables
from dlbench.report.plain import one_line_of
from dlbench.report.wording import NOTHING, level, unit_of
from dlbench.stats.method import METHOD
from dlbench.store.results import Tuning
from dlbench.values.text import listed, plain, plural


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield both families of verdicts, the trials, failures and roles; nothing for a study that tunes nothing."""
    found = analysis.results.tuning
    if found is not None:
        yield from map(Text, _paragraphs(analysis, found))
        yield from text_tables("Tuning", _side_by_side(analysis, found), _trials(found), _failures(analysis.tuned), _roles(analysis, found))


def _paragraphs(analysis: Analysis, found: Tuning) -> Iterator[str]:
    fields, seeds = listed(found.nuisance, most=12), found.seeds
    span = " to ".join(str(seed) for seed in dict.fromkeys((seeds[0], seeds[-1])))
    yield (f"{fields} {'is' if len(found.nuisance) == 1 else 'are'} tuned for every arm and its reference alike: the same settings on "
           f"the same {plural(len(seeds), 'seed')} ({span}), chosen by mean {found.metric.name.replace('_', ' ')}, ties to the "
           "first. The comparison is made on the study's own seeds, on which nothing was chosen.")
    yield (f"There are two families of verdicts, each {METHOD.adjusted} on its own: at default, every arm at the baseline's settings; "
           "tuned, every arm and its reference at the settings that their own trials chose.")
    yield f"At default: {answers.answer(analysis)}"
    yield f"Tuned: {answers.answer(analysis.tuned)}" if analysis.tuned is not None else "Tuned: no arm has chosen its setting yet."
    yield from _remarks(analysis, found)


def _remarks(analysis: Analysis, found: Tuning) -> Iterator[str]:
    """Say what must be known before the tuned verdicts are trusted."""
    for path, arms in tuning.untuned(found).items():
        yield f"{path} is what these arms change, so it is scientific there and not tuned: {named(arms)}."
    if waiting := tuning.waiting(analysis.results, found):
        yield f"Without a choice, for their trials have not all ended or no setting completed on every tuning seed: {named(waiting)}."
    for path, arms in tuning.edges(found).items():
        yield f"The best value of {path} lies at an end of those tried, so a wider range may do better, for: {named(arms)}."
    if analysis.tuned is not None and not analysis.tuned.results.complete:
        yield "Partial: the tuned comparison has runs that have not finished, so its numbers may still change."


def setting_words(setting: Mapping[str, Any]) -> str:
    """Return a setting as text.

    Example:
        >>> setting_words({"training.learning_rate": 0.001, "training.batch_size": 32})
        'learning_rate 0.001, batch_size 32'
    """
    return ", ".join(f"{path.rpartition('.')[2]} {plain(value)}" for path, value in setting.items()) or "its own"


def _side_by_side(analysis: Analysis, found: Tuning) -> Shown:
    after = {arm.arm: (*_told(arm), arm.control.text) for arm in (compared_arms(analysis.tuned) if analysis.tuned is not None else ())}
    settings = {row.arm: setting_words(row.setting) for row in tuning.chosen(found).itertuples()}
    rows = [(row.arm, *_told(row), settings.get(row.arm, NOTHING), settings.get(row.reference, NOTHING),
             *after.get(row.arm, (NOTHING,) * 4)) for row in compared_arms(analysis)]
    unit = unit_of(analysis.metric)
    caption = (f"Differences in {analysis.metric.name.replace('_', ' ')} to the reference, in {unit.difference}, with {METHOD.interval}s; "
               f"p: {METHOD.test.short}, {METHOD.adjusted} over the {len(rows)} arms of each family.")
    headers = ("Arm", f"At default, {unit.short}", "p at default", "Verdict at default", "Its setting", "Its reference's setting",
               f"Tuned, {unit.short}", "p tuned", "Verdict tuned", "Tuned, controlled")
    return "tuned-table", caption, headers, rows


def _told(arm: ComparedArm) -> tuple[str, str, str]:
    return one_line_of(arm.difference), arm.p.text, arm.verdict


def _trials(found: Tuning) -> Shown:
    rows = [(row.arm, setting_words(row.setting), level(row.mean, unit_of(found.metric)), f"{row.n} of {row.planned}",
             "chosen" if row.chosen else "") for row in found.trials.itertuples() if row.setting]
    headers = ("Arm", "Setting", f"Mean {found.metric.name.replace('_', ' ')}", "Seeds", "Choice")
    return "trial-table", "Every trial. A setting of which a run diverged does not compete.", headers, rows


def _failures(tuned: Analysis | None) -> Shown:
    rows = [(row.arm, str(row.seed), row.status, row.reason or "no reason was recorded")
            for row in (tuned.failures.itertuples() if tuned is not None else ())]
    caption = "Runs of the tuned comparison that ended without a score."
    return "tuned-failures", caption, ("Arm", "Seed", "Status", "Reason"), rows


def _roles(analysis: Analysis, found: Tuning) -> Shown:
    """Return which fields the arms changed, which were tuned, and which were the same for all."""
    words = {"scientific": lambda arms: f"changed by {named(arms)}", "fixed": lambda values: plain(values[0]),
             "nuisance": lambda values: f"tried {listed([plain(value) for value in values], most=12)}"}
    rows = [(path, role, words[role](values)) for path, role, values in tuning.roles(analysis.results, found)]
    caption = "Scientific: what arms change. Nuisance: tuned for each arm by itself. Fixed: the same for all."
    return "role-table", caption, ("Field", "Role", "Value"), rows


SECTION = Section("tuning", "Tuning", build)
