"""Results that others made: what is taken as what is said, verdicts are ours, and what is ambiguous is refused with the place."""

from __future__ import annotations

import json
import tomllib

import numpy as np
import pandas as pd
import pytest

import dlbench
from dlbench.app.judge import Question, judge, save
from dlbench.stats.method import Rule
from dlbench.stats.unpaired import compare_unpaired
from dlbench.stats.verdict import compare
from dlbench.values.errors import InputError
from tests.calling import called
from tests.packaging.pins import ROOT

GAINS = {"baseline": 0.0, "dropout": 0.02, "mixup": 0.0005}


def long(n=6, sd=0.002):
    draw = np.random.default_rng(0)
    return pd.DataFrame([(arm, seed, 0.9 + gain + draw.normal(0, sd)) for arm, gain in GAINS.items() for seed in range(n)],
                        columns=["model", "seed", "test_acc"])


def written(folder, table, name="results.csv"):
    path = folder / name
    path.write_text(table if isinstance(table, str) else table.to_csv(index=False))
    return path


def verdicts(source, **asked):
    return judge(Question(source, **{"margin": 0.01, **asked})).result.verdicts.set_index("arm")["verdict"].to_dict()


def refused(source, *found, **asked):
    with pytest.raises(InputError) as caught:
        judge(Question(source, **{"margin": 0.01, **asked}))
    assert all(text in str(caught.value) for text in found), caught.value


def test_a_long_table_is_judged_and_what_was_taken_is_said(tmp_path):
    found = judge(Question(written(tmp_path, long()), 0.01))
    assert found.result.verdicts.set_index("arm")["verdict"].to_dict() == {"dropout": "helps", "mixup": "no meaningful effect"}
    said = "\n".join(found.said)
    for words in ("read as csv", "score: column 'test_acc'", "arm: column 'model'", "seed: column 'seed'", "higher is better",
                  "baseline: 'baseline'", "Welch"):
        assert words in said
    assert set(found.result.verdicts["control"]) == {"not proven"}


def test_the_file_that_is_written_judges_again_as_it_is(tmp_path):
    found = judge(Question(written(tmp_path, long()), "1pp", question="Which?"), tmp_path / "out")
    page, *_ = save(found, ("html", "md"))
    assert page.name == "index.html" and "Welch" in (tmp_path / "out" / "report.md").read_text()
    again = judge(Question(tmp_path / "out" / "judge.toml"), tmp_path / "out")
    pd.testing.assert_frame_equal(again.result.verdicts, found.result.verdicts)
    assert tomllib.loads(again.file) == tomllib.loads(found.file)
    save(again, ("md",))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="holds something else"):
        save(judge(Question(tmp_path / "results.csv", 0.01), tmp_path / "full"), ("md",))


def test_pairs_are_judged_as_our_own_only_where_they_are_stated():
    table = long().rename(columns={"model": "arm", "test_acc": "score"})
    rule, against = Rule(0.01, unit="fraction"), {"dropout": "baseline", "mixup": "baseline"}
    for paired, reference in ((True, compare), (None, compare_unpaired)):
        found = judge(Question(long(), 0.01, paired=paired)).result.verdicts.set_index("arm")
        expected = reference(table, against, rule).set_index("arm")
        for name in ("difference", "low", "high", "p_adjusted", "verdict"):
            assert list(found.loc[list(against), name]) == list(expected.loc[list(against), name])


FORMS = {
    "tabs": ("r.tsv", lambda t: t.to_csv(index=False, sep="\t")),
    "semicolons": ("r.csv", lambda t: t.to_csv(index=False, sep=";")),
    "json": ("r.json", lambda t: t.to_json(orient="records")),
    "columns": ("r.json", lambda t: json.dumps(t.to_dict("list"))),
    "json lines": ("r.jsonl", lambda t: t.to_json(orient="records", lines=True)),
    "percent signs": ("r.csv", lambda t: t.assign(test_acc=(100 * t["test_acc"]).map("{:.4f}%".format)).to_csv(index=False)),
    "a byte order mark": ("r.csv", lambda t: "\ufeff" + t.to_csv(index=False)),
    "seeds in names": ("r.csv", lambda t: t.assign(model=t["model"] + "_seed" + t["seed"].astype(str)).drop(columns="seed").to_csv(
        index=False)),
    "no seeds": ("r.csv", lambda t: t.drop(columns="seed").to_csv(index=False)),
    "wide": ("r.csv", lambda t: t.pivot(index="seed", columns="model", values="test_acc").reset_index().to_csv(index=False)),
    "decimal commas": ("r.csv", lambda t: t.to_csv(index=False, sep=";", decimal=",")),
    "decimal commas and tabs": ("r.tsv", lambda t: t.to_csv(index=False, sep="\t", decimal=",")),
    "Markdown": ("r.txt", lambda t: "\n".join([
        "| model | seed | test_acc |", "|:--|:-:|--:|", *(f"| `{a}` | {b} | **{c}** |" for a, b, c in t.itertuples(index=False))])),
    "as pandas prints it": ("r.txt", lambda t: f"{t}"),
    "set apart by spaces": ("r.txt", lambda t: t.to_string(index=False)),
    "a row an arm": ("r.csv", lambda t: t.pivot(index="model", columns="seed", values="test_acc").add_prefix("seed ").reset_index().to_csv(
        index=False)),
    "a row an arm, columns of numbers": ("r.csv", lambda t: t.pivot(index="model", columns="seed", values="test_acc").to_csv()),
    "an index of arms": ("r.txt", lambda t: t.set_index("model").rename_axis(None).to_string()),
    "an index of numbers": ("r.csv", lambda t: t.assign(model=1.0 * t["model"].eq("mixup") + 2 * t["model"].eq("dropout")).rename(
        columns={"model": "kind"}).to_csv()),
    "settings in columns": ("r.csv", lambda t: t.assign(
        dropout=(t["model"] == "dropout") * 0.5, mixup=(t["model"] == "mixup") * 1, lr=0.1).drop(columns="model").to_csv(index=False)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_gives_the_same_verdicts(form, tmp_path):
    name, text = FORMS[form]
    asked = {"baseline": "dropout=0,mixup=0"} if "settings" in form else {"higher_is_better": True} if form == "wide" else {
        "baseline": "0"} if form == "an index of numbers" else {}
    found = verdicts(written(tmp_path, text(long()), name), **asked)
    assert list(found.values()) == ["helps", "no meaningful effect"] or set(found.values()) == {"helps", "no meaningful effect"}
    if form == "seeds in names":
        assert set(found) == {"dropout", "mixup"}


def test_a_row_an_arm_is_judged_as_a_row_a_run_and_its_file_runs_again(tmp_path):
    across = long(4).pivot(index="model", columns="seed", values="test_acc").add_prefix("run ").reset_index()
    across.loc[1, "run 2"] = None
    found = judge(Question(written(tmp_path, across), 0.01, paired=True, baseline="baseline"), tmp_path)
    table = long(4)
    missing = (table["model"] == across.loc[1, "model"]) & (table["seed"] == 2)
    rows = judge(Question(written(tmp_path, table[~missing], "rows.csv"), 0.01, paired=True, baseline="baseline"))
    assert list(found.result.verdicts["difference"]) == pytest.approx(list(rows.result.verdicts["difference"]), abs=1e-15)
    (tmp_path / "judge.toml").write_text(found.file)
    again = judge(Question(tmp_path / "judge.toml"))
    assert again.result.verdicts.equals(found.result.verdicts) and "a row an arm, a column a run" in "\n".join(again.said)


def test_what_was_made_of_a_table_for_people_is_said(tmp_path):
    path = tmp_path / "r.txt"
    path.write_text("  model seed acc\n0 old 1 91,2\n1 old 2 91,9\n2 new 1 92,5\n3 new 2 92,1\n")
    said = "\n".join(judge(Question(path, 0.5, baseline="old")).said)
    assert "columns are set apart by spaces" in said and "1 column without a name, whose whole numbers all differ, left out" in said
    assert "decimal commas in 'acc' are read as points" in said


def test_a_stated_seed_is_not_passed_over_for_columns_of_runs(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("model,part,run 1,run 2\nold,1,0.9,0.91\nnew,2,0.9,0.91\n")
    with pytest.raises(InputError, match="--score with one of 'run 1' and 'run 2'"):
        judge(Question(path, 0.01, seed="part", baseline="old"))


def test_columns_of_numbers_beside_folds_are_arms(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("fold,16,32\na,0.91,0.93\nb,0.92,0.95\n")
    found = judge(Question(path, 0.01, baseline="16", higher_is_better=True))
    assert list(found.result.verdicts["arm"]) == ["32"]


def test_thousands_are_no_decimal_commas(tmp_path):
    path = tmp_path / "r.tsv"
    path.write_text("model\tseed\tseconds\nold\t1\t1,234\nold\t2\t1,250\nnew\t1\t1,001\nnew\t2\t1,010\n")
    with pytest.raises(InputError, match="no column holds numbers"):
        judge(Question(path, 5.0, baseline="old"))


def test_percent_without_a_sign_is_said_and_the_margin_is_in_its_unit(tmp_path):
    path = written(tmp_path, long().assign(test_acc=lambda t: 100 * t["test_acc"]))
    found = judge(Question(path, 1.0))
    assert "taken as percent and divided by 100; so is the margin" in "\n".join(found.said) and found.result.study["margin"] == 0.01
    assert judge(Question(path, "1pp")).result.study["margin"] == 0.01


def test_lower_is_better_for_losses_and_must_be_said_for_the_rest(tmp_path):
    table = long().rename(columns={"test_acc": "val_loss"})
    assert verdicts(written(tmp_path, table))["dropout"] == "hurts"
    refused(written(tmp_path, table.rename(columns={"val_loss": "figure"}), "b.csv"), "--higher or --lower")


def test_seeds_may_be_missing_or_more_in_one_arm(tmp_path):
    table = long(8).drop(index=[0, 1, 9])
    found = judge(Question(written(tmp_path, table), 0.01)).result.verdicts.set_index("arm")
    assert found.loc["dropout", "verdict"] == "helps" and "7 runs against 6" in found.loc["dropout", "reason"]


BAD = {
    "text": (lambda t: t.replace("0.9", "good"), "no column holds numbers"),
    "a word": (lambda t: t.rstrip() + "\nmixup,9,abc\n", "row 19: test_acc = 'abc' is no number"),
    "mixed percent": (lambda t: t.rstrip() + "\nmixup,9,90%\n", "with a percent sign in row 19 and without in row 1"),
    "twice": (lambda t: t.rstrip() + "\nmixup,5,0.9\n", "rows 18 and 19: arm 'mixup', seed 5 stands there more than once"),
    "nan": (lambda t: t.rstrip() + "\nmixup,9,nan\n", "row 19: test_acc is nan (1 run in all)"),
    "inf": (lambda t: t.rstrip() + "\nmixup,9,inf\n", "row 19: test_acc is inf"),
    "empty": (lambda t: t.rstrip() + "\nmixup,9,\n", "row 19: test_acc is empty"),
    "one arm": (lambda t: "\n".join(line for line in t.splitlines() if not {"mixup", "dropout"} & {*line.split(",")}),
                "there is one arm only"),
    "one run each": (lambda t: "\n".join(t.splitlines()[:2] + t.splitlines()[7:8]), "every arm has one run"),
    "no rows": (lambda t: t.splitlines()[0], "it holds no runs"),
    "nothing": (lambda t: "", "is empty; accepted: a table"),
    "means and spreads": (
        lambda t: "model,test_acc\nbaseline,0.91 ± 0.02\nmixup,0.93 ± 0.01\n", "holds means with their spread, such as '0.91"),
    "Markdown with a cell too few": (
        lambda t: "|model|seed|acc|\n|---|---|---|\n|a|1|0.5|\n|b|1|\n", "row 2 of results.csv has 2 cells, its header 3"),
    "two names": (lambda t: t.replace("model,seed,test_acc", "model,model,test_acc"), "its header names column 'model' 2 times"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_tables_are_refused_with_the_place(kind, tmp_path):
    change, words = BAD[kind]
    text = change(long().to_csv(index=False))
    asked = {"score": "test_acc"} if kind in ("a word",) else {}
    with pytest.raises(InputError) as caught:
        judge(Question(written(tmp_path, text), 0.01, **asked))
    assert words in str(caught.value), caught.value
    assert "results.csv" in str(caught.value)


def test_bad_questions_are_refused_with_what_is_accepted(tmp_path):
    path = written(tmp_path, long())
    refused(path, "unknown column 'scor'", score="scor")
    refused(path, "unknown arm 'basline'", "did you mean 'baseline'", baseline="basline")
    refused(path, "margin = ''", margin=None)
    refused(path, "margin = 'much'", margin="much")
    refused(path, "margin = 2", margin=2)
    refused(path, "unknown reader 'exel'", reads="exel")
    refused(tmp_path / "no.csv", "no such file or folder")
    refused(written(tmp_path, long().replace("baseline", "plain"), "b.csv"), "--baseline with one of 'plain', 'dropout' and 'mixup'")
    refused(written(tmp_path, "x", "x.bin"), "no reader knows it")
    settings = long().assign(a=lambda t: t["model"] == "dropout", b=lambda t: t["model"] == "mixup").drop(columns="model")
    refused(written(tmp_path, settings, "s.csv"), "fits 2 arms", baseline="b=False")
    refused(written(tmp_path, "sorce = 'x'", "judge.toml"), "unknown key 'sorce'")


def test_missing_scores_are_left_out_where_that_is_asked_for(tmp_path):
    path = written(tmp_path, long().to_csv(index=False).rstrip() + "\nmixup,9,nan\n")
    assert "1 run without a finite score left out (rows 19)" in judge(Question(path, 0.01, drop_missing=True)).said


def test_published_values_stand_beside_the_arms(tmp_path):
    published = ({"name": "A 2014", "arm": "dropout", "mean": 92.0, "sd": 0.2, "n": 5, "source": "https://example.org"},
                 {"name": "mixup", "mean": 0.95}, {"name": "C", "arm": "baseline", "mean": 0.903, "sd": 0.1, "n": 3})
    found = judge(Question(written(tmp_path, long()), 0.01, published=published), tmp_path / "out")
    save(found, ("md",))
    page = (tmp_path / "out" / "report.md").read_text()
    assert "A 2014" in page and "the same within the margin" in page and "beyond the margin; as if the published mean were exact" in page
    assert "compatible: the interval holds 0" in page
    for bad, words in (({"name": "x", "mean": 0.9}, "unknown arm"), ({"name": "mixup"}, "key 'mean' is missing"),
                       ({"name": "mixup", "mean": 0.9, "std": 1}, "unknown key 'std'")):
        refused(tmp_path / "results.csv", words, published=(bad,))


def test_ten_thousand_rows_and_two_hundred_arms(tmp_path):
    draw = np.random.default_rng(0)
    rows = [(f"arm {arm}", seed, draw.normal()) for arm in range(200) for seed in range(50)]
    table = pd.DataFrame(rows, columns=["arm", "seed", "score"])
    assert len(verdicts(written(tmp_path, table), margin=0.5, baseline="arm 0")) == 199


def test_the_command_line(tmp_path):
    written(tmp_path, long())

    def asked(*arguments):
        return called(tmp_path, "judge", "results.csv", *arguments)

    done = asked("--margin", "0.5pp", "--arm", "model", "--format", "tex", "--format", "csv")
    assert done.code == 0 and done.out.startswith("dropout: helps: +") and "score: column 'test_acc'" in done.err
    assert (tmp_path / "judged" / "results" / "verdicts.tex").is_file() or list((tmp_path / "judged" / "results").glob("*.tex"))
    told = json.loads(asked("--margin", "0.01", "--json", "--pair-by", "seed", "--against", "baseline", "--higher").out)
    assert told["paired"] and {row["verdict"] for row in told["arms"]} == {"helps", "no meaningful effect"}
    assert asked("--margin", "0.01", "--lower", "--fail-on", "hurts", "--drop-missing", "--question", "Q", "--out", "o").code == 1
    bad = asked("--margin", "0.01", "--pair-by", "seed", "--seed", "seed")
    assert bad.code == 2 and "Traceback" not in bad.err and "one of the two" in bad.err
    assert asked("--margin", "0.01", "--paired", "--score", "test_acc").out.startswith("dropout: helps: +")
    assert asked("--margin", "0.01", "--wide", "--reads", "csv").code == 2


@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "reports" / "claims").glob("*/runs.csv")))
def test_our_own_exports_get_the_differences_of_their_studies_and_every_effect_that_these_claim_for_new_data(name):
    folder, study = ROOT / "reports" / "claims" / name, tomllib.loads((ROOT / "ablations" / "claims" / f"{name}.toml").read_text())
    found = dlbench.judge(folder / "runs.csv", margin=study["margin"], score=study.get("metric", "test_accuracy"), paired=True)
    theirs, ours = pd.read_csv(folder / "verdicts.csv").set_index("arm"), found.verdicts.set_index("arm")
    for arm in theirs.index:
        assert ours.loc[arm, "difference"] == pytest.approx(theirs.loc[arm, "difference"], abs=1e-9)
        if theirs.loc[arm, "verdict"] in {"helps", "hurts"}:
            assert ours.loc[arm, "verdict"] == theirs.loc[arm, "verdict"]
