"""The report, from the records of pilots and rounds alone."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.decision.findings import Found, Judged, Ratios
from benchmarks.decision.sections import WORDS, heads, section
from benchmarks.decision.timing import LOOP, LOOP_SEEDS, SEEDS
from benchmarks.decision.wording import interval, ranged, table

FEWEST_ROUNDS = 3
QUIET = 0.7
"""Load of the machine, in processes that want to run, up to which a timing counts as taken alone."""
UNSTEADY = 0.15
LEAST_SEEDS = 2
QUESTION = [
    "How long does it take to find out whether a change to a small network matters? A Keras loop trains both arms with seeds of their own,"
    " scores each run after its last epoch and takes Welch's test. dlbench pairs the arms by seed, scores each run by the mean of its last"
    " evaluations, tests other examples with other seeds where data is scarce (folds), and may stop early (looks). The decision is the"
    " same: a true difference as large as the margin is found with 80 % power at 5 %. **The time of a decision is the seeds that it needs,"
    " times the seconds per run.** dlbench's claim is the larger one: it holds for new test examples, the loop's for the one test part"
    " that it has.", ""]

METHOD = [
    "## How it is measured", "",
    "- *Seeds of the loop*: `TTestIndPower` of statsmodels, from both arms' standard deviations over seeds at the last epoch. Those of"
    " dlbench: `dlbench.stats.power`, from the paired differences; with folds in whole rounds of them. Fewer seeds than two, or than"
    " one round of folds, are none, so small numbers are coarse.",
    "- *Looks* are after half, three quarters and all of the seeds, with the boundaries of `dlbench.stats.sequential`; the last is as late"
    " as it must be for 80 % power, by simulation. Shown is the mean number of seeds where the true difference is one margin. They are"
    " declared where that is fewer than without; else the number stays.",
    "- *Seconds per run*: two processes that stay alive, a Keras loop (build, compile, `fit`, `evaluate`) on all cores, and dlbench"
    " (`dlbench.run`: preparation, tracing, training, evaluations, hashes, store and verdicts) with one worker a core. They take turns;"
    " shown are medians over rounds with their range. Same arrays, model, batch, epochs and optimizer; oneDNN on. *Engine* compares runs"
    " that are scored once, on the same test part; what averaged scores and folds cost is the part *its evaluations*.",
    f"- A block of the loop has {LOOP_SEEDS * 2} runs, one of dlbench {SEEDS} seeds of a baseline and three arms: what it prepares for a"
    " study is shared by its runs, so that larger studies take less per run.",
    "- *Intervals*: seeds are resampled, the same for all arms (within folds), and rounds with them; 95 % percentile intervals.",
    "- The parts multiply to the ratio. A part below 1 is a price. Start-up (imports) is left out of them and shown beside."]


def document(judged: Judged, data: Mapping[str, Any]) -> str:
    """Return the whole report as Markdown.

    Args:
        judged: cases with their ratios.
        data: starts and machine of :class:`benchmarks.decision.timing.Timing`.
    """
    cases, ratios = [one for one, _ in judged], {one.case.name: ratio for one, ratio in judged}
    count = len(cases[0].timed[LOOP])
    head = ["# Time to the same decision", "",
            "Command: `python -m benchmarks.decision` (pilots, then interleaved rounds, then this page; resumes)  ",
            f"n: {len(next(iter(cases[0].arms.values())).arm)} seeds per arm in each pilot, {count} rounds,"
            f" {judged[0][1].resamples} resamples per interval  ",
            f"Machine: {data['machine']['cpu']}, {data['machine']['cores']} logical cores", "", *_load(data, count), *QUESTION]
    goals = table(["case", "wanted", "median of five arms (range)", "95 % interval of the median", "met"],
                   [_goal(one, ratios[one.case.name]) for one in cases])
    sections = [line for one in cases for line in section(one, ratios[one.case.name], data)]
    short = [f"- {line}" for one in cases for line in _short(one, ratios[one.case.name])] or ["Nothing that was measured."]
    return "\n".join([*head, *goals, *sections, "## What fell short", "", *short, "", *METHOD]) + "\n"


def _load(data: Mapping[str, Any], count: int) -> list[str]:
    loads = [start["load"] for start in data["starts"]]
    lines = []
    if max(loads) > QUIET:
        lines += [f"**The machine was not quiet: load {max(loads):g} before the rounds. The seconds below, and all ratios, are those of"
                  " a try.**", ""]
    if count < FEWEST_ROUNDS:
        lines += [f"**Rounds: {count}, fewer than {FEWEST_ROUNDS}.**", ""]
    return lines


def _goal(one: Found, ratio: Ratios) -> list[str]:
    met = "yes" if ratio.median >= one.case.goal else "**no**"
    return [one.case.title, f"at least {one.case.goal:g}", ranged(ratio.of_arms.values()), interval(ratio.interval), met]


def _short(one: Found, ratio: Ratios) -> Iterator[str]:
    if ratio.median < one.case.goal:
        medians = zip(heads(one.case), zip(*filter(None, one.parts().values())))
        told = ", ".join(f"{name} {statistics.median(values):.2f}" for name, values in medians)
        yield (f"{one.case.title}: {ratio.median:.1f} times sooner ({interval(ratio.interval)}), and at least {one.case.goal:g} was wanted."
               f" Medians of its parts: {told}.")
        yield from _coarse(one)
    for arm, value in ratio.of_arms.items():
        if not value:
            yield f"{one.case.title}, {arm}: the margin is out of dlbench's reach with these test examples."
    for way, values in one.timed.items():
        if max(values) > (1 + UNSTEADY) * min(values):
            yield (f"{one.case.title}: the seconds per run of {WORDS[way]} varied from {min(values):.3f} to {max(values):.3f} between"
                   " rounds: the machine was not steady.")


def _coarse(one: Found) -> Iterator[str]:
    least = one.case.folds or LEAST_SEEDS
    few = [arm for arm, needed in one.seeds().items() if needed.new_data == least]
    if few:
        yield (f"{one.case.title}: {', '.join(few)}: {least} seeds are enough, and fewer cannot be had"
               f"{': each fold is tested once' if one.case.folds else ''}. A smaller margin tells the ways further apart.")


def headline(judged: Judged) -> str:
    """Return the row of the README, with its n."""
    said = [f"{ratio.median:.1f} times ({interval(ratio.interval)})" for _, ratio in judged]
    n = len(next(iter(judged[0][0].arms.values())).arm)
    return ("| How soon is it decided? | Pairs, averaged scores, folds and looks need fewer seeds, the engine less time for each |"
            f" The same decision sooner than by a Keras loop: {said[0]} on digits, {' and '.join(said[1:])} on MNIST subsets,"
            f" median of five arms, n = {n} seeds, [`tox run -e decision`](reports/decision.md) |")
