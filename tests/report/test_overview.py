"""The page over a folder of studies says of each what its report says, and what it was made of."""

import hashlib
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.report import frames, render_overview
from dlbench.report.answers import answer
from dlbench.report.arms import compared_arms
from dlbench.report.figures.palette import look
from dlbench.report.overview import FILE, MADE
from dlbench.report.sections import target
from dlbench.store.read import read
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from dlbench.values.text import one_line
from tests.execution.made_up import carry_out
from tests.report.conftest import HOSTILE, Shape, build, empty, markdown_of, page_of
from tests.report.test_markdown import tables

SHAPE = Shape(seeds=4, epochs=2)


@pytest.fixture
def page(tmp_path):
    """``page(name=results)``: the text of the page over a folder ``my_studies``."""
    def text(**studies):
        analyses = {name: analyse(results) for name, results in studies.items()}
        return render_overview(analyses, tmp_path / "my_studies").read_text(encoding="utf-8")

    return text


def planned(table):
    return plan(load(table))


def test_every_study_has_its_question_answer_numbers_and_link_in_the_order_of_names(page):
    one, two = build({"baseline": 0.0, "a": 0.02}, SHAPE), build(shape=SHAPE, question="Does b help?")
    text = page(two=two, one=one)
    assert text.startswith(MADE) and "# My studies\n" in text and text.index("](one/report.md)") < text.index("](two/report.md)")
    for results in (one, two):
        analysis = analyse(results)
        plain = re.sub(r"\\(.)", r"\1", text)
        assert results.study["question"] in plain and plain.count(answer(analysis)) == 2
        for arm in compared_arms(analysis):
            assert f"| {arm.difference.text} {arm.difference.small} |" in plain and f"{look(arm.verdict).sign} {arm.verdict}" in plain


def test_every_table_is_rectangular_and_hostile_text_is_dead(page, hostile):
    text = page(**{"a": hostile, "b": build(shape=SHAPE), "c": empty()})
    for lines in tables(text.strip()):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    inert = re.sub(r"^(`{3,}).*?^\1$", "", text.removeprefix(MADE), flags=re.DOTALL | re.MULTILINE)
    assert "<" not in inert and HOSTILE[0] not in inert
    assert set(re.findall(r"(?<!\\)\]\(([^)]*)\)", inert)) == {"a/report.md", "b/report.md", "c/report.md", "figures/studies.svg"}


def test_the_page_opens_with_the_effects_of_all_studies_in_margins(page, tmp_path):
    wide, lower = build({"baseline": 0.0, "a": 0.02}, SHAPE, margin=0.05), build({"baseline": 0.0, "a": 0.3}, SHAPE, metric="test_loss")
    assert "studies.svg" not in page(one=wide) and not (tmp_path / "my_studies" / "figures").exists()
    text = page(one=wide, two=build({"baseline": 0.0, "b": 0.09}, SHAPE, margin=0.01))
    assert text.index("(figures/studies.svg)") < text.index("| Question |")
    drawn = (tmp_path / "my_studies" / "figures" / "studies.svg").read_text(encoding="utf-8")
    assert drawn.count("<title>one, a:") == 2 and "helps, +9." in drawn  # the second one's mark is an arrow at the edge
    table = frames.studies({"one": analyse(wide), "two": analyse(lower)}).set_index("study")
    row = analyse(wide).verdicts.iloc[0]
    assert [table.loc["one", name] for name in ("difference", "low")] == pytest.approx([row.difference / 0.05, row.low / 0.05])
    loss = analyse(lower).verdicts.iloc[0]
    assert np.sign(table.loc["two", "difference"]) == -np.sign(loss.difference)


def test_what_was_published_stands_in_one_table_over_all_studies(page):
    told = {"a": {"difference": 0.02, "source": "Author 2014", "place": "Table 9", "link": "https://example.org/paper"}}

    def stating(effect):
        results = build({"baseline": 0.0, "a": effect}, SHAPE, margin=0.01)
        return replace(results, study=results.study | {"published": told})

    text = page(one=stating(0.02), two=stating(-0.09), silent=build(shape=SHAPE))
    start = r"^\| \[(\w+)\]\(\1/report.md\) \| a \(against baseline\) \| \+2\.00 pp \| "
    rows = re.findall(start + r".* \| (.*?) \| (.*) \|$", text, flags=re.MULTILINE)
    source = "[Author 2014, Table 9](https://example.org/paper)"
    assert rows == [("one", "same direction and size", source), ("two", "contradicted", source)]
    assert "| Published |" not in page(silent=build(shape=SHAPE))


def test_costs_that_no_arm_changes_have_no_column(page):
    same = build({"baseline": 0.0, "a": 0.0}, SHAPE)
    same = replace(same, rounds=same.rounds.iloc[:0])
    assert "| Arm | Difference in test accuracy, pp \\[95 %\\] | n | Verdict |" in page(same=same)
    assert "| Parameters | MACs | Training time | Inference | n |" in page(every=build(shape=SHAPE))


def test_another_reference_and_a_comparison_that_is_not_controlled_are_told(page):
    results = build(shape=SHAPE)
    results.runs.loc[results.runs.arm == "dropout rate=0.5", "control"] = "uncontrolled"
    text = page(a=results)
    assert "transfer mode=finetune (against transfer mode=scratch)" in text
    (line,) = [line for line in text.splitlines() if "(uncontrolled) |" in line]
    assert line.startswith("| dropout rate=0.5 |")


def test_what_a_study_tells_beside_its_metric_is_there(page):
    results = build(shape=SHAPE)
    text = page(a=results)
    (reached,) = target.table(analyse(results))
    assert "| Arm | Reached | Median epoch |" in text and len(reached.rows) == 10
    assert all(f"| {' | '.join(cell.text for cell in row.cells)} |" in re.sub(r"\\(.)", r"\1", text) for row in reached.rows)
    names = [f"{mode} labels_per_class={labels}" for labels in (10, 100) for mode in ("scratch", "frozen")]
    arms = [{"arm": name, "reference": f"scratch {name.split()[1]}" if name.startswith("frozen") else None, "changes": {},
             "recipe": {"data.labels_per_class": int(name.rpartition("=")[2])}, "techniques": name} for name in names]
    gains = dict(zip(names, (0.0, 0.05, 0.05, 0.0)))
    few = build({"baseline": 0.0, **gains}, SHAPE)
    few = replace(few, arms=pd.concat([few.arms.iloc[:1], pd.DataFrame(arms)], ignore_index=True))
    assert "- frozen: ahead of its reference up to about" in re.sub(r"\\(.)", r"\1", page(a=few))


def test_it_says_what_the_studies_were_made_of(tmp_path):
    table = {"question": "Why?", "margin": 0.01, "seeds": 2, "dataset": "digits", "arms": [{"technique": "dropout"}]}
    whole = planned(table)
    carry_out(whole, tmp_path / "f" / "s", lambda recipe, seed: (0.9 + seed / 100, 0.9))
    results = read(tmp_path / "f" / "s")
    assert results.study["hash"] == hashlib.sha256(whole.study.text.encode()).hexdigest()
    results.runs["hash_content"] = "0123456789abcdef"
    text = render_overview({"s": analyse(results)}, tmp_path / "f").read_text(encoding="utf-8")
    assert results.study["hash"][:16] in text and "digits 0123456789abcdef" in text and "dlbench run study.toml" in text
    stated = replace(results, arms=results.arms.assign(recipe=[{"data.content": "fedcba9876543210"}] * len(results.arms)))
    assert "digits fedcba9876543210" in render_overview({"s": analyse(stated)}, tmp_path / "f").read_text(encoding="utf-8")


def test_a_page_of_another_making_stays(tmp_path):
    (tmp_path / FILE).write_text("# Mine\n")
    assert render_overview({"a": analyse(build(shape=SHAPE))}, tmp_path) is None and (tmp_path / FILE).read_text() == "# Mine\n"
    (tmp_path / FILE).unlink()
    assert render_overview({}, tmp_path).read_text() == render_overview({}, tmp_path).read_text()


def test_what_could_not_be_read_is_named(tmp_path):
    text = render_overview({}, tmp_path, {"x": "damaged"}).read_text()
    assert "> **Note.** x is left out: damaged" in text and "no study here yet" in text


def test_each_dataset_has_its_table(tmp_path):
    whole = planned({"question": "Is it general?", "margin": 0.01, "seeds": 3, "datasets": ["digits", "tfds:mnist"],
                      "arms": [{"technique": "l2"}]})
    carry_out(whole, tmp_path / "f" / "s", lambda recipe, seed: (0.9 + 0.05 * bool(recipe.regularization.l2) + seed / 100, 0.9))
    text = render_overview({"s": analyse(read(tmp_path / "f" / "s"))}, tmp_path / "f").read_text(encoding="utf-8")
    assert text.count("| l2 | +5.00") == 2 and "On digits: reference" in text and "On tfds:mnist: reference" in text


def test_remarks_stand_on_the_page_and_in_the_report_and_change_nothing_else(tmp_path, undrawn):
    from_hand = "Look:\nthe *first* line.\n\n<b>And</b> another.\n"
    folder = tmp_path / "f" / "s"
    carry_out(planned({"question": "Why?", "margin": 0.01, "seeds": 2, "arms": [{"technique": "dropout"}]}), folder,
              lambda recipe, seed: (0.9 + seed / 100, 0.9))
    before = read(folder)
    (folder / "remarks.txt").write_text(from_hand)
    (tmp_path / "f" / "remarks.txt").write_text("What this is.\n")
    results = read(folder)
    assert results.study == before.study and results.runs.equals(before.runs) and results.remarks == from_hand
    page = render_overview({"s": analyse(results)}, tmp_path / "f").read_text(encoding="utf-8")
    report = markdown_of(analyse(results))
    for text in (page, report):
        assert "Look: the \\*first\\* line." in text and "&lt;b&gt;And&lt;/b&gt; another." in text
    assert page.index("What this is.") < page.index("| Question |") and "Written by hand" in report
    assert "Remarks" not in markdown_of(analyse(before))
    shown = page_of(analyse(results))
    assert 'id="remarks"' in shown and "&lt;b&gt;And" in shown and "<b>And" not in shown


def test_the_answer_has_one_line(page):
    results = build({"baseline": 0.0, "two\nlines": 0.05}, SHAPE)
    assert one_line(answer(analyse(results))) in page(a=results)


def test_remarks_that_are_no_text_are_refused(tmp_path):
    carry_out(planned({"question": "Why?", "margin": 0.01, "seeds": 2, "arms": [{"technique": "dropout"}]}), tmp_path,
              lambda recipe, seed: (0.9, 0.9))
    (tmp_path / "remarks.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"remarks\.txt: cannot be read: .*; accepted: plain text in UTF-8"):
        read(tmp_path)
