"""The report as LaTeX: whole environments, rectangular tables, harmless text."""

import re

import pytest

from dlbench.analysis import analyse
from dlbench.report import latex, render
from dlbench.report.document import Document, Items, Link, Part, Strong, Text
from dlbench.report.study import study_document
from tests.report.conftest import HOSTILE, Shape, build

OWN = {"textbf", "textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater", "textbar", "textquotedblright", "section",
       "subsection", "begin", "end", "item", "small", "scriptsize", "footnotesize", "ttfamily", "raggedright", "par", "mbox", "toprule",
       "midrule", "bottomrule", "endhead", "endfoot", "linewidth", "IfFileExists", "includegraphics", "texttt", "to", "times", "pm",
       "leq", "geq", "approx", "infty", *latex.GREEK.values()}


@pytest.fixture(scope="module")
def texts(drawn, hostile):
    return latex.render(drawn[1]), latex.render(study_document(analyse(hostile)))


def test_every_environment_and_brace_is_closed(texts):
    for text in texts:
        opened = []
        for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
            opened.append(name) if kind == "begin" else opened.remove(name)
        assert not opened
        bare = re.sub(r"\\[\\{}]", "", text)
        assert bare.count("{") == bare.count("}")


def test_no_text_of_the_users_is_a_command(texts):
    for text in texts:
        body = text.split(r"\begin{document}")[1]
        assert set(re.findall(r"\\([A-Za-z]+)", body)) <= OWN
        assert "$y$" not in body and not re.search(r"(?<!\\)[#^_](?![\w/-]*\.(?:pdf|svg))", body)


def test_every_table_is_rectangular(texts):
    for text in texts:
        for table in re.findall(r"\\begin\{longtable\}\{([^\n]*)\}\n(.*?)\\end\{longtable\}", text, re.DOTALL):
            columns = len(re.sub(r"p\{[^}]*\}", "p", table[0]))
            lines = [line for line in table[1].split("\n") if line.endswith(r"\\")]
            assert lines and {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {columns - 1}


def test_figures_are_included_where_they_were_converted(drawn, texts):
    assert re.findall(r"\\IfFileExists\{figures/([\w-]+)\.pdf\}", texts[0]) == [figure.name for figure in drawn[1].figures()]


def test_words_that_stand_out_are_bold_and_links_are_words():
    blocks = (Text(("See ", Strong("a_b"), " there.")), Items((("to ", Link("that", "x/")),)))
    text = latex.render(Document("d", "d", "k", "T", {}, (Part("p", "P", blocks),)))
    assert r"See \textbf{a\_b} there." in text and "\\item {}to that\n" in text


def paper_table(results, folder):
    """The text of verdicts.tex."""
    return render(results, folder, ("tex",))[0].read_text()


@pytest.mark.usefixtures("undrawn")
def test_the_table_for_a_paper_is_whole_and_runs_nothing(hostile, tmp_path):
    text = paper_table(hostile, tmp_path)
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 1
    assert r"\input" not in text and "$y$" not in text
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().split("\n")
    assert len(body) == len(HOSTILE)
    assert all(len(re.findall(r"(?<!\\)&", line)) == 5 and line.endswith(r"\\") for line in body)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("name", ["[9cm] a", "* a"])
def test_a_name_is_no_argument_of_the_line_before(name, tmp_path):
    text = paper_table(build({"baseline": 0.0, "b": 0.1, name: 0.0}, Shape(seeds=3, epochs=1)), tmp_path)
    assert not re.search(r"\\\\\s*[\[*]", text)
