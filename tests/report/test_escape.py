"""Nothing that a user wrote gets out of its place."""

import re

from hypothesis import given
from hypothesis import strategies as st

from dlbench.report.latex import GREEK
from dlbench.report.latex import escape as latex
from dlbench.report.markdown import escape as markdown
from dlbench.report.markdown import fence
from tests.report.conftest import HOSTILE


@given(st.text())
def test_markdown_is_one_line_without_live_markup(text):
    safe = markdown(text)
    assert "\n" not in safe and "<" not in safe
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]|]", safe)
    assert "://" not in safe


def test_hostile_names_are_dead_in_markdown():
    assert markdown(HOSTILE[1]).startswith(r"a\|b\`c\` \| d &lt;img")
    assert "](" not in markdown(HOSTILE[6]).replace(r"\](", "")


@given(st.text())
def test_no_latex_command_survives(text):
    safe = latex(text)
    for known in (
        r"\textbackslash{}",
        r"\textasciitilde{}",
        r"\textasciicircum{}",
        r"\textless{}",
        r"\textgreater{}",
        r"\textbar{}",
        r"\textquotedblright{}",
        r"$\to$",
        r"$\times$",
        r"$\pm$",
        r"$-$",
        *(rf"$\{name}$" for name in ("leq", "geq", "approx", "infty", *GREEK.values())),
    ):
        safe = safe.replace(known, "")
    assert not re.search(r"\\(?![{}$&#_%])", safe)
    assert not re.search(r"(?<!\\)[{}$&#_%]", safe)


@given(st.text())
def test_a_fence_holds_its_content(text):
    lines = fence(text).split("\n")
    assert lines[0] == lines[-1] and set(lines[0]) == {"`"}
    assert lines[0] not in "\n".join(lines[1:-1])
