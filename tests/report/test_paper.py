"""What goes into a paper or a comment: numbers that align, marks that the caption explains, and a text that fits."""

from __future__ import annotations

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from dlbench.app.judge import Question, judge, save
from dlbench.report import markdown
from dlbench.report.latex import SIGNS
from dlbench.report.paper import MOST_NAME, MOST_ROWS
from dlbench.report.paper import paper as paper_of
from dlbench.report.study import study_document


def table(means, n=6, sd=0.004):
    draw = np.random.default_rng(0)
    return pd.DataFrame([(arm, seed, mean + draw.normal(0, sd)) for arm, mean in means.items() for seed in range(n)],
                        columns=["arm", "seed", "acc"])


MEANS = {"baseline": 0.9, "much_worse & 50%": 0.5, "better": 0.95, "as good": 0.951, "same": 0.9}


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    out = tmp_path_factory.mktemp("paper") / "out"
    save(judge(Question(table(MEANS, n=12), 0.01), out), ("tex",))
    return (out / "paper.tex").read_text()


def rows(paper):
    body = paper.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    return {line.split(" & ")[0]: [cell.strip() for cell in line.removesuffix(r"\\").split(" & ")] for line in body.strip().splitlines()}


def judged(folder, means):
    save(judge(Question(table(means), 0.01, baseline=next(iter(means))), folder), ("tex",))
    return (folder / "paper.tex").read_text()


def test_more_arms_than_a_page_holds_go_on_over_pages_under_the_same_head(tmp_path, undrawn):
    text = judged(tmp_path / "out", {f"arm {number}": 0.9 for number in range(MOST_ROWS + 1)})
    assert text.startswith(r"% requires \usepackage{booktabs,longtable}") and r"\begin{table}" not in text
    assert text.count(r"\caption{") == 1 and text.count("& $n$") == 2 and text.count("{}arm ") == MOST_ROWS + 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX on this machine")
@pytest.mark.parametrize("arms", [4, MOST_ROWS + 1])
def test_latex_compiles_what_is_written_whatever_the_names(arms, tmp_path, undrawn):
    names = ["λ = 0.1, β₁ ≤ 2²", "".join(SIGNS), "é “quoted” … µ × ±", r"\input{/etc/passwd}", "[9cm] *", "x" * 300]
    judged(tmp_path / "out", {"baseline": 0.9, **dict.fromkeys(names, 0.91), **{f"arm {number}": 0.9 for number in range(arms)}})
    (tmp_path / "out" / "main.tex").write_text(
        r"\documentclass{article}\usepackage{booktabs,longtable}\begin{document}\input{paper}\input{verdicts}\end{document}")
    for name in ("main", "report"):
        done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name], cwd=tmp_path / "out", capture_output=True,
                              text=True, encoding="latin-1", check=False)
        assert done.returncode == 0 and (tmp_path / "out" / f"{name}.pdf").exists(), done.stdout[-2000:]


def test_a_long_name_is_cut_so_that_its_line_fits(tmp_path, undrawn):
    assert max(map(len, rows(judged(tmp_path / "out", {"baseline": 0.9, "x" * 300: 0.91})))) == MOST_NAME + len("{}")


def test_the_best_and_all_that_are_not_shown_to_differ_are_bold(paper):
    bold = {name for name, cells in rows(paper).items() if r"\textbf" in cells[1]}
    assert bold == {"{}better", "{}as good"}


def test_numbers_align_at_the_sign_and_have_equal_decimals(paper):
    assert r"{lr@{${}\pm{}$}lr@{}lr}" in paper
    numbers = [re.sub(r"[^0-9.]", "", cell) for cells in rows(paper).values() for cell in (cells[1], cells[2])]
    assert len({len(text.partition(".")[2]) for text in numbers}) == 1 and all("." in text for text in numbers)


def test_stars_and_dagger_are_explained_in_the_caption(paper):
    caption = next(line for line in paper.splitlines() if line.startswith(r"\caption"))
    for mark in (r"$^{*}\,p<0.05$", r"$^{***}\,p<0.001$", r"$^{\dagger}$ shown to be within", "Holm-adjusted over 4 arms", "10 pairs"):
        assert mark in caption
    found = rows(paper)
    assert found["{}better"][4] == "$^{***}$" and found["{}same"][4] == r"$^{\dagger}$" and found["{}baseline"][3:5] == ["", ""]


def test_it_is_one_balanced_environment_whose_names_are_escaped(paper):
    assert r"{}much\_worse \& 50\%" in paper and paper.count(r"\begin{") == paper.count(r"\end{") == 2
    assert paper.count("{") == paper.count("}") and all(line.count(" & ") == 5 for line in paper.splitlines() if line.startswith("{}"))


def test_pairs_are_tested_as_pairs():
    assert "paired t-test, each of the " in paper_of(judge(Question(table(MEANS), 0.01, paired=True)).result.analysis)


@pytest.mark.parametrize("arms", [3, 200])
def test_markdown_of_judged_results_fits_a_comment(arms):
    found = judge(Question(table({f"arm {place}": 0.5 + 0.002 * place for place in range(arms)}, n=5), 0.01, baseline="arm 0"))
    document = study_document(found.result.analysis)
    text = markdown.comment(document)
    assert len(text) <= 65_536 and text.count("<details>") == text.count("</details>")
    assert ("Cut to fit a comment" in text) == (arms == 200) and "## Answer" in text and "## Verdicts" in text
    if arms == 200:
        assert len(markdown.render(document)) > 65_536, "this study is large enough"
        assert "Cut to fit a comment of 9,000 characters" in (short := markdown.comment(document, most=9000)) and len(short) <= 9000
    else:
        assert "<details><summary>Effects</summary>" in text


def test_trials_of_unequal_budgets_are_compared_at_equal_ones(tmp_path):
    draw = np.random.default_rng(0)
    trials = pd.DataFrame([(arm, 0.8 + 0.1 * draw.uniform()) for arm, n in (("baseline", 10), ("tuned", 60)) for _ in range(n)],
                          columns=["arm", "acc"])
    found = judge(Question(trials, 0.01, trials=True), tmp_path / "out")
    save(found, ("md",))
    page = (tmp_path / "out" / "report.md").read_text()
    assert "Best of 10" in page and "Best of 50" in page and "between 10 and 60 trials" in page
    assert "trials = true" in (tmp_path / "out" / "judge.toml").read_text()
    plain = judge(Question(trials, 0.01), tmp_path / "plain")
    save(plain, ("md",))
    assert "Best of 10" not in (tmp_path / "plain" / "report.md").read_text()


def test_that_control_is_not_proven_is_said_once(tmp_path):
    save(judge(Question(table({f"arm {place}": 0.5 + 0.02 * place for place in range(6)}), 0.01, baseline="arm 0"), tmp_path), ("md",))
    page = (tmp_path / "report.md").read_text()
    assert page.count("Control is not proven by dlbench") == 1 and "dlbench did not make these runs" not in page
    assert "Not proven by dlbench, for any arm" in page
