"""A published difference is held against the verdict, the interval and the margin of its arm."""

import pytest

from dlbench.analysis import analyse
from dlbench.analysis.published import agreement, published
from dlbench.store.read import read
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from tests.execution.made_up import carry_out
from tests.report.conftest import markdown_of, page_of

TABLE = {"question": "Is it so?", "margin": 0.01, "seeds": 8, "dataset": "digits"}
TOLD = {"difference": 0.05, "source": "Author 2014", "place": "Table 9", "link": "https://example.org/paper/"}


@pytest.mark.parametrize("told, verdict, found, expected", [
    (0.05, "helps", (0.04, 0.02, 0.06), "same direction and size"), (0.05, "helps", (0.02, 0.01, 0.03), "same direction"),
    (0.05, "hurts", (-0.04, -0.06, -0.02), "contradicted"), (-0.05, "hurts", (-0.04, -0.06, -0.02), "same direction and size"),
    (0.05, "inconclusive", (0.04, -0.02, 0.1), "not shown"), (0.05, "no verdict", (0.04, -0.02, 0.1), "not shown"),
    (0.05, "no meaningful effect", (0.001, -0.005, 0.007), "contradicted"),
    (0.002, "no meaningful effect", (0.001, -0.005, 0.007), "same direction and size"),
    (0.009, "no meaningful effect", (0.001, -0.005, 0.007), "not shown")])
def test_a_finding_agrees_contradicts_or_leaves_open(told, verdict, found, expected):
    assert agreement(told, verdict, found, margin=0.01) == expected


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published") / "s"
    whole = plan(load(TABLE | {"arms": [{"technique": "dropout", "published": TOLD}, {"technique": "l2"}]}))
    carry_out(whole, folder, lambda recipe, seed: (0.9 + 0.05 * bool(recipe.model.dropout) + seed / 1000, 0.9))
    return analyse(read(folder))


def test_it_is_kept_with_the_study_and_shown_with_its_source(analysed):
    (row,) = published(analysed).itertuples()
    assert (row.arm, row.published, row.agreement) == ("dropout", 0.05, "same direction and size")
    text = markdown_of(analysed)
    assert "[Author 2014, Table 9](https://example.org/paper)" in text and "| +5.00 pp |" in text
    assert 'href="https://example.org/paper"' in page_of(analysed)


def test_it_is_no_part_of_what_is_run():
    told, silent = (plan(load(TABLE | {"arms": [{"technique": "dropout"} | more]})) for more in ({"published": TOLD}, {}))
    assert told.cells == silent.cells


@pytest.mark.parametrize("arm, said", [
    ({"published": 0.05}, "accepted: a table such as"), ({"published": {"source": "A"}}, "'difference' is missing"),
    ({"published": {"difference": float("inf"), "source": "A"}}, "accepted: a number"),
    ({"published": TOLD | {"link": "javascript:alert(1)"}}, "begins with https://"),
    ({"published": TOLD | {"plaice": "Table 9"}}, "place"), ({"rate": [0.2, 0.5], "published": TOLD}, "stand for 2 arms")])
def test_what_is_wrong_is_named(arm, said):
    with pytest.raises(InputError, match=said):
        load(TABLE | {"arms": [{"technique": "dropout"} | arm]})
