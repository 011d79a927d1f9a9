"""Tables that were read wrongly, or refused without a remedy: rows T5 and T7 of the cases, and their kin."""

import numpy as np
import pytest

from dlbench.datasets.table import load
from dlbench.study import load as parsed
from dlbench.values.errors import InputError
from tests.cases.tabular import NUMBERS, file, noted, refused
from tests.datasets.helpers import kept


def test_t5_booleans_are_one_and_zero(tmp_path):
    words = ["True", "False", "TRUE", "false", "true", "FALSE"]
    got = kept(load, tmp_path, file(tmp_path, [(word, row / 2, row % 2) for row, word in enumerate(words)]))
    assert got.x[:, 0].tolist() == [1, 0, 1, 0, 1, 0]


def test_t5_all_missing_values_are_counted_at_once_with_the_remedy(tmp_path):
    rows = [list(row) for row in NUMBERS]
    for row, column, cell in ((2, 0, ""), (5, 0, "NA"), (7, 1, "?"), (9, 1, "nan"), (10, 1, "NULL")):
        rows[row][column] = cell
    said = refused(tmp_path, rows)
    assert "5 missing values, in a (2, first in row 4) and b (3, first in row 9)" in said and "fillna" in said and "features" in said


def test_t5_columns_of_words_are_named_at_once_with_the_remedy(tmp_path):
    rows = [(("Rome", "Oslo", "Lima")[row % 3], row / 2, ("m", "f")[row % 2], row % 2) for row in range(12)]
    said = refused(tmp_path, rows, "city,a,sex,label")
    assert "city (12 cells, 3 different, such as 'Rome' in row 2) and sex (12 cells, 2 different" in said
    assert '`features = ["a"]`' in said and "get_dummies" in said and 'text = "city"' in said


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_t5_the_separator_is_found_or_stated(separator, tmp_path):
    source = file(tmp_path, NUMBERS, separator.join(["a", "b", "label"]), separator=separator)
    for stated in ({}, {"separator": separator}):
        np.testing.assert_allclose(kept(load, tmp_path, source, **stated).x, [row[:2] for row in NUMBERS])
    with pytest.raises(InputError, match="unknown column 'label'"):
        kept(load, tmp_path, source, separator=",")


def test_t5_excels_line_with_the_separator_is_no_header(tmp_path):
    source = file(tmp_path, NUMBERS, "sep=;\na;b;label", separator=";")
    np.testing.assert_allclose(kept(load, tmp_path, source).x, [row[:2] for row in NUMBERS])


def test_t5_thousands_and_decimal_commas_need_a_key(tmp_path):
    rows = [(f'"{row + 1},{row:03}"', row % 5, row % 2) for row in range(12)]
    said = refused(tmp_path, rows)
    assert '`thousands = ","`' in said and '`decimal = ","`' in said
    source = file(tmp_path, rows)
    assert kept(load, tmp_path, source, thousands=",").x[:, 0].tolist() == [1000 * (row + 1) + row for row in range(12)]
    np.testing.assert_allclose(kept(load, tmp_path, source, decimal=",").x[:, 0], [row + 1 + row / 1000 for row in range(12)], rtol=1e-6)


def test_t5_decimal_commas_between_semicolons(tmp_path):
    rows = [(f"{row},5", f"1.{row:03},25", row % 2) for row in range(12)]
    assert '`decimal = ","`' in refused(tmp_path, [(row[0], 1, row[2]) for row in rows], "a;b;label", separator=";")
    got = kept(load, tmp_path, file(tmp_path, rows, "a;b;label", separator=";"), decimal=",", thousands=".")
    np.testing.assert_allclose(got.x, [(row + 0.5, 1000.25 + row) for row in range(12)])


@pytest.mark.parametrize(("cell", "fields"), [
    ('"1,23"', {"thousands": ","}), ("1_000", {}), ("0x10", {}), ("12%", {}), ("$5", {}), ("2024-01-05", {}),
])
def test_t5_a_number_that_is_written_otherwise_is_never_guessed(cell, fields, tmp_path):
    assert "words where numbers are wanted, in a (1 cells" in refused(tmp_path, [(cell, 1, "no"), *NUMBERS], fields=fields)


def test_t5_a_point_is_no_decimal_mark_where_the_comma_is(tmp_path):
    assert "such as '0.25'" in refused(tmp_path, [(0.25, 1, "no"), (1, 2, "yes")], fields={"decimal": ","})


def test_t5_marks_that_contradict_are_refused():
    with pytest.raises(InputError, match=r"thousands = '\.': it is the decimal mark too"):
        parsed({"dataset": "csv:x.csv", "thousands": ".", "margin": 0.01, "arms": [{"technique": "dropout"}]})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_t5_encodings_that_a_file_begins_with_are_read(encoding, tmp_path):
    got = kept(load, tmp_path, file(tmp_path, [(*row[:2], row[2] + "é") for row in NUMBERS], encoding=encoding))
    assert got.names == ("noé", "yesé") and got.x.shape == (12, 2)


def test_t5_another_encoding_is_named_with_the_remedy(tmp_path):
    said = refused(tmp_path, [(*row[:2], row[2] + "é") for row in NUMBERS], encoding="latin-1")
    assert "it is not UTF-8 text" in said and "iconv -f WINDOWS-1252 -t UTF-8 x.csv" in said


@pytest.mark.parametrize(("first", "words"), [(b"PK\x03\x04", "Excel workbook"), (b"\x1f\x8b", "gzip"), (b"PAR1", "Parquet")])
def test_t5_files_of_other_formats_are_named(first, words, tmp_path):
    (tmp_path / "x.csv").write_bytes(first + bytes(40))
    with pytest.raises(InputError, match=words):
        kept(load, tmp_path, "csv:x.csv")


def test_t5_a_header_that_is_missing_is_named(tmp_path):
    assert "its first row holds numbers where the names of the columns are wanted" in refused(tmp_path, NUMBERS, "0.5,1,3")
    assert kept(load, tmp_path, file(tmp_path, NUMBERS, "0,1,2"), label="2").x.shape == (12, 2)


@pytest.mark.parametrize(("rows", "header", "how", "words"), [
    ([("True", 0.5, 1), ("False", 0.25, 0)], "a,b,label", {}, "true and false are read as 1 and 0, in 'a'"),
    ([(1.7e9 + row, row % 2) for row in range(9)], "time,label", {}, "1,700,000,000 off 'time'"),
    (NUMBERS, "a;b;label", {"separator": ";"}, "x.csv is separated by semicolons"),
    (NUMBERS, "a,b,label", {"encoding": "utf-16"}, "x.csv is read as UTF-16"),
    ([(1, 2, "1"), (3, 5, "01"), (2, 2, "b")], "a,b,label", {}, "labels '01' and '1' are taken as different classes"),
    ([(1, 2, "1"), (3, 5, "1.0"), (2, 2, "b")], "a,b,label", {}, "labels '1' and '1.0' are taken as different classes"),
    ([(1, 2, "Rose"), (3, 5, "rose "), (2, 2, "ROSE")], "a,b,label", {}, "labels 'ROSE', 'Rose' and 'rose' are taken as different"),
    ([(1, 2, "caf\u00e9"), (3, 5, "cafe\u0301")], "a,b,label", {}, "are taken as different classes"),
    ([(1, 2, "NA"), (3, 5, "b")], "a,b,label", {}, "'NA' is taken as a class, though it may stand"),
    ([(1, 2, "NA"), (3, 5, "?")], "a,b,label", {}, "'?' and 'NA' are taken as classes, though they may stand"),
    ([("Yes", 0.5, 1), ("no", 0.25, 0), ("N", 1, 0)], "a,b,label", {}, "yes and no are read as 1 and 0, in 'a'"),
    ([(row % 2 + 7, row * row % 7, "cd"[row % 2]) for row in range(9)], "a,b,label", {}, "'a': each value stands beside one label alone"),
    ([(row % 2, 1 - row % 2, row % 2) for row in range(5000)], "a,b,label", {}, "'a' and 'b': each value stands beside one label alone"),
    ([(row % 3, row % 5, row % 30) for row in range(300)], "a,b,label", {}, "30 different numbers are taken as classes"),
])
def test_t5_what_was_found_or_converted_is_said(rows, header, how, words, tmp_path):
    assert words in noted(tmp_path, rows, header, **how)


@pytest.mark.parametrize("rows", [
    [(row, row * row % 7, row % 2) for row in range(3, 5000)], [(row % 4, 0.5, row % 2) for row in range(20)],
    [(int(row < 4990) and row % 2, 0.5, row % 2) for row in range(5000)],
])
def test_t2_a_column_that_does_not_repeat_the_label_is_not_taken_for_it(rows, tmp_path):
    assert "tells the label" not in noted(tmp_path, rows)


def test_t5_yes_and_no_are_one_and_zero(tmp_path):
    rows = [("yes", "Y", 0), ("no", "n", 1), ("YES", 1, 0)]
    assert "in a (1 cells, 1 different, such as 'maybe' in row 5)" in refused(tmp_path, [*rows, ("maybe", 1, 1)])
    np.testing.assert_array_equal(kept(load, tmp_path, file(tmp_path, rows)).x, [[1, 1], [0, 0], [1, 1]])


def test_t5_rows_without_a_label_are_counted(tmp_path):
    said = refused(tmp_path, [*NUMBERS, (1, 2, ""), (1, 2, " "), (1, 2, "")])
    assert "row 14 of" in said and "has no label, nor have 2 others; leave such rows out (pandas: table.dropna(subset=[\"label\"]))" in said


@pytest.mark.parametrize(("cell", "words"), [
    ("1.234.567,5", "`decimal = \",\"` and `thousands = \".\"` in the study read 1.234,5 as 1234.5"), ("1 234", "stands between thousands"),
    ("1\u00a0234 567", "stands between thousands"), ("1'234", "stands between thousands"), ("\u0663\u0664", "get_dummies"),
])
def test_t5_how_a_number_is_written_is_named_with_its_key(cell, words, tmp_path):
    assert words in refused(tmp_path, [(cell, 1, "no"), *NUMBERS], "a;b;label", separator=";")


def test_t5_a_first_row_of_fractions_is_no_header(tmp_path):
    said = refused(tmp_path, NUMBERS, "0.5,-1,label")
    assert "its first row holds numbers where the names of the columns are wanted" in said


def test_t5_texts_without_a_word_are_counted(tmp_path):
    assert noted(tmp_path, [("good", 1), ("", 0), (" ", 1), ("bad", 0)], "a,label", fields={"text": "a"}) == "2 texts have no word"


@pytest.mark.parametrize("cell", ["NONE", "na", "N.A.", "-", "--", ".", "missing", "#DIV/0!", "#value!", "NAN", "Null", "<na>"])
def test_t5_a_missing_value_has_many_spellings(cell, tmp_path):
    assert "1 missing values, in a (1, first in row 2)" in refused(tmp_path, [(cell, 1, "no"), *NUMBERS])


@pytest.mark.parametrize("before", ["\n", "\n\n", " \n"])
def test_t5_empty_lines_before_the_header_are_skipped(before, tmp_path):
    np.testing.assert_allclose(kept(load, tmp_path, file(tmp_path, NUMBERS, f"{before}a,b,label")).x, [row[:2] for row in NUMBERS])


@pytest.mark.parametrize(("header", "words"), [
    ("# made by hand\na,b,label", "its first row is a comment (# made by hand)"),
    ("a b label", "its header is one column, 'a b label'; name what stands between cells: `separator = \" \"`"),
    ("a:b:label", "`separator = \":\"`"),
])
def test_t5_what_is_no_header_is_named(header, words, tmp_path):
    assert words in refused(tmp_path, NUMBERS, header)


def test_t5_spaces_may_separate(tmp_path):
    source = file(tmp_path, NUMBERS, "a b  label", separator="  ")
    np.testing.assert_allclose(kept(load, tmp_path, source, separator=" ").x, [row[:2] for row in NUMBERS])


@pytest.mark.parametrize(("content", "words"), [
    (b"a,b,label\n1,\0,x\n", "bytes that are zero"), ("a,label\n1,x\n2,y\n".encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8 x.csv"),
    (b'a,label\n1,"x\n2,y\n', "row 3 of"), (b"<html></html>", "a page of HTML"), (b'{"a": 1}\n', "is JSON"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "Excel workbook"), (b"\n\n", "unknown column 'label'"), (b"", "unknown column 'label'"),
])
def test_t5_what_is_no_table_is_named(content, words, tmp_path):
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(InputError) as caught:
        kept(load, tmp_path, "csv:x.csv")
    assert words in str(caught.value)


@pytest.mark.parametrize("cell", ["inf", "1e400", "1e39"])
def test_t5_numbers_that_are_too_large_are_named_with_their_row(cell, tmp_path):
    said = refused(tmp_path, [(cell, 1, "no"), *NUMBERS])  # pandas before 3 takes what no double holds for a word
    assert "row 2" in said and ("not a finite number" in said or f"such as '{cell}'" in said)


def test_t7_a_test_file_without_labels_is_one_sentence_with_the_remedy(tmp_path):
    pixels = [f"pixel{number}" for number in range(784)]
    file(tmp_path, [[*([row] * 784), row % 2] for row in range(4)], ",".join([*pixels, "label"]), "digits/train.csv")
    said = refused(tmp_path, [[1] * 784], ",".join(pixels), "digits/test.csv", fields={"source": "csv:digits"})
    assert 'dataset = "csv:digits/train.csv"' in said and "Kaggle" in said and len(said) < 600 and "pixel7" not in said


def test_t7_the_columns_of_a_test_file_are_found_by_their_names(tmp_path):
    file(tmp_path, NUMBERS, name="d/train.csv")
    file(tmp_path, [(label, b, a, 9) for a, b, label in NUMBERS], "label,b,a,more", "d/test.csv")
    got = kept(load, tmp_path, "csv:d")
    np.testing.assert_array_equal(got.x[:12], got.x[12:])


def test_t7_a_column_that_the_test_file_lacks_is_named(tmp_path):
    file(tmp_path, NUMBERS, name="d/train.csv")
    file(tmp_path, NUMBERS, "a,c,label", "d/test.csv")
    with pytest.raises(InputError, match=r"test\.csv: features: unknown column 'b'"):
        kept(load, tmp_path, "csv:d")


def test_t7_a_wide_table_lists_few_of_its_columns(tmp_path):
    names = [f"pixel{number}" for number in range(784)]
    said = refused(tmp_path, [[1] * 784], ",".join(names), fields={"label": "pixle5"})
    assert "did you mean 'pixel5'?" in said and "784 columns" in said and len(said) < 400


def test_t7_a_folder_without_train_csv_says_what_it_has(tmp_path):
    file(tmp_path, NUMBERS, name="d/flowers.csv")
    with pytest.raises(InputError, match=r'no train\.csv; it has flowers\.csv: .* dataset = "csv:d/flowers\.csv"'):
        kept(load, tmp_path, "csv:d")


def test_t7_a_study_file_with_a_byte_order_mark_is_read(tmp_path):
    (tmp_path / "x.toml").write_text('question = "?"\nmargin = 0.01\n[[arms]]\ntechnique = "flip"\n', encoding="utf-8-sig")
    assert parsed(str(tmp_path / "x.toml")).question == "?"


def test_t7_what_lies_beside_or_in_a_test_file_and_is_not_read_is_said(tmp_path):
    file(tmp_path, NUMBERS, name="d/train.csv")
    file(tmp_path, NUMBERS, name="d/sample_submission.csv")
    file(tmp_path, [(*row, 1) for row in NUMBERS], "a,b,label,weight", name="d/test.csv")
    said = "\n".join(kept(load, tmp_path, "csv:d").notes)
    assert "is not read: sample_submission.csv" in said and "are not read: weight" in said


def test_t7_labels_that_are_written_otherwise_in_the_test_file_are_named(tmp_path):
    file(tmp_path, [(row, row % 5, row % 2) for row in range(9)], name="d/train.csv")
    file(tmp_path, [(row, row % 5, float(row % 2)) for row in range(9)], name="d/test.csv")
    with pytest.raises(InputError, match=r"class '0' has examples in train and none in test; only test has '0.0' and '1.0'"):
        kept(load, tmp_path, "csv:d")
