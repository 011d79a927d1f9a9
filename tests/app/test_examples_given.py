"""Values per test example beside a table: the verdicts are then claims about new data, with the same numbers as our own studies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dlbench.app.judge import Question, judge, save
from dlbench.stats.crossed import example_part, unpaired_part
from dlbench.stats.method import Rule
from dlbench.stats.unpaired import compare_unpaired
from dlbench.stats.verdict import compare
from dlbench.values.errors import InputError
from dlbench.values.scope import Scope

M, SEEDS = 400, 6


def made(folder, ending="npy"):
    """Two arms, whose hard examples are the same in all runs, with the right and wrong answers of each run in a file."""
    draw, rows, kept = np.random.default_rng(5), [], {}
    hard, turned = draw.uniform(0.1, 1.0, M), draw.normal(0.1, 0.4, M)
    for arm, gain in (("baseline", 0), ("new", 1)):
        for seed in range(SEEDS):
            right = draw.uniform(size=M) < np.clip(hard + gain * turned, 0, 1)
            kept[arm, seed] = right
            name = f"{arm}_{seed}.{ending}"
            (folder / "right").mkdir(exist_ok=True)
            if ending == "npy":
                np.save(folder / "right" / name, right)
            else:
                (folder / "right" / name).write_text("correct\n" + "\n".join(str(bool(value)) for value in right))
            rows.append((arm, seed, round(right.mean(), 4), f"right/{name}"))
    table = pd.DataFrame(rows, columns=["arm", "seed", "test_acc", "file"])
    table.to_csv(folder / "results.csv", index=False)
    return table, {arm: np.stack([kept[arm, seed] for seed in range(SEEDS)]) for arm in ("baseline", "new")}


@pytest.mark.parametrize("paired", [None, True])
@pytest.mark.parametrize("ending", ["npy", "txt"])
def test_the_verdicts_are_about_new_data_with_the_numbers_of_our_own(paired, ending, tmp_path):
    table, right = made(tmp_path, ending)
    found = judge(Question(tmp_path / "results.csv", 0.05, examples="file", paired=paired), tmp_path / "out")
    assert found.result.analysis.scope == Scope.NEW_DATA
    part = (example_part if paired else unpaired_part)(right["new"], right["baseline"])
    rule = Rule(0.05, unit="fraction", parts={"new": part})
    expected = (compare if paired else compare_unpaired)(table.rename(columns={"test_acc": "score"}), {"new": "baseline"}, rule).iloc[0]
    ours = found.result.verdicts.iloc[0]
    for name in ("difference", "low", "high", "p", "p_tost", "example_error"):
        assert ours[name] == pytest.approx(expected[name])
    narrow = judge(Question(tmp_path / "results.csv", 0.05, arm=("arm",), paired=paired)).result.verdicts.iloc[0]
    assert ours["high"] - ours["low"] > narrow["high"] - narrow["low"]
    save(found, ("html", "md"))
    assert "claims about new data" in (tmp_path / "out" / "report.md").read_text()
    again = judge(Question(tmp_path / "out" / "judge.toml"), tmp_path / "out")
    assert again.result.verdicts.iloc[0]["high"] == pytest.approx(ours["high"])


def test_a_pattern_names_the_files_too_and_predictions_are_compared_with_labels(tmp_path):
    _, right = made(tmp_path)
    labels = np.arange(M) % 10
    np.save(tmp_path / "labels.npy", labels)
    for arm, rows in right.items():
        for seed, row in enumerate(rows):
            np.save(tmp_path / "right" / f"p_{arm}_{seed}.npy", np.where(row, labels, (labels + 1) % 10))
    path, labels = tmp_path / "results.csv", tmp_path / "labels.npy"
    by_pattern = judge(Question(path, 0.05, arm=("arm",), examples="right/{arm}_{seed}.npy"))
    predicted = judge(Question(path, 0.05, arm=("arm",), examples="right/p_{arm}_{seed}.npy", labels=labels))
    assert by_pattern.result.verdicts["high"].tolist() == pytest.approx(predicted.result.verdicts["high"].tolist())


def changed(folder, change):
    table, _ = made(folder)
    change(folder, table)
    table.to_csv(folder / "results.csv", index=False)


BAD = {
    "no such file": (lambda f, t: (f / "right" / "new_3.npy").unlink(), {}, "new_3.npy: No such file"),
    "another length": (lambda f, t: np.save(f / "right" / "new_3.npy", np.ones(3)), {}, "different numbers of values"),
    "two axes": (lambda f, t: np.save(f / "right" / "new_3.npy", np.ones((3, 2))), {}, "one value a test example"),
    "a pickle": (lambda f, t: np.save(f / "right" / "new_3.npy", np.array([{}], dtype=object)), {}, "numpy.save wrote"),
    "cut off": (lambda f, t: (f / "right" / "new_3.npy").write_bytes(b"\x93NUMPY"), {}, "new_3.npy"),
    "nan": (lambda f, t: np.save(f / "right" / "new_3.npy", np.full(M, np.nan)), {}, "value 1 is nan"),
    "another mean": (lambda f, t: np.save(f / "right" / "new_3.npy", np.zeros(M)), {}, "the mean of right/new_3.npy is 0 and"),
    "one file twice": (lambda f, t: t.__setitem__("file", "right/new_3.npy"), {}, "two runs have the file"),
    "no such column": (lambda f, t: None, {"examples": "flie"}, "did you mean 'file'"),
    "half a pattern": (lambda f, t: None, {"examples": "right/{arm}.npy"}, r"\{seed\} is missing"),
    "labels alone": (lambda f, t: None, {"examples": None, "labels": "x.npy"}, "without --examples"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused_by_name(kind, tmp_path):
    change, asked, words = BAD[kind]
    changed(tmp_path, change)
    with pytest.raises(InputError, match=words):
        judge(Question(tmp_path / "results.csv", 0.05, **{"arm": ("arm",), "examples": "file", **asked}))
