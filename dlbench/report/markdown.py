"""The report for a code host: one Markdown file, its figures beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlbench.analysis import Analysis
from dlbench.report import answers, captions, economy, interactions, labels, looks, noise, overfitting, pages, remarks, rows, sides
from dlbench.report.datasets import section
from dlbench.report.escape import fence, markdown
from dlbench.report.plates import Plate
from dlbench.report.sections import Section
from dlbench.report.tuning import tuning
from dlbench.report.wording import NOTHING, unit_of

HEADERS = (
    "Arm",
    "Changed",
    "Verdict",
    "Difference [95 %]",
    "p",
    "Seeds",
    "Parameters",
    "MACs",
    "Training time",
    "Inference",
    "Controlled",
)


SECTIONS = {
    "effects": "Effects",
    "curves": "Learning curves",
    "target": "Time to target",
    "turned": "Test examples that an arm fixes and breaks",
    "confusion": "Confusion differences",
    "augmentation": "Augmentation preview",
    "cost": "Cost",
    "interactions": "Interactions",
}


def table(headers: Sequence[str], body: Sequence[Sequence[object]]) -> str:
    """A table; every cell is escaped.

    Example:
        >>> print(table(["a"], [["x|y"]]))
        | a |
        | --- |
        | x\\|y |
    """
    return grid(headers, [[markdown(cell) for cell in row] for row in body])


def grid(headers: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A table whose cells are Markdown already."""
    return "\n".join("| " + " | ".join(line) + " |" for line in (headers, ["---"] * len(headers), *body))


def render(analysis: Analysis, figures: Sequence[Plate], folder: str = "figures") -> str:
    """The report as Markdown.

    Args:
        analysis: the study.
        figures: what :func:`dlbench.report.plates.files` drew; linked as ``<folder>/<name>.svg``.
        folder: where the figures are, seen from the Markdown file.
    """
    parts = [
        *_answer(analysis),
        *_verdicts(analysis),
        *_section(remarks.section(analysis.results)),
        *_section(section(analysis), figures, folder),
        *_section(tuning(analysis)),
        *_section(looks.section(analysis.results)),
        *_figures(analysis, figures, folder),
        *_section(labels.section(analysis), figures, folder),
        *_section(overfitting.section(analysis.results)),
        *_section(economy.section(analysis.results)),
        *_factors(analysis),
        *_noise(analysis),
        *_controls(analysis),
        *_failures(analysis),
        *_environment(analysis),
        *_reproduce(analysis),
    ]
    return "\n\n".join(parts) + "\n"


def _answer(analysis: Analysis) -> Iterator[str]:
    study = analysis.results.study
    yield f"# {markdown(study['question'])}"
    yield " · ".join(f"{name}: {markdown(text)}" for name, text in {"study": study["name"], **pages.facts(analysis)}.items())
    yield from (f"> **Note.** {markdown(note)}" for note in answers.notes(analysis))
    factors = interactions.content(analysis) or {"answer": ""}
    yield f"**{markdown(' '.join(text for text in (answers.answer(analysis), factors['answer']) if text))}**"
    told = [row for members in rows.groups(rows.rows(analysis)).values() for row in members]
    if told:
        yield "\n".join(f"- {row.sign} **{markdown(row.arm)}**: {markdown(row.answer)}" for row in told)


def _verdicts(analysis: Analysis) -> Iterator[str]:
    yield "## Verdicts"
    metric = markdown(analysis.metric.name.replace("_", " "))
    for row in pages.references(analysis):
        costs = f"; {row['costs']}" if row["costs"] else ""
        yield f"Reference **{markdown(row['arm'])}**: {metric} {row['score']}{costs}."
    found = rows.rows(analysis)
    if found:
        yield table(HEADERS, [list(cells(row).values()) for row in found])
        yield (
            f"Difference in {metric} to the reference in {unit_of(analysis.metric).difference}, over seeds that both completed, with its "
            f"95 % t interval; p: paired t, {captions.adjustment(analysis)}. Costs are ratios to the "
            "reference; times are per example, measured in interleaved rounds."
        )

    pairs = sides.sides(analysis)
    if pairs:
        yield "### Side by side"
        body = [[row["arm"], *(f"{side['size']} {side['sign']} {side['verdict']}" for side in (row["added"], row["left_out"]))]
                for row in pairs]
        yield table(["Change", "Added to the baseline", "Left out of everything"], body)
        yield sides.CAPTION


def cells(row: rows.Row) -> dict[str, str]:
    """A row of the verdict table: header -> text."""
    found = row.cells
    size = found["difference"] + (f" [{found['interval']}]" if found["interval"] != NOTHING else "")
    step = found["step"] + (f" ({found['step_interval']})" if found["step_interval"] else "")
    inference = found["inference"] + (f" ({found['inference_interval']})" if found["inference_interval"] else "")
    seeds = ", ".join(text for text in (found["n"], found["lost"]) if text)
    told = (row.arm, row.changed, f"{row.sign} {row.verdict}", size, found["p"], seeds, found["parameters"], found["macs"], step,
            inference, found["control"])
    return dict(zip(HEADERS, told, strict=True))


def _section(part: Section | None, figures: Sequence[Plate] = (), folder: str = "") -> Iterator[str]:
    if part is None:
        return
    yield f"## {part.title}"
    yield from (markdown(text) for text in part.paragraphs)
    for shown in part.tables:
        yield markdown(shown.caption)
        yield table([markdown(name) for name in shown.headers], shown.rows)
    for plate in (plate for plate in figures if plate.section == part.id):
        yield f"![{markdown(plate.alt)}]({folder}/{plate.name}.svg)"
        yield markdown(plate.caption)
    if part.links:
        yield "\n".join(f"- [{markdown(text)}]({address}report.md)" for text, address in part.links)


def _figures(analysis: Analysis, figures: Sequence[Plate], folder: str) -> Iterator[str]:
    for name, title in SECTIONS.items():
        drawn = [plate for plate in figures if plate.section == name]
        if drawn:
            yield f"## {title}"
        if drawn and name == "cost":
            yield markdown(captions.families(analysis)["cost"])
        for plate in drawn:
            yield f"![{markdown(plate.alt)}]({folder}/{plate.name}.svg)"
            yield markdown(plate.caption)
        if drawn and name == "target":
            yield from _targets(analysis)


def _targets(analysis: Analysis) -> Iterator[str]:
    found = pages.targets(analysis)
    if found:
        headers = ["Arm", "Reached", "Median epoch", "95 % interval", "Median, s of training", "Against its reference", "p"]
        names = ("arm", "reached", "median", "interval", "seconds", "sooner", "p")
        yield table(headers, [[row[name] for name in names] for row in found])
        yield markdown(captions.families(analysis)["targets"])


def _factors(analysis: Analysis) -> Iterator[str]:
    told = list(factors(analysis))
    yield from ["## Factors", *told] if told else []


def factors(analysis: Analysis) -> Iterator[str]:
    """The effect of each factor and pair of a factorial study; nothing for others."""
    found = interactions.content(analysis)
    if found is None:
        return
    if found["fraction"]:
        yield markdown(found["fraction"])
    if found["note"]:
        yield markdown(f"No effects of factors yet: {found['note']}.")
        return
    names = ["term", "effect", "interval", "p", *(["aliases"] if found["aliased"] else [])]
    headers = ["Factor or pair", "Effect", "95 % interval", "p", "Cannot be told from"]
    yield table(headers[: len(names)], [[row[name] for name in names] for row in found["rows"]])
    metric = markdown(analysis.metric.name.replace("_", " "))
    yield f"Effects on {metric} in {unit_of(analysis.metric).difference}; p: Holm-adjusted over the rows."


def _noise(analysis: Analysis) -> Iterator[str]:
    found = noise.content(analysis)
    if found is None:
        return
    yield "## Test-set noise"
    headers = ["Arm", "Seeds × examples", "Difference", "Over seeds", "Over seeds and test examples", "Resampled"]
    names = ("arm", "examples", "difference", "seeds", "crossed", "resampled")
    yield table(headers, [[row[name] for name in names] for row in found["rows"]])
    yield markdown(found["captions"]["arms"])
    if found["classes"]:
        yield "### Differences by class"
        yield table(["Arm", *map(str, found["labels"])], [[row["arm"], *row["cells"]] for row in found["classes"]])
        yield markdown(found["captions"]["classes"])


def _controls(analysis: Analysis) -> Iterator[str]:
    yield "## Controls"
    told = [[row["arm"], row["control"], row["text"]] for row in pages.controls(analysis)]
    yield table(["Arm", "Control", "Why"], told) if told else "Nothing is compared yet."


def _failures(analysis: Analysis) -> Iterator[str]:
    failed = pages.failures(analysis)
    if failed:
        yield "## Failures"
        yield table(
            ["Arm", "Seed", "Status", "Reason"], [[row["arm"], row["seed"], row["status"], row["reason"]] for row in failed]
        )


def _environment(analysis: Analysis) -> Iterator[str]:
    names, facts = pages.environments(analysis)
    yield "## Environment"
    if not names:
        yield "No environment has been recorded yet."
        return
    yield table(["Fact", *(markdown(name) for name in names)], [[row["name"], *row["values"]] for row in facts])


def _reproduce(analysis: Analysis) -> Iterator[str]:
    study = analysis.results.study
    summary = f"The study file (SHA-256 {markdown(study['hash'])})"
    yield "## Reproduce"
    yield fence(study["command"])
    yield f"<details><summary>{summary}</summary>\n\n{fence(study['text'])}\n\n</details>"
