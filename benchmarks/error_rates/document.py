"""The report of the simulations, with each requirement judged by the numbers beside it."""

import math

from dlbench.stats.method import METHOD

PERCENT = "{:.1%}".format
COVERAGE_RANGE = (0.93, 0.97)
MOST_SHARE = 0.6
MOST_PRICE = 1.05


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
        *_equivalence(tables["equivalence"], studies), *_savings(tables["savings"]), *_spent(tables["spent"], studies),
        *_factors(tables["factors"], studies), *_crossed(tables, studies),
        *_folds(tables, studies), *_confirmed(tables["confirmed"], studies)]) + "\n"


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
    nothing = table.loc[table["effect"] == "0 x margin", "share of all runs"]
    return ["## Declared looks against a fixed number of seeds", "",
            "Ten arms and a baseline. Fixed: 16 seeds, Holm; the spread is such that 16 seeds detect the margin with 80 % power"
            " at alpha / 10. Adaptive: the last look is the smallest at which the margin is detected as often as by the fixed"
            " study; the other looks are 5, 8, 12 and 16. Runs count the baseline, which goes on as long as an arm does; 1.00 is the"
            " fixed study.", "",
            *markdown(table, dict.fromkeys(table.columns[3:5], "{:.2f}".format) | dict.fromkeys(table.columns[5:], PERCENT)),
            *_verdict(shares_all.max() <= MOST_SHARE, f"at most {MOST_SHARE} of the runs where the effects of all"
                       f" arms are 4 times the margin (seen: {shares_all.max():.2f})"),
            *_verdict(nothing.max() <= MOST_PRICE, f"at most {MOST_PRICE} of the runs where no arm has an effect (seen:"
                      f" {nothing.max():.2f})"),
            f"Where only one arm of ten has the effect, the study as a whole used {shares.iloc[-1]:.2f} of the runs: the nine"
            " arms without an effect decide what it costs. A decided arm leaves its share of alpha to the others, and most of alpha is"
            " kept for the last analyses: a share of the seeds t has spent t^3 of it.", ""]


def _spent(table, studies):
    count, claims = max(studies // 5, 100), ["false helps or hurts", "false equivalence"]
    worst = table[claims].max()
    return ["## A declared time", "",
            f"Five arms and a baseline that they share, one run at a time, {count} studies per row. Arms are judged at each quarter of the"
            " time; how many seeds an analysis has follows from how many arms the ones before left open, as in"
            " `dlbench.execution.spending`.", "",
            *markdown(table, dict.fromkeys(claims, "{:.2%}".format) | {"seeds of the last analysis": "{:.1f}".format}),
            *_verdict((worst <= limit_of(count)).all(), f"each error is at most {METHOD.error} + Monte Carlo error, {limit_of(count):.2%}"
                      f" (worst: {worst.iloc[0]:.2%} false helps or hurts, {worst.iloc[1]:.2%} false equivalence)")]


def _factors(table, studies):
    count = max(studies // 5, 100)
    worst = table["false claim"].max()
    return ["## Effects of crossed factors at declared looks", "",
            f"Three factors without effect, all combinations, looks at 5, 8, 12 and 16 seeds, {count} studies. Effects and interactions are"
            " one family of six.", "",
            *markdown(table, {"false claim": "{:.2%}".format}),
            *_verdict(worst <= limit_of(count), f"the error is at most {METHOD.error} + Monte Carlo error, {limit_of(count):.2%}")]


def limit_of(studies):
    """Rate that a true rate of alpha stays below in so many studies, but for three standard errors."""
    return METHOD.alpha + 3 * math.sqrt(METHOD.alpha * (1 - METHOD.alpha) / studies)


def _equivalence(table, studies):
    count = max(studies // 5, 100)
    common = table[(table["by"] == "the verdict") & ~table["differences"].str.startswith("rare")]
    worst = common.iloc[:, 2:].max().max()
    return ["## False equivalence of one arm, by the law of its differences", "",
            f"The arm loses one margin on average; {count} studies per cell. \"t limits alone\" are the two one-sided t-tests; the verdict"
            " takes five seeds, differences that are not all 0 and not in two groups, test examples enough, and a limit that holds for an"
            " exponential law. Test examples: the margin is just above what so many can show, 1 - 0.05^(1/m). Rare falls are called"
            " equivalent where no seed shows one, and no rule can do better: seeds without a fall tell of none.", "",
            *markdown(table, dict.fromkeys(table.columns[2:], PERCENT)),
            *_verdict(worst <= limit_of(count), f"false equivalence of one arm is at most {METHOD.error} + Monte Carlo error but for rare"
                                                f" falls (worst: {worst:.1%})"),
            "The limit for skew holds for each arm, Holm's correction for normal differences: in a family of arms that are all as skewed,"
            f" at the margin, the rate of any false equivalence can exceed {METHOD.error}.", ""]


def _confirmed(table, studies):
    excess = table["false claim"] - table["confirmations"].map(limit_of)
    worst = table.loc[excess.idxmax()]
    return ["## What `dlbench confirm` claims", "",
            f"{studies} studies per row: ten arms are judged, those that help are made together, and they, they without each part, and the"
            " best part alone are judged on as many new seeds. A false claim is any helps, hurts or equivalence among these that is not"
            " so, as a share of the confirmations. Gains are means in margins: what the arms promised on the seeds that chose them, what"
            " they truly do together, and what the new seeds say.", "",
            *markdown(table, {"false claim": PERCENT} | dict.fromkeys(table.columns[5:], "{:.2f}".format)),
            *_verdict(excess.max() <= 0, f"a confirmation is false in at most {METHOD.error} + Monte Carlo error (closest to"
                                         f" its limit: {worst['false claim']:.1%} of {worst['confirmations']})")]


def _folds(tables, studies):
    table, repeated, count = tables["folds"], tables["repeated"], max(studies // 10, 100)
    lowest = table["the verdict's"].min()
    return ["## Claims about new data of studies with folds", "",
            f"{count} studies per row; 400 examples in all that differ in difficulty and in what the arm adds, each seed tests one fold of"
            " them. An interval over seeds alone forgets that the seeds of a fold share its examples.", "",
            *markdown(table, dict.fromkeys(table.columns[2:], PERCENT)),
            *_verdict(lowest >= 1 - limit_of(count),
                      f"the verdict's interval covers at least {METHOD.confidence} - Monte Carlo error (lowest: {lowest:.1%})"),
            "### What is assumed of the training parts", "",
            f"Coverage, {studies} studies per cell, where what a fold's training part does to the difference repeats in all of its seeds,"
            " with a spread that is a share of that over seeds. No estimate is made of it. One seed a fold needs none.", "",
            *markdown(repeated, dict.fromkeys(repeated.columns[2:], PERCENT))]


def _crossed(tables, studies):
    table, freedom, family = tables["crossed"], tables["freedom"], tables["new data"]
    count, claims = max(studies // 10, 100), ["false helps or hurts", "false equivalence"]
    lowest, worst = table["the verdict's"].min(), family[claims].max()
    allowed = 1 - METHOD.alpha - (limit_of(count) - METHOD.alpha)
    columns = [f"the verdict's, {level}" for level in ("5.0%", "0.5%")]
    most = [freedom[name].max() for name in columns]
    return ["## Claims about new data: intervals over seeds and test examples", "",
            f"{count} studies per row, test examples that differ in difficulty and in what the arm adds; the target is the effect over new"
            " seeds and new examples. An interval over seeds alone answers for its one test set. The bootstrap is stated only.", "",
            *markdown(table, dict.fromkeys(table.columns[2:], PERCENT)),
            *_verdict(lowest >= allowed, f"the verdict's interval covers at least {METHOD.confidence} - Monte Carlo error (lowest:"
                      f" {lowest:.1%})"),
            "### Degrees of freedom", "",
            f"The largest error over six shares of the examples' part, from none to ten times the seeds' part; {20 * studies} normal"
            " studies each, two-sided, at a level of one arm and at that of one of ten.", "",
            *markdown(freedom, dict.fromkeys(freedom.columns[1:], "{:.2%}".format)),
            *_verdict(most[0] <= 0.0515 and most[1] <= 0.0055, "limits added as squares hold both levels at any number of seeds"),
            "### Family-wise error of ten arms on new data", "",
            f"As above for ten arms, with {count} studies per row: 300 test examples, which contribute a standard error of 0.3 margins to"
            " each arm's difference, half of it shared by all arms.", "",
            *markdown(family, dict.fromkeys(claims, "{:.2%}".format)),
            *_verdict((worst <= limit_of(count)).all(), f"each error is at most {METHOD.error} + Monte Carlo error (worst:"
                      f" {worst.iloc[0]:.2%} false helps or hurts, {worst.iloc[1]:.2%} false equivalence)")]
