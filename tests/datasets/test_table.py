import numpy as np
import pytest

from dlbench.datasets.table import load
from dlbench.values.errors import InputError
from tests.datasets.helpers import kept

FLOWERS = "length,width,kind\n" + "".join(f"{5 + row % 3},{row / 8},{['iris', 'rose'][row % 2]}\n" for row in range(12))
REVIEWS = 'review,stars\n"A film, well made",5\nBad,1\n"Two\nlines",5\nÜbel,1\n'


def test_rows_of_numbers(tmp_path):
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    got = kept(load, tmp_path, "csv:flowers.csv", label="kind")
    assert got.kind == "row" and got.x.shape == (12, 2) and got.names == ("iris", "rose") and got.train == 12
    np.testing.assert_allclose(got.x[:3], [[5, 0], [6, 0.125], [7, 0.25]])
    assert got.y.tolist() == [0, 1] * 6


def test_named_features_only(tmp_path):
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    assert kept(load, tmp_path, "csv:flowers.csv", label="kind", features=("width",)).x.shape == (12, 1)


def test_texts_with_commas_lines_and_accents(tmp_path):
    (tmp_path / "reviews.csv").write_text(REVIEWS, encoding="utf-8")
    got = kept(load, tmp_path, "csv:reviews.csv", label="stars", text="review")
    assert [text.decode() for text in got.x] == ["A film, well made", "Bad", "Two\nlines", "Übel"]
    assert got.names == ("1", "5") and got.y.tolist() == [1, 0, 1, 0]


def test_labels_that_are_numbers_are_in_the_order_of_numbers(tmp_path):
    (tmp_path / "x.csv").write_text("a,label\n" + "".join(f"1,{label}\n" for label in (10, 9, 2, -1)))
    assert kept(load, tmp_path, "csv:x.csv").names == ("-1", "2", "9", "10")


def test_a_folder_with_train_and_test(tmp_path):
    for part, rows in (("train", 12), ("test", 5)):
        (tmp_path / f"{part}.csv").write_text("".join(FLOWERS.splitlines(keepends=True)[: rows + 1]))
    got = kept(load, tmp_path.parent, f"csv:{tmp_path.name}", label="kind")
    assert (len(got.y), got.train) == (17, 12)


WRONG = {
    "column of the label": (FLOWERS, {"label": "kin"}, r"label: unknown column 'kin'; did you mean 'kind'\?"),
    "column of the text": (FLOWERS, {"label": "kind", "text": "txt"}, "text: unknown column 'txt'"),
    "column of a feature": (
        FLOWERS, {"label": "kind", "features": ("widht",)}, r"features: unknown column 'widht'; did you mean 'width'\?"),
    "a word for a number": (
        FLOWERS + "5,wide,rose\n", {"label": "kind"}, r"in width \(1 cells, 1 different, such as 'wide' in row 14\)"),
    "nan": (FLOWERS + "5,nan,rose\n", {"label": "kind"}, r"1 missing values, in width \(1, first in row 14\)"),
    "an empty cell": (FLOWERS + "5,,rose\n", {"label": "kind"}, r"1 missing values, in width \(1, first in row 14\)"),
    "no label": (FLOWERS + "5,1,\n", {"label": "kind"}, "row 14 of .*x.csv has no label"),
    "a cell too many": (FLOWERS + "5,1,rose,2\n", {"label": "kind"}, "row 14 of .*x.csv has 4 cells, its header 3"),
    "a label alone": ("kind\nrose\niris\n", {"label": "kind"}, "no column beside its label"),
    "a quote left open": ('a,label\n"1,0\n', {}, "cannot be read"),
    "nothing": ("", {}, "unknown column 'label'"),
    "no rows": ("a,label\n", {}, "at least two classes"),
}


@pytest.mark.parametrize("text, fields, words", WRONG.values(), ids=WRONG)
def test_a_wrong_row_or_column_is_named(text, fields, words, tmp_path):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        kept(load, tmp_path, "csv:x.csv", **fields)
    assert not list(tmp_path.glob("cache/*"))


def test_a_file_that_is_not_text_is_named(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"a,label\n\xff,1\n")
    with pytest.raises(InputError, match=r"x\.csv cannot be read"):
        kept(load, tmp_path, "csv:x.csv")
