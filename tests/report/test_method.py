"""A report takes its words for the method of the verdicts from the method."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dlbench

PACKAGES = [Path(dlbench.__file__).parent / name for name in ("analysis", "report")]
WORDS = re.compile(r"\b95 %|(?<![\d.])5 %|\bHolm\b|\bpaired t\b|\bBonferroni\b|(?<!\d)0\.05\b")
OTHER = """
import sys
from dataclasses import replace
from pathlib import Path
import dlbench.stats.method as method
method.METHOD = method.Method(0.1, replace(method.PAIRED_T, name="other test", short="other", interval="other"),
                              replace(method.HOLM, name="Other"))
from dlbench.report import render
from dlbench.report.figures import canvas
from tests.report.conftest import build
from tests.conftest import BLANK
from tests.report.test_interactions import factorial
canvas.draw = lambda *_: BLANK
render(build(), Path(sys.argv[1], "plain"), ("html", "md", "tex"))
render(factorial(lambda a, b, c: 0.01 * a - 0.01 * b), Path(sys.argv[1], "factorial"), ("md",))
"""


def literals(path):
    """Texts of a module, without those of its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs]


@pytest.mark.parametrize("path", [path for package in PACKAGES for path in sorted(package.rglob("*.py"))], ids=lambda path: path.stem)
def test_no_text_states_the_method_by_itself(path):
    assert not [text for text in literals(path) if WORDS.search(text)]


def test_another_method_changes_every_sentence_about_it(tmp_path):
    subprocess.run([sys.executable, "-c", OTHER, str(tmp_path)], check=True, cwd=Path(dlbench.__file__).parents[1])
    pages = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.suffix in (".html", ".md", ".tex")}
    texts = {path: re.sub(r"<svg.*?</svg>|<style.*?</style>", "", text, flags=re.DOTALL) for path, text in pages.items()}
    assert len(texts) > 3
    for path, text in texts.items():
        assert not re.search(r"\b95 ?\\?%|\bHolm\b|\bpaired t\b", text), path.name
    assert "90 % other interval" in texts[tmp_path / "plain" / "report.md"]
    assert "Other-adjusted over " in texts[tmp_path / "plain" / "report.md"]
    assert "Other-adjusted over the" in texts[tmp_path / "factorial" / "report.md"]
