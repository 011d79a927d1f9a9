"""A document for a code host: one Markdown file, its figures beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from dlbench.report import document as doc
from dlbench.report.plain import Renderer, flat
from dlbench.values.text import listed, one_line, visible

ACTIVE = re.compile(r"([\\`*_\[\]#|~$]|^[-+=](?=[-+=\s]|$)|(?<=^\d)[.)](?=\s|$))")
"""What Markdown takes for markup."""


MOST_COMMENT, RESERVED = 65_536, 600
"""Characters that GitHub takes in a comment, and those that are kept for the sentence that says what was cut."""
UNFOLDED = 3
"""So many sections of a comment stand open."""


def escape(text: Any) -> str:
    """Return text as one line of Markdown that shows it and does nothing else: no markup, no HTML, no table cell's end.

    Example:
        >>> escape("a|b <i>")
        'a\\\\|b &lt;i&gt;'
    """
    safe = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = ACTIVE.sub(r"\\\1", safe)
    for link, shown in (("://", "&#58;//"), ("www.", "www&#46;"), ("@", "&#64;")):
        safe = safe.replace(link, shown)
    return safe


def fence(text: Any) -> str:
    """Return a fenced block of Markdown that its content cannot end.

    Example:
        >>> fence("a").splitlines()
        ['```', 'a', '```']
    """
    text = visible(str(text))
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}\n{text.rstrip()}\n{ticks}"


def render(document: doc.Document, folder: str = "figures") -> str:
    """Return the document as Markdown.

    Args:
        document: a report or a comparison.
        folder: where the figures are, seen from the Markdown file; they are linked as ``<folder>/<name>.svg``.
    """
    return Markdown(folder).document(document)


def comment(document: doc.Document, folder: str = "figures", most: int = MOST_COMMENT) -> str:
    """Return the document as Markdown that fits a comment of a code host: what is further down is folded, then cut, and both are said.

    Args:
        document: a report.
        folder: where the figures are, seen from the Markdown file.
        most: characters that there may be.
    """
    format = Markdown(folder)
    texts = list(format.head(document))
    for place, part in enumerate(document.parts):
        if shown := list(format.blocks(part.blocks)):
            folded = place >= UNFOLDED
            texts += ([f"<details><summary>{escape(part.title)}</summary>", *shown, "</details>"] if folded and part.title else
                      [*([format.title.format(escape(part.title))] if part.title else []), *shown])
    whole = "\n\n".join(texts) + "\n"
    return whole if len(whole) <= most else _cut(document, format, most)


def _cut(document: doc.Document, format: Markdown, most: int) -> str:
    """The sections that fit, none of them folded, each cut after the lines that half of what is left takes."""
    texts, left = list(format.head(document)), []
    room = most - RESERVED - sum(len(text) + 2 for text in texts)
    for part in document.parts:
        shown = "\n\n".join([*([format.title.format(escape(part.title))] if part.title else []), *format.blocks(part.blocks)])
        if len(shown) > room // 2:
            shown = shown[:room // 2].rpartition("\n")[0]
            shown += "\n\n</details>" * (shown.count("<details>") - shown.count("</details>"))
            left.append(part.title or "the answer")
        if "\n" in shown:
            texts.append(shown)
            room -= len(shown) + 2
    names = listed([escape(name) for name in left], most=12)
    said = format.note.format(f"Cut to fit a comment of {most:,} characters: {names}. The page has everything.")
    return "\n\n".join([*texts, said]) + "\n"


class Markdown(Renderer):
    r"""Blocks as Markdown.

    Example:
        >>> Markdown().rich(("see ", doc.Strong("a_b"), " and ", doc.Link("that", "a/")))
        'see **a\\_b** and [that](a/report.md)'
        >>> print(*Markdown().blocks(doc.text_tables("T", ("t", "", ["a"], [("x|y",)]))))
        | a |
        | --- |
        | x\|y |
    """

    strong, title, subtitle = "**{}**", "## {}", "### {}"
    lead, note = strong, "> **Note.** {}"
    signs, escape = True, staticmethod(escape)

    def head(self, document: doc.Document) -> Iterator[str]:
        yield f"# {escape(document.title)}"
        if document.facts:
            yield " · ".join(f"{name}: {escape(text)}" for name, text in {"study": document.name, **document.facts}.items())
        if document.progress:
            yield self.note.format(escape(document.progress.text))

    def listed(self, items: Iterable[str]) -> str:
        return "\n".join(f"- {item}" for item in items)

    def code(self, block: doc.Code) -> Iterator[str]:
        yield fence(block.text)

    def details(self, block: doc.Details) -> Iterator[str]:
        if not block.searched:
            yield "\n\n".join([f"<details><summary>{escape(block.summary)}</summary>", *self.blocks(block.blocks), "</details>"])

    def table(self, block: doc.Table) -> Iterator[str]:
        heads, body = flat(block)
        lines = ([escape(column.header) for column in heads], ["---"] * len(heads), *(map(self.rich, row) for row in body))
        yield from filter(None, (escape(block.caption), "\n".join("| " + " | ".join(line) + " |" for line in lines)))

    def figure(self, block: doc.Figure) -> Iterator[str]:
        yield f"![{escape(block.alt)}]({self.folder}/{block.name}.svg)"
        yield escape(block.caption)

    def link(self, part: doc.Link) -> str:
        return f"[{escape(part.text)}]({part.address}{'report.md' if part.address.endswith('/') else ''})"
