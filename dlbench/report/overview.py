"""The pages over a folder of studies: an index that leads to their reports, and a page for a code host that sums them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from dlbench import __version__
from dlbench.analysis import Analysis, provenance
from dlbench.report import answers, frames, html, markdown
from dlbench.report.arms import ComparedArm, compared_arms
from dlbench.report.document import Block, Cell, Code, Column, Document, Figure, Items, Link, Part, Row, Table, Text, columns
from dlbench.report.figures.palette import VERDICTS
from dlbench.report.figures.studies import studies as effects
from dlbench.report.plain import one_line_of
from dlbench.report.sections import SECTIONS, interactions, published, target
from dlbench.report.sections.answer import sentence
from dlbench.report.sections.remarks import paragraphs
from dlbench.report.sections.verdicts import reference
from dlbench.report.study import study_facts
from dlbench.report.wording import NOTHING, unit_of
from dlbench.stats.method import METHOD
from dlbench.store.read import remarks
from dlbench.store.results import Results
from dlbench.values.controls import Control
from dlbench.values.files import inside, write
from dlbench.values.text import plain
from dlbench.values.verdict import Verdict

FILE = "README.md"
MADE = "<!-- Made by `dlbench report` from the results folders beside it; what is changed here by hand is lost. -->"
FACTS = ("dataset", "model", "design", "budget", "seeds", "margin", "target")
COSTS = {"parameters": "Parameters", "macs": "MACs", "step": "Training time", "inference": "Inference"}
BESIDE = ("labels-per-class", "overfitting", "economy")
"""The sections whose sentences stand below a study's arms: what it tells beside its metric."""
NONE = Text("There is no study here yet.")
UNCHANGED = (NOTHING, "1.00×")
READING = (
    "Each change (arm) was trained on the same seeds, splits, example order and initial weights as the arm that it is compared with. "
    f"Difference: its mean over n seeds, with the {METHOD.interval}. Helps, hurts: the {METHOD.test.name}, corrected for the arms "
    "and interim analyses of the study, shows a difference. No meaningful effect: the difference is shown to lie within the margin, the "
    "smallest one that matters to the study. Inconclusive: neither is shown. Costs are ratios to the reference; times are per example, "
    f"measured in interleaved rounds, with {METHOD.confidence} intervals; a cost that no arm changes has no column."
)
ORIGIN = (
    "Study file: the first 16 digits of what sha256sum says of it; its whole text is at the end of its report. Data: the hash of its "
    "files or, where the data has no files of its own, of all examples and labels."
)


def render_index(studies: Mapping[str, Analysis], out: Path, unread: Mapping[str, str] | None = None) -> Path:
    """Write the index page of a folder of studies.

    Args:
        studies: a study's folder, seen from ``out`` (such as ``"quickstart"``) -> its analysis; each has an ``index.html``.
        out: the folder; the page is its ``index.html``.
        unread: folders whose results could not be read -> why.

    Returns:
        The page.
    """
    rows = sorted((_index_row(folder, analysis) for folder, analysis in studies.items()), key=lambda row: row.cells[-1].text, reverse=True)
    heads = (Column("Study"), Column("Answer", "wide"), Column("Verdicts", "short", "Verdicts"), Column("On", label="On"),
             Column("Runs", label="Runs"), Column("Date", "short", "Date", descending=True))
    table = Table("studies", "Studies", "Every study of this folder, with its answer; a study that is still running says so.", heads,
                  tuple(rows), layout="cards", filtered="studies", kinds=tuple((kind, Cell(kind)) for kind in ("complete", "partial")))
    title = f"{len(rows)} ablation stud{'y' if len(rows) == 1 else 'ies'}"
    all_ = Part("all", "", (table if rows else NONE, *_left_out(unread)))
    document = Document("studies", "Ablation studies", "dlbench", title, {}, (all_,))
    return write(Path(out) / "index.html", html.render(document))


def _index_row(folder: str, analysis: Analysis) -> Row:
    study, facts, verdicts = analysis.results.study, study_facts(analysis), list(analysis.verdicts["verdict"])
    name = str(study.get("name") or folder)
    marks = tuple(Cell(str(verdicts.count(verdict)), verdict=verdict) for verdict in Verdict if verdict in verdicts)
    return Row((
        Cell(str(study.get("question") or folder), name, name, address=f"{quote(folder)}/"),
        Cell(answers.answer(analysis), "\n".join(answers.notes(analysis))), Cell(marks=marks),
        ", ".join(facts[name] for name in ("dataset", "model") if name in facts), facts["runs"], facts.get("date", ""),
    ), kind="complete" if _complete(analysis.results) else "partial")


def _complete(results: Results) -> bool:
    """Return whether nothing of a study is left to run, its tuned comparison and its other datasets included."""
    tuned = results.tuning
    own = results.complete and (tuned is None or (tuned.results is not None and tuned.results.complete))
    return own and all(map(_complete, results.others))


def render_overview(studies: Mapping[str, Analysis], out: Path, unread: Mapping[str, str] | None = None) -> Path | None:
    """Write the page of a folder of studies that a code host shows: its ``README.md``.

    Args:
        studies: a study's folder, seen from ``out`` (such as ``"01_augmentation"``) -> its analysis; each has a ``report.md``.
        out: the folder.
        unread: folders whose results could not be read -> why.

    Returns:
        The page, whose figure stands in ``figures/``; None where a ``README.md`` is there that dlbench did not make: it stays as it is.
    """
    path = Path(out) / FILE
    if path.is_file() and not path.read_text(encoding="utf-8", errors="replace").startswith(MADE):
        return None
    document = overview_document(dict(sorted(studies.items())), Path(out), unread)
    for figure in document.figures():
        write(inside(Path(out), "figures") / f"{figure.name}.svg", figure.svg)
    return write(path, f"{MADE}\n\n{markdown.render(document)}")


def overview_document(studies: Mapping[str, Analysis], out: Path, unread: Mapping[str, str] | None) -> Document:
    """Return a folder of studies as a document: one part a study, and what all were made of."""
    head = Part("studies", "", tuple(_head(studies, out, unread)))
    parts = (Part(folder, str(analysis.results.study["question"] or folder), tuple(_study(folder, analysis)))
             for folder, analysis in studies.items())
    made = (Part("made", "How this was made", tuple(_origin(studies, out))),) if studies else ()
    return Document(out.name, title(out), "dlbench", title(out), {}, (head, *parts, *made))


def _head(studies: Mapping[str, Analysis], out: Path, unread: Mapping[str, str] | None) -> Iterator[Block]:
    yield from _picture(studies)
    yield from map(Text, paragraphs(remarks(out)))
    if studies:
        body = tuple(Row((str(analysis.results.study["question"] or folder), sentence(analysis), Cell(folder, address=f"{quote(folder)}/")))
                     for folder, analysis in studies.items())
        yield Table("studies-table", "Studies", "", columns("Question", "Answer", "Report"), body)
        yield from published.over(studies)
        yield Text(READING)
    else:
        yield NONE
    yield from _left_out(unread)


def _picture(studies: Mapping[str, Analysis]) -> Iterator[Figure]:
    """Yield the effects of all studies in one figure, where several have one."""
    table = frames.studies(studies)
    told = table["study"].nunique()
    if told > 1:
        signs = ", ".join(f"{shown.sign} {verdict}" for verdict, shown in VERDICTS.items())
        caption = (f"Every change of every study: its difference to the reference with the {METHOD.interval}, in margins, the smallest "
                   f"difference that matters to the study (shaded: less than one). At the right, how many arms: {signs}. "
                   "An arrow at the edge: the arm lies beyond the axis.")
        yield Figure("studies", "The effects of all studies", caption, f"The effects of {len(table)} changes in {told} studies.",
                     effects, (table,), (9.0, 0.9 + 0.37 * told))


def _left_out(unread: Mapping[str, str] | None) -> Iterator[Block]:
    """Yield a note on each folder that could not be read, with the reason."""
    return (Text(f"{folder} is left out: {reason}", "note") for folder, reason in (unread or {}).items())


def title(folder: Path) -> str:
    """Return a folder's name as a heading.

    Example:
        >>> title(Path("reports/claims")), title(Path("my_studies"))
        ('Claims', 'My studies')
    """
    name = folder.resolve().name.replace("_", " ")
    return name[:1].upper() + name[1:]


def _study(folder: str, analysis: Analysis) -> Iterator[Block]:
    """Yield the blocks of one study: facts, answer, a table for each of its datasets, factors, what it tells beside its metric, remarks."""
    facts = study_facts(analysis)
    shown = "".join(f" · {name}: {facts[name]}" for name in FACTS if name in facts)
    yield Text((Link(folder, f"{quote(folder)}/"), shown))
    yield from (Text(note, "note") for note in answers.notes(analysis))
    yield Text(sentence(analysis), "lead")
    for part in analysis.parts:
        yield from _verdicts(part)
    yield from (block for block in interactions.build(analysis) if isinstance(block, Text | Table))
    texts = tuple(block.text for section in SECTIONS if section.id in BESIDE for block in section.build(analysis)
                  if isinstance(block, Text))
    if texts:
        yield Items(texts)
    yield from target.table(analysis)
    yield from map(Text, paragraphs(analysis.results.remarks))


def _verdicts(analysis: Analysis) -> Iterator[Block]:
    """Yield the references and the compared arms of a study on one dataset."""
    several = analysis.results.study.get("datasets")
    for row in analysis.references.itertuples():
        yield reference(analysis, row, f"On {analysis.results.study['dataset']}: reference " if several else "Reference ")
    arms = compared_arms(analysis)
    if arms:
        yield _table(analysis, arms)


def _table(analysis: Analysis, arms: Sequence[ComparedArm]) -> Table:
    """Return the table of the arms: difference, the costs that any of them changes, seeds, verdict."""
    shown = [name for name in COSTS if any(one_line_of(getattr(arm, name)) not in UNCHANGED for arm in arms)]
    effect = f"Difference in {analysis.metric.name.replace('_', ' ')}, {unit_of(analysis.metric).short} [{METHOD.confidence}]"
    baseline = analysis.results.arms["arm"].iloc[0]
    body = tuple(Row((
        Cell(arm.arm, f"against {arm.reference}" if arm.reference != baseline else ""), arm.difference,
        *(getattr(arm, name) for name in shown), arm.seeds, _verdict(arm)), arm.id) for arm in arms)
    heads = columns("Arm", effect, *(COSTS[name] for name in shown), "n", "Verdict")
    return Table(f"verdicts-{analysis.results.study['name']}", "Verdicts", "", heads, body)


def _verdict(arm: ComparedArm) -> Cell:
    """Return the verdict, and whatever keeps it from being one of a controlled comparison."""
    return Cell(arm.verdict, "" if arm.control.text == Control.CONTROLLED else arm.control.text, verdict=arm.verdict)


def _origin(studies: Mapping[str, Analysis], out: Path) -> Iterator[Block]:
    yield Text(f"This page, by dlbench {__version__}; each study, by the command beside it, which also resumes:")
    yield Code(f"dlbench report {out.as_posix() if not out.is_absolute() else out.name} --format md", "Command", command=True)
    heads = columns("Study", "Command", "Study file", "Data", "Runs", "Date")
    yield Table("made-of", "Studies", "", heads, tuple(_made(*pair) for pair in studies.items()))
    yield Text(ORIGIN)
    environments = {digest: facts for analysis in studies.values() for part in analysis.results.parts
                    for digest, facts in provenance.environments(part).items()}
    names = dict.fromkeys(name for facts in environments.values() for name in facts)
    if environments:
        body = tuple(Row((name, *(plain(facts.get(name, "")) for facts in environments.values()))) for name in names)
        yield Table("machines", "Machines", "", columns("Machine and versions", *environments), body)


def _made(folder: str, analysis: Analysis) -> Row:
    results, facts = analysis.results, study_facts(analysis)
    data = "; ".join(f"{part.study['dataset']} {provenance.data_hash(part) or NOTHING}" for part in results.parts)
    return Row((folder, str(results.study["command"]), provenance.file_hash(results), data, facts["runs"], facts.get("date", NOTHING)))
