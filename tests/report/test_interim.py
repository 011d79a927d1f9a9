"""The verdicts of declared interim analyses are shown as they were made, and each analysis is told."""

from dataclasses import replace

import pytest

from dlbench.analysis import analyse, tables
from dlbench.analysis.scores import references, scores
from dlbench.exports.text import csv_text
from dlbench.report.answers import notes, sentences
from dlbench.report.sections.interim import SECTION
from dlbench.stats.boundaries import boundaries
from dlbench.stats.method import Rule
from dlbench.stats.sequential import judge_interim, say_when_decided
from dlbench.stats.verdict import compare
from dlbench.store.interim import InterimAnalysis
from tests.report.conftest import Shape, build, markdown_of, page_of, shown, without_runs

pytestmark = pytest.mark.usefixtures("undrawn")
ARMS = {"baseline": 0.0, "better": 0.05, "a|b <i>": 0.003, "same": 0.0}
DECLARED = {"looks": [4, 8], "metric": "test_accuracy", "margin": 0.005}
AGAINST = dict.fromkeys(list(ARMS)[1:], "baseline")
RULE = Rule(0.005, unit="fraction")


def rows(table):
    plain = table.astype(object).where(table.notna(), None)
    return tuple(plain.to_dict("records"))


@pytest.fixture(scope="module")
def adaptive():
    """Results after the first of two interim analyses, and after both."""
    made = build(ARMS, Shape(seeds=8, epochs=2, noise=0.003), adaptive=DECLARED)
    plan, known = boundaries((4, 8), 3, paths=100_000), scores(made, "test_accuracy")
    first = say_when_decided(judge_interim(known[known.seed < 4], AGAINST, RULE, plan, 4), plan, 4)
    taken = InterimAnalysis((), tuple(range(4)), declared=DECLARED, verdicts=rows(first), taken="2026-01-01T00:00:00+00:00")
    left = {arm: "baseline" for arm in taken.undecided}
    decided = say_when_decided(judge_interim(known, left, RULE, plan, 8), plan, 8)
    last = InterimAnalysis((), tuple(range(8)), declared=DECLARED, verdicts=rows(decided))
    assert 0 < len(left) < 3
    kept = made
    for arm in set(AGAINST) - set(left):
        kept = without_runs(kept, arm, (0, 1, 2, 3))
    whole = replace(kept, complete=True, interim=(taken, last), planned=len(kept.runs))
    return replace(kept, interim=(taken,), planned=16), whole


def test_verdicts_are_those_of_the_last_interim_analysis_of_each_arm(adaptive):
    table = analyse(adaptive[1]).verdicts.set_index("arm")
    taken, last = adaptive[1].interim
    for row in (*taken.verdicts, *last.verdicts):
        if row["arm"] not in taken.undecided or row in last.verdicts:
            assert table.loc[row["arm"], ["verdict", "reason", "n", "p_adjusted"]].tolist() == [
                row["verdict"], row["reason"], row["n"], pytest.approx(row["p_adjusted"], abs=0)]
    assert table.loc["better", "reason"].endswith("decided at interim analysis 1 of 2, 4 seeds")


def test_each_answer_says_at_which_interim_analysis(adaptive):
    answers = sentences(analyse(adaptive[1]))
    assert "Decided at interim analysis 1 of 2, 4 seeds." in answers["better"]
    assert all("at interim analysis 2 of 2, 8 seeds." in answers[arm] for arm in adaptive[1].interim[0].undecided)


def test_the_table_of_interim_analyses_names_who_was_decided_and_the_share_saved(adaptive):
    (told, *_), tables = shown(SECTION, adaptive[1])
    rows, saved = tables["interim-table"], 1 - len(adaptive[1].runs) / 32
    assert f"{100 * saved:.0f} % of 32 runs saved" in told
    assert rows[0][:4] == ("1 of 2", "4", "3", "; ".join(
        f"{row['arm']}: {row['verdict']}" for row in adaptive[1].interim[0].verdicts if row["arm"] not in adaptive[1].interim[0].undecided))
    assert "better: helps" in rows[0][3]


def test_a_study_between_two_interim_analyses_says_so(adaptive):
    analysis = analyse(adaptive[0])
    (told, *_), tables = shown(SECTION, adaptive[0])
    assert tables["interim-table"][1][3] == "not taken yet" and "16 runs of at most 32" in told
    open_arm = adaptive[0].interim[0].undecided[0]
    assert "Undecided at interim analysis 1 of 2" in sentences(analysis)[open_arm] and "would decide" not in sentences(analysis)[open_arm]
    assert "of 16 runs" in next(notes(analysis))


def test_before_the_first_interim_analysis_there_is_no_verdict(adaptive):
    analysis = analyse(replace(adaptive[0], interim=()))
    assert set(analysis.verdicts["verdict"]) == {"no verdict"} and page_of(analysis)


def test_no_interim_analysis_is_needed_when_all_is_decided(adaptive):
    one = replace(adaptive[1], interim=(replace(adaptive[1].interim[0], verdicts=adaptive[1].interim[0].verdicts[:1]),))
    assert shown(SECTION, one)[1]["interim-table"][1][3] == "not needed"


@pytest.mark.parametrize("state", [0, 1])
def test_every_format_has_the_interim_analyses_and_escapes_them(adaptive, state):
    analysis = analyse(adaptive[state])
    page, text = page_of(analysis), markdown_of(analysis)
    assert 'id="interim"' in page and "## Interim analyses" in text and "<i>" not in page
    assert "boundary" in page and "boundary" in text and "Holm-adjusted over" not in page + text
    assert "4 seeds" in csv_text(tables.verdicts(analysis)) and "sequence" not in tables.verdicts(analysis)


def test_an_extended_study_is_judged_and_drawn_without_its_pilot(results):
    seen = (InterimAnalysis((), (0, 1, 2)), InterimAnalysis((), tuple(range(8)), (0, 1, 2)))
    analysis = analyse(replace(results, pilot=(0, 1, 2), interim=seen))
    known = scores(results, "test_accuracy")
    alone = compare(known[known.seed > 2], references(results), RULE).set_index("arm")
    table = analysis.verdicts.set_index("arm")
    assert table["p_adjusted"].to_dict() == pytest.approx(alone["p_adjusted"].to_dict()) and set(table["n"]) == {5}
    assert set(analysis.pairs["seed"]) == {3, 4, 5, 6, 7}
    assert table["reason"].str.endswith("judged on the 5 new seeds; 3 earlier ones were its pilot").all()
    text = markdown_of(analysis)
    assert "5 new seeds" in text and "3 to 7 (5 seeds)" in text and "5 of 5" in text


def test_effects_of_factors_leave_the_pilot_out_too():
    arms = {"baseline": 0.0, "a": 0.01, "b": 0.0, "a + b": 0.01}
    made = build(arms, Shape(seeds=6, epochs=2), design="factorial", factor_names=["a", "b"],
                 factors={"baseline": [], "a": ["a"], "b": ["b"], "a + b": ["a", "b"]})
    found = analyse(replace(made, pilot=(0, 1))).factors
    assert set(found.runs["seed"]) == {2, 3, 4, 5}


def test_a_study_judged_once_tells_of_no_interim_analysis(results):
    assert not list(SECTION.build(analyse(replace(results, interim=(InterimAnalysis((), tuple(range(8))),)))))
    assert 'id="interim"' not in page_of(analyse(results))
