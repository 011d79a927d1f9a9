"""Numbers that stand for missing ones, kin of row T5 of the cases: said by `plan`, whatever the reader."""

import numpy as np
import pytest

from dlbench.datasets.classes import label_notes
from dlbench.datasets.declaration import Arrays
from dlbench.datasets.sentinels import sentinel_notes
from tests.cases.written import planned, study


def notes(x, y=None):
    x = np.asarray(x, np.float32)
    return " ".join(sentinel_notes(Arrays(x, np.arange(len(x)) % 2 if y is None else np.asarray(y), len(x), 2, 1.0)))


DRAWS = np.random.default_rng(0)
ORDINARY = {"unit": DRAWS.random(60), "normal": DRAWS.normal(size=60), "years": 1950 + np.arange(60.0), "skewed": DRAWS.lognormal(3, 1, 60)}


@pytest.mark.parametrize("value", [-9, -99, -999, -9999, 9999, 99999, -999.9, 9999.99, -32768, 2147483647, 1e20, 9.96921e36])
@pytest.mark.parametrize("name", ORDINARY)
def test_a_number_far_from_all_others_is_said(name, value):
    column = ORDINARY[name].copy()
    low, high = column.min(), column.max()
    far = max(low - value, value - high) > max(high - low, 5)
    column[::7] = value
    said = notes(np.stack([ORDINARY[name], column], axis=1))
    assert ("column 2: " in said and "(9 of 60 values" in said) == far and "column 1" not in said, said


@pytest.mark.parametrize("column", [np.arange(90.0, 110.0), np.arange(-20.0, 20.0), [97, 98, 99] * 9, [0, 1, 9] * 9, [98, 99] * 9,
                                    np.linspace(0, 9999, 50), np.full(20, 99.0), [-1, 1] * 9])
def test_a_number_among_the_others_is_not(column):
    assert notes(np.reshape(column, (-1, 1))) == ""


def test_images_with_numbers_and_targets_are_looked_at_too():
    x = DRAWS.random((12, 4, 4, 2))
    x[0, 0, 0, 1] = -9999
    assert notes(x).startswith("channel 2: -9999 (1 of 192 values")
    assert notes(x[..., :1].reshape(12, -1), [1.5, -999.0] * 6).startswith("targets: -999 (6 of 12 values, the others 1.5 to 1.5)")


@pytest.mark.parametrize(("labels", "said"), [
    (("0", "1", "-999"), "-999"), (("1", "2", "3", "99"), "99"), (("0", "1", "2", "-1"), "-1"), (("-1", "1"), ""), (("-1", "0", "1"), ""),
    (("97", "98", "99"), ""), (("a", "-999"), "")])
def test_a_label_may_be_one(labels, said):
    found = " ".join(label_notes(dict.fromkeys(labels, 9)))
    assert found == (f"{said} is taken as a class, though it may stand for a label that is missing" if said else "")


@pytest.mark.parametrize("kind", ["csv", "npz", "function"])
def test_plan_says_it_of_every_reader(kind, tmp_path):
    rows = [(row % 7 / 7, -999 if row % 5 == 0 else row % 11 / 11, row % 2) for row in range(240)]
    make = f"import numpy as np\nROWS = np.array({rows})\ndef data():\n    return ROWS[:, :2].astype('float32'), ROWS[:, 2].astype(int)\n"
    (tmp_path / "x.csv").write_text("a,b,label\n" + "".join(f"{a},{b},{label}\n" for a, b, label in rows))
    table = np.array(rows)
    np.savez(tmp_path / "x.npz", x=table[:, :2].astype(np.float32), y=table[:, 2].astype(int))
    (tmp_path / "mine.py").write_text(make)
    study(tmp_path, dataset={"csv": "csv:x.csv", "npz": "npz:x.npz", "function": "mine:data"}[kind], model="mlp")
    facts, said = planned(tmp_path)
    (inspection,) = facts["facts"].values()
    assert any("column 2: -999 (48 of 240 values, the others" in note for note in inspection["notes"]), (inspection, said)
