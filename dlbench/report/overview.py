"""A folder of studies on one page of Markdown: each question, its answer, the numbers behind it, and what they were made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from dlbench import __version__
from dlbench.report import economy, labels, overfitting, pages, provenance, remarks, rows
from dlbench.report.analysis import Analysis
from dlbench.report.escape import fence, markdown
from dlbench.report.markdown import blocks, grid, text_table
from dlbench.report.sections import interactions, target
from dlbench.report.sections.answer import sentence
from dlbench.report.wording import NOTHING, plain
from dlbench.stats.method import METHOD
from dlbench.store.remarks import remarks as beside
from dlbench.values.files import write

FILE = "README.md"
MADE = "<!-- Made by `dlbench report` from the results folders beside it; what is changed here by hand is lost. -->"
FACTS = ("dataset", "model", "design", "budget", "seeds", "margin", "target")
COSTS = ("Parameters", "MACs", "Training time", "Inference")
UNCHANGED = (NOTHING, "1.00×")
READING = (
    "Each change (arm) was trained on the same seeds, splits, example order and initial weights as the arm that it is compared with. "
    f"Difference: its mean over n seeds, with the {METHOD.interval}. Helps, hurts: the {METHOD.test.name}, corrected for the arms and "
    "looks of "
    "the study, shows a difference. No meaningful effect: the difference is shown to lie within the margin, the smallest one that "
    "matters to the study. Inconclusive: neither is shown. Costs are ratios to the reference; times are per example, measured in "
    f"interleaved rounds, with {METHOD.confidence} intervals; a cost that no arm changes has no column."
)
ORIGIN = (
    "Study file: the first 16 digits of what `sha256sum` says of it; its whole text is at the end of its report. Data: the hash of its "
    "files or, where the data has no files of its own, of all examples and labels."
)


def render_overview(studies: Mapping[str, Analysis], out: Path, unread: Mapping[str, str] | None = None) -> Path | None:
    """Write the page of a folder of studies that a code host shows: its ``README.md``.

    Args:
        studies: a study's folder, seen from ``out`` (such as ``"01_augmentation"``) -> its analysis; each has a ``report.md``.
        out: the folder.
        unread: folders whose results could not be read -> why.

    Returns:
        The page; None where a ``README.md`` is there that dlbench did not make: it stays as it is.
    """
    path = Path(out) / FILE
    if path.is_file() and not path.read_text(encoding="utf-8", errors="replace").startswith(MADE):
        return None
    return write(path, "\n\n".join(_page(dict(sorted(studies.items())), Path(out), unread or {})) + "\n")


def _page(studies: Mapping[str, Analysis], out: Path, unread: Mapping[str, str]) -> Iterator[str]:
    yield MADE
    yield f"# {markdown(title(out))}"
    yield from (markdown(text) for text in remarks.paragraphs(beside(out)))
    if studies:
        yield grid(("Question", "Answer", "Report"), [_line(folder, analysis) for folder, analysis in studies.items()])
        yield READING
    else:
        yield "There is no study here yet."
    yield from (f"> {markdown(folder)} is left out: {markdown(reason)}" for folder, reason in unread.items())
    for folder, analysis in studies.items():
        yield from _study(folder, analysis)
    if studies:
        yield from _origin(studies, out)


def title(folder: Path) -> str:
    """A folder's name as a heading.

    Example:
        >>> title(Path("reports/claims")), title(Path("my_studies"))
        ('Claims', 'My studies')
    """
    name = folder.resolve().name.replace("_", " ")
    return name[:1].upper() + name[1:]


def _line(folder: str, analysis: Analysis) -> tuple[str, str, str]:
    return markdown(analysis.results.study["question"]), markdown(sentence(analysis)), _link(folder)


def _link(folder: str) -> str:
    return f"[{markdown(folder)}]({quote(folder)}/report.md)"


def _study(folder: str, analysis: Analysis) -> Iterator[str]:
    """One study: question, facts, answer, a table for each of its datasets, factors, remarks."""
    facts = pages.facts(analysis)
    yield f"## {markdown(analysis.results.study['question'])}"
    yield " · ".join((_link(folder), *(f"{name}: {markdown(facts[name])}" for name in FACTS if name in facts)))
    yield from (f"> **Note.** {markdown(note)}" for note in analysis.notes)
    yield f"**{markdown(sentence(analysis))}**"
    for part in analysis.parts:
        yield from _verdicts(part)
    yield from blocks((*interactions.fraction(analysis), *interactions.table(analysis)))
    yield from _beyond(analysis)
    yield from (markdown(text) for text in remarks.paragraphs(analysis.results.remarks))


def _beyond(analysis: Analysis) -> Iterator[str]:
    """What a study tells beside its metric: labels that suffice, weights that are zero, steps saved, gradients, time to its target."""
    told = [text for part in (labels.section(analysis), overfitting.section(analysis.results), economy.section(analysis.results))
            if part for text in part.paragraphs]
    if told:
        yield "\n".join(f"- {markdown(text)}" for text in told)
    yield from blocks(target.table(analysis))


def _verdicts(analysis: Analysis) -> Iterator[str]:
    metric = markdown(analysis.metric.name.replace("_", " "))
    place = f"On {markdown(analysis.results.study['dataset'])}: reference" if analysis.results.study.get("datasets") else "Reference"
    for row in pages.references(analysis):
        yield f"{place} **{markdown(row['arm'])}**: {metric} {row['score']}."
    found = rows.rows(analysis)
    if found:
        yield _table(found, analysis.results.arms["arm"].iloc[0], f"{metric}, {analysis.unit.short}")


def _table(found: Sequence[rows.Row], baseline: str, effect: str) -> str:
    """The arms: difference, the costs that any of them changes, seeds, verdict."""
    every = [_texts(row) for row in found]
    costs = [name for name in COSTS if any(told[name] not in UNCHANGED for told in every)]
    headers = ("Arm", f"Difference in {effect} [{METHOD.confidence}]", *costs, "n", "Verdict")
    body = [(row.arm + (f" (against {row.reference})" if row.reference != baseline else ""), told["Difference"],
             *(told[name] for name in costs), told["Seeds"], _verdict(row, told)) for row, told in zip(found, every)]
    return text_table(headers, body)


def _texts(row: rows.Row) -> dict[str, str]:
    """A row of the table: header -> text."""
    found = row.cells
    size = found["difference"] + (f" [{found['interval']}]" if found["interval"] != NOTHING else "")
    step = found["step"] + (f" ({found['step_interval']})" if found["step_interval"] else "")
    inference = found["inference"] + (f" ({found['inference_interval']})" if found["inference_interval"] else "")
    seeds = ", ".join(text for text in (found["n"], found["lost"]) if text)
    return {"Verdict": f"{row.sign} {row.verdict}", "Difference": size, "Seeds": seeds, "Parameters": found["parameters"],
            "MACs": found["macs"], "Training time": step, "Inference": inference, "Controlled": found["control"]}


def _verdict(row: rows.Row, told: Mapping[str, str]) -> str:
    """The verdict, and whatever keeps it from being one of a controlled comparison."""
    return told["Verdict"] + ("" if told["Controlled"] == "controlled" else f" ({told['Controlled']})")


def _origin(studies: Mapping[str, Analysis], out: Path) -> Iterator[str]:
    yield "## How this was made"
    yield f"This page, by dlbench {__version__}; each study, by the command beside it, which also resumes:"
    yield fence(f"dlbench report {out.as_posix() if not out.is_absolute() else out.name} --format md")
    yield text_table(("Study", "Command", "Study file", "Data", "Runs", "Date"), [_made(*pair) for pair in studies.items()])
    yield ORIGIN
    found = {digest: facts for analysis in studies.values() for part in analysis.results.parts
             for digest, facts in provenance.environments(part).items()}
    names = dict.fromkeys(name for facts in found.values() for name in facts)
    if found:
        body = [(name, *(plain(facts.get(name, "")) for facts in found.values())) for name in names]
        yield text_table(("Machine and versions", *found), body)


def _made(folder: str, analysis: Analysis) -> tuple[str, ...]:
    results, facts = analysis.results, pages.facts(analysis)
    data = "; ".join(f"{part.study['dataset']} {provenance.data_hash(part) or NOTHING}" for part in results.parts)
    return folder, str(results.study["command"]), provenance.file_hash(results), data, facts["runs"], facts.get("date", NOTHING)
