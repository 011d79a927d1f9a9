"""The report of the simulations, with each requirement judged by the numbers beside it."""

import math

from dlbench.stats.method import METHOD

PERCENT = "{:.1%}".format
COVERAGE_RANGE = (0.93, 0.97)
MOST_SHARE = 0.6


def document(tables, studies, seed, machine):
    """Markdown of all tables; a requirement that is not met is written as such."""
    error = math.sqrt(METHOD.alpha * (1 - METHOD.alpha) / studies)
    limit = METHOD.alpha + 3 * error
    return "\n".join([
        "# Error rates of the verdicts, by simulation", "",
        f"Command: `python -m benchmarks.error_rates --studies {studies} --seed {seed}`  ",
        f"n: {studies} simulated studies per row unless a table says otherwise  ",
        f"Machine: {machine}", "",
        f"The Monte Carlo standard error of a true {METHOD.error} is {error:.2%} here; \"at most {METHOD.error}\" is read as at most"
        f" {limit:.2%} (three of them). The simulation judges all studies of a row at once; a test shows that it gives the verdicts"
        " of `compare` and, look by look, of `judge_interim` exactly.", "",
        *_coverage(tables["coverage"], studies), *_errors(tables["errors"], limit), *_without(tables["without"]),
        *_savings(tables["savings"]), *_crossed(tables["crossed"], studies)]) + "\n"


def markdown(table, formats):
    """Markdown table; columns named in ``formats`` are formatted, the others written as they are."""
    rows = [[formats.get(name, str)(value) for name, value in zip(table.columns, row, strict=True)]
            for row in table.itertuples(index=False, name=None)]
    lines = [list(table.columns), ["---"] * len(table.columns), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines] + [""]


def _verdict(met, requirement):
    return [f"**{'Met' if met else 'NOT MET'}**: {requirement}", ""]


def _coverage(table, studies):
    t = table.loc[table["differences"] == "normal", "t"]
    low, high = COVERAGE_RANGE
    return [f"## Coverage of nominal {METHOD.confidence} intervals", "",
            f"The bootstraps run on {max(studies // 5, 100)} of the studies with 1,000 resamples each. They are stated"
            " only; no verdict and no report uses one. Differences on 360 test examples are multiples"
            " of 1/360 with mean 2/360 and variance 6/360².", "",
            *markdown(table, dict.fromkeys(table.columns[2:], PERCENT)),
            *_verdict(t.between(low, high).all(), f"t intervals on normal differences cover {low:.0%} to {high:.0%}"
                                                  f" (seen: {t.min():.1%} to {t.max():.1%})")]


def _errors(table, limit):
    claims = ["false helps or hurts", "false equivalence"]
    worst = table[claims].max()
    return ["## Family-wise error of ten arms", "",
            "Share of studies with at least one false claim. Arms share a baseline (correlation 0.5 between their differences)."
            " A false helps or hurts is one on an arm without effect or with the wrong sign; a false equivalence is one on"
            " an arm whose effect is the margin or more. The two are held separately, not their union.", "",
            *markdown(table, dict.fromkeys(claims, "{:.2%}".format)),
            *_verdict((worst <= limit).all(), f"each error is at most {METHOD.error} + Monte Carlo error (worst:"
                       f" {worst.iloc[0]:.2%} false helps or hurts, {worst.iloc[1]:.2%} false equivalence)")]


def _without(table):
    return ["### What the rules prevent", "", *markdown(table, {"error": PERCENT})]


def _savings(table):
    shares = table.loc[table["effect"] == "4 x margin", "share of all runs"]
    all_arms = table.loc[table["arms with the effect"] == "all ten arms"]
    shares_all = all_arms.loc[all_arms["effect"] == "4 x margin", "share of all runs"]
    return ["## Declared looks against a fixed number of seeds", "",
            "Ten arms and a baseline. Fixed: 16 seeds, Holm; the spread is such that 16 seeds detect the margin with 80 % power"
            " at alpha / 10. Adaptive: the last look is the smallest at which the margin is detected as often as by the fixed"
            " study; the other looks are 5, 8, 12 and 16. Runs count the baseline, which goes on as long as an arm does; 1.00 is the"
            " fixed study.", "",
            *markdown(table, dict.fromkeys(table.columns[3:5], "{:.2f}".format) | dict.fromkeys(table.columns[5:], PERCENT)),
            *_verdict(shares_all.max() <= MOST_SHARE, f"at most {MOST_SHARE} of the runs where the effects of all"
                       f" arms are 4 times the margin (seen: {shares_all.max():.2f})"),
            f"Where only one arm of ten has the effect, the study as a whole used {shares.iloc[-1]:.2f} of the runs: the nine"
            " arms without an effect decide what it costs. A share above 1 is the price of the looks: each arm spends alpha / 10"
            " over all of them, while the fixed study's Holm procedure grows stronger with every arm that is decided."
            " Looks pay where effects are large; where all are zero or at the margin they do not.", ""]


def _crossed(table, studies):
    return ["## Intervals over seeds and test examples", "",
            f"{max(studies // 10, 100)} studies per row, 300 test examples that differ in difficulty and in what the arm adds;"
            " the target is the effect over new seeds and new examples. Stated only:"
            " an interval over seeds alone answers for its one test set.", "",
            *markdown(table, dict.fromkeys(table.columns[1:], PERCENT))]
