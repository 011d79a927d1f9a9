"""A document for a code host: one Markdown file, its figures beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dlbench.report import document as doc
from dlbench.report.escape import fence, markdown
from dlbench.report.plain import flat

ROLES = {"lead": "**{}**", "note": "> **Note.** {}"}


def render(document: doc.Document, folder: str = "figures") -> str:
    """The document as Markdown.

    Args:
        document: a report or a comparison.
        folder: where the figures are, seen from the Markdown file; they are linked as ``<folder>/<name>.svg``.
    """
    parts = [f"# {markdown(document.title)}"]
    if document.facts:
        parts.append(" · ".join(f"{name}: {markdown(text)}" for name, text in {"study": document.name, **document.facts}.items()))
    if document.progress:
        parts.append(ROLES["note"].format(markdown(document.progress.text)))
    for part in document.parts:
        shown = list(blocks(part.blocks, folder))
        parts += [*([f"## {markdown(part.title)}"] if part.title else []), *shown] if shown else []
    return "\n\n".join(parts) + "\n"


def blocks(shown: Iterable[doc.Block], folder: str = "figures") -> Iterator[str]:
    """Blocks as paragraphs of Markdown."""
    for block in shown:
        yield from _block(block, folder)


def _block(block: doc.Block, folder: str) -> Iterator[str]:
    match block:
        case doc.Text():
            yield ROLES.get(block.role, "{}").format(rich(block.text))
        case doc.Heading():
            yield f"### {markdown(block.text)}"
        case doc.Items():
            yield "\n".join(f"- {rich(item)}" for item in block.items)
        case doc.Code():
            yield fence(block.text)
        case doc.Details(searched=False):
            yield "\n\n".join([f"<details><summary>{markdown(block.summary)}</summary>", *blocks(block.blocks, folder), "</details>"])
        case doc.Beside():
            yield from blocks(block.blocks, folder)
        case doc.Table():
            yield from filter(None, (markdown(block.caption), table(block)))
        case doc.Answers():
            yield "\n".join(f"- {group.sign} **{markdown(answer.arm)}**: {markdown(answer.text)}"
                            for group in block.groups for answer in group.answers)
        case doc.Figure():
            yield f"![{markdown(block.alt)}]({folder}/{block.name}.svg)"
            yield markdown(block.caption)
        case doc.Panels():
            yield from _block(block.together, folder)


def rich(text: doc.Rich) -> str:
    """A text with its parts that stand out or lead somewhere.

    Example:
        >>> rich(("see ", doc.Strong("a_b"), " and ", doc.Link("that", "a/")))
        'see **a\\\\_b** and [that](a/report.md)'
    """
    return "".join(map(_span, doc.spans(text)))


def _span(part: str | doc.Strong | doc.Link) -> str:
    if isinstance(part, doc.Strong):
        return f"**{markdown(part.text)}**"
    if isinstance(part, doc.Link):
        return f"[{markdown(part.text)}]({part.address}{'report.md' if part.address.endswith('/') else ''})"
    return (" " if part != part.lstrip() else "") + markdown(part) + (" " if part != part.rstrip() else "")


def table(block: doc.Table) -> str:
    r"""A table; every cell is escaped.

    Example:
        >>> from dlbench.report.document import Row, columns
        >>> print(table(doc.Table("t", "T", "", columns("a"), (Row(("x|y",)),))))
        | a |
        | --- |
        | x\|y |
    """
    headers, body = flat(block)
    lines = ([markdown(column.header) for column in headers], ["---"] * len(headers), *(map(rich, row) for row in body))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
