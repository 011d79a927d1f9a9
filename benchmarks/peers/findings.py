"""What fell short, in plain words, computed from the raw rounds."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from benchmarks.peers.contestants import OURS
from benchmarks.peers.ratios import FEWEST_SEEDS, GOALS, Goal, Spread, accuracy, differs, done, parts_of, ratio, spread

UNSTEADY = 0.1
"""A peer whose wall time varies by more than this share between rounds is named."""

EXPECTED_ROUNDS = 3


def short_of(part: dict[str, Any], titles: dict[str, str]) -> Iterator[str]:
    """One sentence for each goal that was missed or not measured, and for whatever weakens the comparison.

    Args:
        part: of a case.
        titles: peer -> its name in the report.
    """
    name = part["case"]["name"]
    if part["case"]["limited"]:
        yield f"{name}: arms, seeds or epochs were left out, so the goals say nothing here."
    else:
        yield from _goals(part)
        yield from _weak(part, titles)
    for peer, reason in part["skipped"].items():
        yield f"{name}: {titles[peer]} was left out: {reason}."
    for entry in part["rounds"]:
        if entry["status"] != "done":
            yield f"{name}: {titles[entry['peer']]} failed in round {entry['round'] + 1}: {entry['reason']}."
    yield from _unequal(part, titles)


def _goals(part: dict[str, Any]) -> Iterator[str]:
    for goal in GOALS:
        if goal.case == part["case"]["name"]:
            found = goal.measure(part)
            if found is None:
                yield f"{goal.case}: {goal.text}: not measured."
            elif not goal.met(found):
                yield _missed(goal, found) + (_largest(part) if goal.text == "overhead" else "")


def _missed(goal: Goal, found: Spread) -> str:
    bar = "at most" if goal.at_most else "at least"
    if goal.share:
        return f"{goal.case}: {goal.text}: {100 * found.median:.1f} %, and {bar} {100 * goal.wanted:.0f} % was wanted."
    range_of = f"{found.low:.2f} to {found.high:.2f}"
    return f"{goal.case}: {goal.text}: {found.median:.2f} times faster ({range_of}), and {bar} {goal.wanted:g} was wanted."


def _largest(part: dict[str, Any]) -> str:
    shares = [list(parts_of(entry).items())[3:] for entry in done(part, "dlbench").values()]
    medians = {name: statistics.median(dict(share)[name] for share in shares) for name, _ in shares[0]}
    worst = max(medians, key=medians.get)
    return f" Its largest part: {worst}, {100 * medians[worst]:.1f} %."


def _weak(part: dict[str, Any], titles: dict[str, str]) -> Iterator[str]:
    name = part["case"]["name"]
    walls = {peer: spread(entry["wall_s"] for entry in done(part, peer).values()) for peer in titles if peer != "sgemm"}
    if few := [titles[peer] for peer, found in walls.items() if found and found.rounds < EXPECTED_ROUNDS]:
        yield f"{name}: measured in fewer than {EXPECTED_ROUNDS} rounds: {', '.join(few)}."
    for peer, found in walls.items():
        if found and found.high > (1 + UNSTEADY) * found.low:
            yield (f"{name}: the wall time of {titles[peer]} varied from {found.low:.1f} to {found.high:.1f} s between rounds: "
                   "the machine was not steady.")
    if len(part["case"]["seeds"]) < FEWEST_SEEDS:
        yield f"{name}: accuracies are means over {len(part['case']['seeds'])} seeds, too few to say whether they differ."
    sources = {entry["versions"]["source"] for entry in done(part, "dlbench").values()}
    if len(sources) > 1:
        yield f"{name}: dlbench's source changed between rounds ({len(sources)} versions)."


def _unequal(part: dict[str, Any], titles: dict[str, str]) -> Iterator[str]:
    name, ours = part["case"]["name"], done(part, "dlbench")
    for peer, title in titles.items():
        theirs = done(part, peer)
        if peer in ("dlbench", "sgemm") or not (ours and theirs):
            continue
        found = ratio(part, peer)
        if peer not in OURS and found and found.median < 1:
            yield f"{name}: {title} was faster than dlbench: it took {found.median:.2f} times dlbench's time."
        first, own = (next(iter(entries.values())) for entries in (theirs, ours))
        if first["steps"] != own["steps"]:
            yield f"{name}: {title} took {first['steps']:,} optimizer steps, dlbench {own['steps']:,}: one of them trained longer."
        if part["case"].get("sampled") and first["evaluated"] != own["evaluated"]:
            yield (f"{name}: {title} evaluated {first['evaluated']:,} examples, dlbench {own['evaluated']:,}: "
                   "one of them evaluated more often.")
        yield from _accuracy(part, peer, title)


def _accuracy(part: dict[str, Any], peer: str, title: str) -> Iterator[str]:
    ours, theirs = accuracy(part, "dlbench"), accuracy(part, peer)
    for arm, values in ours.items():
        if differs(values, theirs[arm]):
            points = 100 * (statistics.fmean(theirs[arm]) - statistics.fmean(values))
            word = "higher" if points > 0 else "lower"
            yield (f"{part['case']['name']}: '{arm}' scores {abs(points):.2f} points {word} in {title} than in dlbench, "
                   "more than three standard errors.")
