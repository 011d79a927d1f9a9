"""Judges the real trainings of :mod:`benchmarks.error_rates.real` against what the images outside of their worlds tell."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.error_rates.document import markdown
from dlbench.stats.crossed import THIS_TEST_SET, ExamplePart, by_fold, crossed_t, crossed_tost, example_part, half_width, over_folds
from dlbench.stats.equivalence import objection
from dlbench.stats.method import METHOD, Rule

TEST, FOLDS = 250, 3
SEEDS = (6, 12)
SCOPES = {"this test set": "fixed", "new data": "fixed", "new data, folds": "folds"}
NEEDED = (0.93, 0.97)


class Side(NamedTuple):
    """The runs of an arm in a world: what each seed has right of each tested example, [24, 250], and of the images outside, [24]."""

    own: np.ndarray
    outside: np.ndarray


def sides(file, layout, averaged):
    """Read a world's arms, the baseline first, with the score that is averaged over epochs, or that of the last one."""
    with np.load(file) as kept:
        if averaged:
            own, outside = kept[f"{layout}_rights"] / int(kept["evaluations"]), kept[f"{layout}_outside"]
        else:
            own, outside = np.unpackbits(kept[f"{layout}_last"], axis=-1, count=TEST), kept[f"{layout}_outside_last"]
    return [Side(*pair) for pair in zip(own.astype(float), outside.astype(float))]


def judged(arm, baseline, seeds, scope):
    """Judge an arm on some of its seeds; return whether its interval covers the truth, two false claims, and the interval's half-width.

    The truth is a mean over the other seeds, on the images outside or, for a claim about one test set, on its examples; since it is one,
    the part of the seeds is widened by its error. The margin is the size of the true effect, so that any equivalence is false.
    """
    others = np.setdiff1d(np.arange(len(arm.own)), seeds)
    here, outside = arm.own.mean(axis=1) - baseline.own.mean(axis=1), arm.outside - baseline.outside
    d, truth = here[seeds], (here if scope == "this test set" else outside)[others].mean()
    part = THIS_TEST_SET if scope == "this test set" else _part(arm, baseline, seeds, FOLDS if "folds" in scope else 0)
    found = crossed_t(d, METHOD.alpha, part)
    widened = found.sd * math.sqrt(1 / len(seeds) + 1 / len(others))
    covered = abs(found.difference - truth) <= half_width(METHOD.alpha / 2, widened, len(seeds), part)
    rule = Rule(max(abs(truth), 1e-9), unit="fraction")
    tested = (len({seed % FOLDS for seed in seeds}) if "folds" in scope else 1) * TEST
    equal = crossed_tost(d, rule.margin, part) < METHOD.alpha and not objection(d, rule, tested, part)
    return covered, found.p < METHOD.alpha, equal, found.high - found.difference


def _part(arm, baseline, seeds, folds):
    parts = [(len(of_fold), example_part(arm.own[of_fold], baseline.own[of_fold]) if len(of_fold) > 1 else ExamplePart(0.0, TEST))
             for of_fold in by_fold(seeds, folds)]
    return over_folds(parts)


def rates(files, arms):
    """Table of coverage and false claims by scope, score and number of seeds, each with its Monte Carlo interval over worlds."""
    rows = []
    for scope, layout in SCOPES.items():
        for averaged in (True, False):
            worlds = [sides(file, layout, averaged) for file in files]
            for n in SEEDS:
                found = np.array([[[judged(arm, world[0], np.arange(first, first + n), scope) for first in range(0, len(arm.own), n)]
                                   for arm in world[1:]] for world in worlds], float)
                alike = [place for place, arm in enumerate(arms) if arm.startswith("A/A")]
                differ = [place for place in range(len(arms)) if place not in alike]
                rows.append((scope, "mean of the last quarter" if averaged else "last epoch", n, over_worlds(found[..., 0]),
                             over_worlds(found[..., 1][:, alike]), over_worlds(found[..., 2][:, differ]), 100 * found[..., 3].mean()))
    return pd.DataFrame(rows, columns=["scope", "score", "seeds", "coverage", "false helps or hurts", "false equivalence", "half-width"])


def over_worlds(values):
    """Return the mean of values, worlds first, with the limits of its 95 % interval over worlds, in [0, 1]."""
    means = values.reshape(len(values), -1).mean(axis=1)
    half = float(stats.t.ppf(0.975, len(means) - 1)) * means.std(ddof=1) / math.sqrt(len(means))
    return float(means.mean()), max(0.0, means.mean() - half), min(1.0, means.mean() + half)


def effects(files, arms):
    """Table of the true effects of the arms: their mean over worlds and its spread, in points, and the spread over seeds of one world."""
    rows = []
    for place, arm in enumerate(arms, start=1):
        d = np.array([(world[place].outside - world[0].outside) for world in (sides(file, "fixed", True) for file in files)])
        rows.append((arm, 100 * d.mean(), 100 * d.mean(axis=1).std(ddof=1), 100 * np.sqrt(d.var(axis=1, ddof=1).mean())))
    return pd.DataFrame(rows, columns=["arm", "true effect", "sd over worlds", "sd over seeds"])


def _range(value):
    mean, low, high = value
    return f"{mean:.1%} ({low:.1%} to {high:.1%})"


def document(folder, arms, machine):
    """Markdown of the calibration; a requirement that is not met is written as such.

    Args:
        folder: of the worlds' records.
        arms: their names, the baseline left out.
        machine: that trained.
    """
    files = sorted(folder.glob("world-??.npz"))
    table = rates(files, arms)
    claimed = table[(table["score"] == "mean of the last quarter")]
    lines = [f"{row.scope}, {row.seeds} seeds: coverage {row.coverage[0]:.1%}, needed {NEEDED[0]:.0%} to {NEEDED[1]:.0%}"
             for row in claimed.itertuples() if not _compatible(row.coverage)]
    lines += [f"{row.scope}, {row.seeds} seeds: {name} {value[0]:.1%}, needed at most {METHOD.error}" for row in claimed.itertuples()
              for name, value in (("false helps or hurts", row[5]), ("false equivalence", row[6])) if value[1] > METHOD.alpha]
    return "\n".join([
        "# Calibration of the verdicts on real trainings", "",
        "Command: `python -m benchmarks.error_rates.real --data-dir DIR` (without `--data-dir`: the tables alone, from the records in"
        " `reports/calibration/`)  ",
        f"n: {len(files)} worlds, {len(arms)} arms and a baseline, 24 seeds with one test part and 24 with folds  ",
        f"Machine: {machine}", "",
        f"MNIST at 14 by 14 pixels is cut into {len(files)} disjoint worlds of 750 examples. A small convolutional network trains on 500 of"
        " them for 10 epochs and is tested on 250; with folds (3), seed s is tested on the 250 of fold s mod 3 and trains on the others."
        " Each study has 6 or 12 of the 24 seeds. The truth of its world is the mean over the others, on 10,000 images outside"
        " of all worlds; for a claim about this test set, on its 250. In brackets: 95 % Monte Carlo intervals over worlds.", "",
        *markdown(effects(files, arms), dict.fromkeys(["true effect", "sd over worlds", "sd over seeds"], "{:+.2f}".format)),
        "Points of accuracy.", "",
        "## Coverage and false claims", "",
        "Coverage: of the 95 % interval, which the error of the truth widens. False helps or hurts: of the two A/A arms, which have"
        " no effect. False equivalence: of the others, at a margin that is the true effect itself. Half-width: of the interval,"
        " in points.", "",
        *markdown(table, dict.fromkeys(["coverage", "false helps or hurts", "false equivalence"], _range)
                  | {"half-width": "{:.2f}".format}),
        *([f"**NOT MET**: {line}\n" for line in lines]
          or [f"**Met**: no coverage differs from {NEEDED[0]:.0%} to {NEEDED[1]:.0%}, and no error from at most {METHOD.error}, by more"
              " than Monte Carlo error.", ""]),
    ]).rstrip() + "\n"


def _compatible(coverage):
    return coverage[2] >= NEEDED[0] and coverage[1] <= NEEDED[1]
