"""The page of a lineage tells what fresh seeds say, beside what was claimed."""

import math

from dlbench.gate.ledger import Confirmation, Header, Incumbent, Ledger, Proposal, Version
from dlbench.report.figures.canvas import canvas, drawing
from dlbench.report.figures.lineage import lineage
from dlbench.report.lineage import _table, render

FIRST = Version(tree="0" * 40, parameters={})


def proposal(number, verdict, gain, incumbent, before=0):
    version = Version(tree=str(number) * 40, parameters={})
    mine = Incumbent(version=version, proposal=number, seed=96) if verdict == "keep" else Incumbent(version=FIRST, proposal=before, seed=0)
    return Proposal(number=number, version=version, name=f"<b>{number}</b>", verdict=verdict, why="because", p=0.5, level=0.01, wealth=0.04,
                    gain=gain, low=gain and gain - 0.01, high=gain and gain + 0.01, seeds=[0, 1, 2], score=gain and 0.9, incumbent=mine)


def ledger(tmp_path, lower=True):
    header = Header(format=1, project="a:", train="python train.py {seed}", score="loss", lower=lower, score_pattern="", margin=0.0,
                    control="fdr", alpha=0.05, looks=[3, 6], first=FIRST)
    found = Ledger(tmp_path / "lineage.jsonl", header)
    found.proposals += [proposal(1, "discard", -0.02, 0), proposal(2, "keep", 0.1, 2), proposal(3, "undecided", 0.03, 2, 2),
                        proposal(4, "discard", None, 2, 2)]
    found.confirmations.append(Confirmation(proposal=2, seeds=[96, 97], gain=0.06, low=0.04, high=0.08, score=0.94, first_score=1.0))
    return found


def test_the_honest_gain_stands_beside_the_greedy_claim(tmp_path):
    page = render(ledger(tmp_path))
    assert "1 of 4 proposals was kept; the incumbent gains +0.06 (+0.04 to +0.08) over the first one, on 2 fresh seeds" in page
    assert "are +0.1: the greedy claim" in page and "<b>1</b>" not in page and "<svg" in page


def test_scores_are_the_first_incumbents_and_on_top_what_was_gained_on_common_seeds(tmp_path):
    for lower, sign in ((True, -1), (False, 1)):
        table = _table(ledger(tmp_path, lower))
        expected = [1 - sign * 0.02, 1 + sign * 0.1, 1 + sign * 0.09, math.nan]
        assert [round(score, 6) for score in table["score"][:3]] == [round(one, 6) for one in expected[:3]]
        assert math.isnan(table["score"][3]) and table["fresh"][1] == 1 + sign * 0.06


def test_a_ledger_without_proposals_has_a_page(tmp_path):
    empty = ledger(tmp_path)
    empty.proposals.clear()
    empty.confirmations.clear()
    assert "Nothing is proposed yet." in render(empty)


def test_the_figure_marks_every_proposal_that_has_a_score(tmp_path):
    with drawing("test"):
        _, ax = canvas(6, 4)
        lineage(_table(ledger(tmp_path)), ax)
        points = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert [line.get_xdata()[0] for line in points] == [1, 2, 3]
