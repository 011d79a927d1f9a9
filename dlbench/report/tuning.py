"""Fair tuning in the report: the comparison at default and tuned side by side, the trials, and what role each field had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dlbench.analysis import Analysis
from dlbench.report import answers, wording
from dlbench.report.arms import ComparedArm, compared_arms
from dlbench.report.plain import one_line_of
from dlbench.report.textual import Section, Table
from dlbench.report.wording import unit_of
from dlbench.stats.method import METHOD
from dlbench.store.results import Tuning
from dlbench.values.recipe import TRAITS, flatten, from_dict
from dlbench.values.text import listed, one_line, plain, plural

STATED = tuple(path for path, known in TRAITS.items() if known.stated)
"""Fields that a reader asks about even where a study leaves them at their defaults."""


def tuning(analysis: Analysis) -> Section | None:
    """The section on tuning; None for a study that tunes nothing.

    Args:
        analysis: of the comparison at default.
    """
    found = analysis.results.tuning
    if found is None:
        return None
    tuned = analysis.tuned
    tables = [_side_by_side(analysis, tuned, found), _trials(found), _failures(tuned), _roles(analysis, found)]
    return Section("tuning", "Tuning", tuple(_paragraphs(analysis, tuned, found)), tuple(table for table in tables if table.rows))


def _paragraphs(analysis: Analysis, tuned: Analysis | None, found: Tuning) -> Iterator[str]:
    fields, seeds = listed(found.nuisance, most=12), found.seeds
    span = f"{seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"{seeds[0]}"
    yield (
        f"{fields} {'is' if len(found.nuisance) == 1 else 'are'} tuned for every arm and its reference alike: the same settings on "
        f"the same {plural(len(seeds), 'seed')} ({span}), chosen by mean {found.metric.name.replace('_', ' ')}, ties to the "
        "first. The comparison is made on the study's own seeds, on which nothing was chosen."
    )
    yield (
        f"There are two families of verdicts, each {METHOD.adjusted} on its own: at default, every arm at the baseline's settings; "
        "tuned, every arm and its reference at the settings that their own trials chose."
    )
    yield f"At default: {answers.answer(analysis)}"
    yield f"Tuned: {answers.answer(tuned)}" if tuned is not None else "Tuned: no arm has chosen its setting yet."
    yield from _remarks(analysis, tuned, found)


def _remarks(analysis: Analysis, tuned: Analysis | None, found: Tuning) -> Iterator[str]:
    """What must be known before the tuned verdicts are trusted."""
    for path in found.nuisance:
        own = [arm for arm, setting in zip(found.trials["arm"], found.trials["setting"]) if path not in setting]
        if own:
            yield f"{path} is what these arms change, so it is scientific there and not tuned: {_names(own)}."
    chosen = set(found.trials.loc[found.trials["chosen"].astype(bool), "arm"])
    waiting = [arm for arm in analysis.results.arms["arm"] if arm not in chosen]
    if waiting:
        yield f"Without a choice, for their trials have not all ended or no setting completed on every tuning seed: {_names(waiting)}."
    for path, arms in _edges(found).items():
        yield f"The best value of {path} lies at an end of those tried, so a wider range may do better, for: {_names(arms)}."
    if tuned is not None and not tuned.results.complete:
        yield "Partial: the tuned comparison has runs that have not finished, so its numbers may still change."


def _names(arms: list[str]) -> str:
    return listed(list(dict.fromkeys(one_line(arm, 60) for arm in arms)), most=12)


def _edges(found: Tuning) -> dict[str, list[str]]:
    """Field -> the arms whose chosen value is the smallest or largest of at least three tried."""
    edges: dict[str, list[str]] = {}
    for path in found.nuisance:
        tried = {setting[path] for setting in found.trials["setting"] if path in setting}
        for row in found.trials[found.trials["chosen"].astype(bool)].itertuples():
            if len(tried) > 2 and row.setting.get(path) in (min(tried), max(tried)):
                edges.setdefault(path, []).append(row.arm)
    return edges


def setting_words(setting: Mapping[str, Any]) -> str:
    """A setting as text.

    Example:
        >>> setting_words({"training.learning_rate": 0.001, "training.batch_size": 32})
        'learning_rate 0.001, batch_size 32'
    """
    return ", ".join(f"{path.rpartition('.')[2]} {plain(value)}" for path, value in setting.items()) or "its own"


def _side_by_side(analysis: Analysis, tuned: Analysis | None, found: Tuning) -> Table:
    after = {arm.arm: arm for arm in compared_arms(tuned)} if tuned is not None else {}
    chosen = {row.arm: setting_words(row.setting) for row in found.trials.itertuples() if row.chosen}
    body = [
        (row.arm, *_told(row), chosen.get(row.arm, wording.NOTHING), chosen.get(row.reference, wording.NOTHING),
         *(_told(after[row.arm]) if row.arm in after else (wording.NOTHING,) * 3),
         after[row.arm].control.text if row.arm in after else wording.NOTHING)
        for row in compared_arms(analysis)
    ]
    unit = unit_of(analysis.metric)
    caption = (
        f"Differences in {analysis.metric.name.replace('_', ' ')} to the reference, in {unit.difference}, with "
        f"{METHOD.interval}s; "
        f"p: {METHOD.test.short}, {METHOD.adjusted} over the {len(body)} arms of each family."
    )
    headers = ("Arm", f"At default, {unit.short}", "p at default", "Verdict at default", "Its setting", "Its reference's setting",
               f"Tuned, {unit.short}", "p tuned", "Verdict tuned", "Tuned, controlled")
    return Table("tuned-table", caption, headers, tuple(body))


def _told(arm: ComparedArm) -> tuple[str, str, str]:
    return one_line_of(arm.difference), arm.p.text, arm.verdict


def _trials(found: Tuning) -> Table:
    unit = wording.unit_of(found.metric)
    body = [
        (row.arm, setting_words(row.setting), wording.level(row.mean, unit), f"{row.n} of {row.planned}", "chosen" if row.chosen else "")
        for row in found.trials.itertuples() if row.setting
    ]
    caption = "Every trial. A setting of which a run diverged does not compete."
    score = f"Mean {found.metric.name.replace('_', ' ')}"
    return Table("trial-table", caption, ("Arm", "Setting", score, "Seeds", "Choice"), tuple(body))


def _failures(tuned: Analysis | None) -> Table:
    lost = tuned.failures.to_dict("records") if tuned is not None else []
    body = tuple((row["arm"], str(row["seed"]), row["status"], row["reason"] or "no reason was recorded") for row in lost)
    return Table("tuned-failures", "Runs of the tuned comparison that ended without a score.", ("Arm", "Seed", "Status", "Reason"), body)


def _roles(analysis: Analysis, found: Tuning) -> Table:
    """Which fields the arms changed, which were tuned, and which were the same for all."""
    arms, tried = analysis.results.arms, [row.setting for row in found.trials.itertuples()]
    changed: dict[str, list[str]] = {}
    for row in arms.itertuples():
        for path in row.changes:
            changed.setdefault(path, []).append(row.arm)
    body = [(path, "scientific", f"changed by {_names(names)}") for path, names in changed.items()]
    for path in found.nuisance:
        values = list(dict.fromkeys(setting[path] for setting in tried if path in setting))
        body.append((path, "nuisance", f"tried {listed([plain(value) for value in values], most=12)}"))
    recipe = arms["recipe"].iloc[0]
    flat = flatten(from_dict(recipe))
    for path in dict.fromkeys((*STATED, *recipe)):
        if path not in changed and path not in found.nuisance and flat[path] is not None:
            body.append((path, "fixed", plain(flat[path])))
    caption = "Scientific: what arms change. Nuisance: tuned for each arm by itself. Fixed: the same for all."
    return Table("role-table", caption, ("Field", "Role", "Value"), tuple(body))
