"""The report: each arm's verdict in both precisions, and whether its effect is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dlbench.stats.method import Rule
from dlbench.stats.verdict import compare
from dlbench.values.precision import BFLOAT16, FLOAT32
from dlbench.values.verdict import Verdict

SHIFT = {Verdict.EQUIVALENT: "the same", Verdict.HELPS: "better in bfloat16", Verdict.HURTS: "worse in bfloat16",
         Verdict.INCONCLUSIVE: "open", Verdict.NONE: "not known"}
LEVEL = "the baseline itself"
METHOD = (
    "Each study was run twice, with `precision = \"float32\"` and `\"bfloat16\"`. An effect is an arm's score less its reference's on one",
    "seed; the last columns judge the effect in bfloat16 less that in float32, seed by seed, by the study's own margin: \"the same\" is",
    "shown by two one-sided tests (TOST), all rows of a study being one Holm family; \"open\" shows neither a difference nor its absence.",
    "Two runs that differ in rounding part in the course of training, so that effects scatter as between two seeds.")


@dataclass(frozen=True)
class Compared:
    """A study in both precisions.

    Attributes:
        study: its name.
        unit, higher_is_better, margin: of its metric.
        seeds: of each arm.
        verdicts: precision -> verdicts, a row an arm.
        scores: precision -> columns ``arm, seed, score``.
    """

    study: str
    unit: str
    higher_is_better: bool
    margin: float
    seeds: int
    verdicts: Mapping[str, pd.DataFrame]
    scores: Mapping[str, pd.DataFrame]


def effects(scores: pd.DataFrame, references: Mapping[str, str]) -> pd.DataFrame:
    """Return each arm's difference to its reference, seed by seed; columns ``arm, seed, score``."""
    wide = scores.pivot(index="seed", columns="arm", values="score")
    differences = pd.DataFrame({arm: wide[arm] - wide[reference] for arm, reference in references.items()})
    return differences.reset_index().melt("seed", var_name="arm", value_name="score").dropna()


def shifts(compared: Compared) -> pd.DataFrame:
    """Judge by how much bfloat16 moves the baseline's score and each arm's effect: seed by seed, by the study's own margin, one family."""
    table = compared.verdicts[FLOAT32]
    references = dict(zip(table["arm"], table["reference"]))
    first = next(iter(references.values()))
    parts = []
    for name, scores in compared.scores.items():
        level = scores[scores["arm"] == first].assign(arm=LEVEL)
        part = pd.concat([level[["arm", "seed", "score"]], effects(scores, references)])
        parts.append(part.assign(arm=f"{name}: " + part["arm"]))
    pairs = {f"{BFLOAT16}: {arm}": f"{FLOAT32}: {arm}" for arm in (LEVEL, *references)}
    judged = compare(pd.concat(parts), pairs, Rule(compared.margin, compared.higher_is_better, unit=compared.unit))
    return judged.assign(arm=[LEVEL, *references])


def document(studies: Sequence[Compared], about: Mapping[str, str]) -> str:
    """Return the report as Markdown."""
    return "\n".join([
        "# Verdicts in bfloat16 and in float32", "", *(f"{name}: {text}  " for name, text in about.items()), "",
        *METHOD, "",
        *(line for one in studies for line in _section(one))]) + "\n"


def _section(compared: Compared) -> list[str]:
    told = {name: dict(zip(table["arm"], table["verdict"])) for name, table in compared.verdicts.items()}
    scale = 100 if compared.unit in ("accuracy", "fraction") else 1
    unit = "points" if scale == 100 else compared.unit
    rows = []
    for row in shifts(compared).itertuples():
        of = [told[name].get(row.arm, "") for name in (FLOAT32, BFLOAT16)]
        moved = f"{scale * row.difference:+.2f} [{scale * row.low:+.2f}, {scale * row.high:+.2f}]"
        rows.append((row.arm, *of, moved, SHIFT[Verdict(row.verdict)]))
    judged = [row for row in rows if row[0] != LEVEL]
    changed = [row[0] for row in judged if row[1] != row[2]]
    turned = [row[0] for row in judged if {row[1], row[2]} == {Verdict.HELPS, Verdict.HURTS}]
    header = ("arm", "float32", "bfloat16", f"moved by, {unit} [95 %]", "effect")
    table = ["| " + " | ".join(cells) + " |" for cells in (header, ["---"] * len(header), *rows)]
    found = [sum(row[-1] == word for row in judged) for word in ("the same", "open")]
    names = f": {', '.join(changed)}" if changed else ""
    return [
        f"## {compared.study}", "",
        f"{compared.seeds} seeds, margin ±{scale * compared.margin:g} {unit}. {len(changed)} of {len(judged)} verdicts differ{names};"
        f" {len(turned)} of them from helps to hurts or back. Of the effects, {found[0]} are shown"
        f" to be the same, {found[1]} are open, {len(judged) - sum(found)} differ.", "", *table, ""]
