"""The tables of one case."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scipy.stats import ttest_ind

from benchmarks.decision.cases import Case, planned
from benchmarks.decision.estimates import Parts, Scores, moments
from benchmarks.decision.findings import Found, Ratios
from benchmarks.decision.required import Examples, equivalence_seeds, loop_equivalence_seeds, new_data_seeds
from benchmarks.decision.timing import DLBENCH, FINAL, LOOP, WAYS
from benchmarks.decision.wording import count, interval, over, ranged, table

MARGINS = (0.5, 1.0, 2.0)
LARGER = 2.0
WORDS = {LOOP: "Keras loop", FINAL: "dlbench, last epoch", DLBENCH: "dlbench"}


def heads(case: Case) -> list[str]:
    """Name the parts of a case's ratio, in their order."""
    return ["engine", "pairing", "averaged score", "its evaluations", "new data, folds" if case.folds else "new data", "looks"]


def section(one: Found, ratio: Ratios, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a case: what it is, spreads, seeds, the product, seconds, other margins, equivalence, and what is checked."""
    study = planned(one.case).study
    yield from (f"## {one.case.title}", "")
    yield (f"`{study.baseline.model.name}`, {study.baseline.budget.amount:g} epochs, batches of {study.baseline.training.batch_size};"
           f" {next(iter(one.arms.values())).tested} test examples a run{f', {one.case.folds} folds' if one.case.folds else ''}; averaged"
           f" over the last {one.evaluations} epochs. Margin: {100 * one.margin:g} points.")
    yield ""
    yield from _spreads(one)
    yield from _needed(one)
    yield from _product(one, ratio)
    yield from _times(one, data)
    yield from _margins(one)
    yield from _equivalences(one)
    yield from _scores(one, data)


def _spreads(one: Found) -> list[str]:
    rows = [[arm, *(f"{100 * value:.2f}" for value in (math.hypot(found.reference, found.arm), found.final, found.averaged, found.within,
                                                      math.sqrt(found.examples.variance)))] for arm, found in one.moments().items()]
    return ["Standard deviation over seeds of the difference between arm and baseline, points:", "", *table(
        ["arm", "independent seeds, last epoch", "paired, last epoch", "paired, averaged", "as dlbench decides", "of the test examples"],
        rows)]


def _needed(one: Found) -> list[str]:
    rows = []
    for arm, needed in one.seeds().items():
        beside = one.arms[arm]
        alone = "" if not one.case.folds else count(_one_part(one, beside))
        rows.append([arm, count(needed.loop), count(needed.paired), count(needed.averaged), *([alone] if one.case.folds else []),
                     count(needed.new_data), count(needed.looks)])
    alone = ["new data, one test part"] if one.case.folds else []
    name = "new data, folds" if one.case.folds else "new data"
    return ["Seeds per arm that find the margin with 80 % power:", "", *table(
        ["arm", "Keras loop, Welch", "paired", "and averaged", *alone, f"and {name}", "and looks (mean)"], rows)]


def _one_part(one: Found, scores: Scores) -> int | None:
    """Return the seeds for a claim about new data from the examples of one fold alone."""
    found = moments(scores)
    return new_data_seeds(found.averaged, Examples(found.examples.variance, scores.tested), one.margin)


def _product(one: Found, ratio: Ratios) -> list[str]:
    rows = []
    for arm, each in one.parts().items():
        cells = [f"{value:.2f}" for value in each] if each else ["–"] * len(Parts._fields)
        alone = f"{math.prod(each[:4]):.1f}" if each else "–"
        rows.append([arm, *cells, alone, f"**{ratio.of_arms[arm]:.1f}**" if each else "out of reach", interval(ratio.intervals[arm])])
    known = [each for each in one.parts().values() if each]
    alone = statistics.median(math.prod(each[:4]) for each in known) if known else math.nan
    rows.append(["*median*", *(f"{statistics.median(column):.2f}" for column in zip(*known)), f"{alone:.1f}", f"**{ratio.median:.1f}**",
                 interval(ratio.interval)])
    return ["What divides the time of a decision, part by part. In a row the parts multiply to \"times sooner\"; the first four, to the"
            " ratio of a claim about the one test part, without looks; medians do not multiply.", "",
            *table(["arm", *heads(one.case), "this test part", "times sooner", "95 % interval"], rows)]


def _times(one: Found, data: Mapping[str, Any]) -> list[str]:
    rows = [[WORDS[way], ranged(one.timed[way], 3), str(len(one.timed[way]))] for way in WAYS]
    needed, seconds = one.seeds(), one.seconds()
    starts = {way: statistics.median(start[way]["start_s"] for start in data["starts"]) for way in (LOOP, DLBENCH)}
    whole = [(2 * float(each.loop) * seconds[LOOP], 2 * float(each.looks) * seconds[DLBENCH])
             for each in needed.values() if each.loop and each.looks]
    lines = ["Seconds per run:", "", *table(["way", "median (range)", "rounds"], rows)]
    if whole:
        loop, ours = (statistics.median(column) for column in zip(*whole))
        lines += [f"A decision about one arm (two arms trained, medians): {loop:.0f} s by the loop, {ours:.1f} s by dlbench; with the"
                  f" start-up of one process ({starts[LOOP]:.1f} s and {starts[DLBENCH]:.1f} s), {loop + starts[LOOP]:.0f} s and"
                  f" {ours + starts[DLBENCH]:.0f} s: {(loop + starts[LOOP]) / (ours + starts[DLBENCH]):.1f} times sooner.", ""]
    return lines


def _margins(one: Found) -> list[str]:
    rows = []
    for factor in MARGINS:
        needed, ratios = one.seeds(factor).values(), [each.ratio if each else 0.0 for each in one.parts(factor).values()]
        rows.append([f"{100 * factor * one.margin:g}", over(each.loop for each in needed), over(each.looks for each in needed),
                     ranged(ratios, 1)])
    larger = [each.ratio if each else 0.0 for each in one.parts(effect=LARGER).values()]
    return ["Other margins, medians over arms (range; \"none is enough\" and 0.0: more test examples are needed):", "", *table(
        ["margin, points", "seeds, loop", "seeds, dlbench", "times sooner"], rows),
            f"Where the true difference is {LARGER:g} margins, and the study planned for one: {ranged(larger, 1)}"
            " times sooner.", ""]


def _equivalences(one: Found) -> list[str]:
    found, seconds = one.moments(), one.seconds()
    rows, ratios = [], []
    for arm, each in found.items():
        loop = loop_equivalence_seeds(each.reference, each.arm, one.margin)
        ours = equivalence_seeds(each.within, each.examples, one.margin)
        ratios.append(loop * seconds[LOOP] / (ours * seconds[DLBENCH]) if loop and ours else 0.0)
        rows.append([arm, count(loop), count(ours), f"{ratios[-1]:.1f}"])
    return ["The other decision, \"no meaningful effect\" where there is none, with 80 % power. dlbench excludes skewed differences too,"
            " and speaks of new examples, which two one-sided Welch tests do not:", "",
            *table(["arm", "seeds, loop", "seeds, dlbench", "times sooner"], rows),
            f"Median: {ranged(ratios, 1)} times sooner.", ""]


def _scores(one: Found, data: Mapping[str, Any]) -> list[str]:
    """Say whether the loop's networks score as dlbench's."""
    loop, ours = 100 * np.array(data["scores"][one.case.name]), 100 * next(iter(one.arms.values())).reference
    limits = ttest_ind(loop, ours, equal_var=False).confidence_interval()
    told = [f"{scores.mean():.2f} ± {scores.std(ddof=1):.2f} % in {where} ({len(scores)} runs)"
            for scores, where in ((loop, "the loop"), (ours, "the pilot"))]
    return [f"Baseline at the last epoch, mean ± standard deviation: {' and '.join(told)}; the loop minus the pilot, 95 % interval by"
            f" Welch: {limits.low:+.2f} to {limits.high:+.2f} points.", ""]
