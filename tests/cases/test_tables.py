"""Tables and sentences that were read wrongly, or refused without a remedy: rows T1 to T8 of the corpus of cases."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from dlbench.datasets import Arrays
from dlbench.datasets.classes import order
from dlbench.datasets.table import load
from dlbench.engines.keras.data.folder import load as folder
from dlbench.engines.keras.data.resident import resident
from dlbench.engines.keras.data.text import tokens, word_notes
from dlbench.study import load as parsed
from dlbench.study import plan
from dlbench.values.errors import InputError
from dlbench.values.inspection import Build, Inspection
from dlbench.values.recipe import Data
from tests.datasets.helpers import kept

NUMBERS = [(0.25 * row, 1.5 - row, "yes" if row % 2 else "no") for row in range(12)]


def file(folder, rows, header="a,b,label", name="x.csv", encoding="utf-8", separator=","):
    """Write rows of cells; returns the name of the dataset."""
    text = "".join(line + "\n" for line in [header, *(separator.join(map(str, row)) for row in rows)])
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode(encoding))
    return f"csv:{name}"


def refused(folder, *given, fields=None, **how):
    """The message that a table is refused with; nothing is left in the cache."""
    with pytest.raises(InputError) as caught:
        kept(load, folder, file(folder, *given, **how), **fields or {})
    assert not list(folder.glob("cache/*"))
    return str(caught.value)


def planned(kind, shape, **table):
    """The plan of a study on own data of a kind, as if it had been inspected."""
    study = parsed({"dataset": "npz:x.npz", "model": "mlp", "margin": 0.01, "seeds": 2, "arms": [{"technique": "dropout"}], **table})
    known = Inspection(kind, shape, 2, (90, 0), (0, 22), "0" * 16, Build(kind="sequential", dense=2))
    return plan(replace(study, inspections={"npz:x.npz": known}))


SCALE = {"baseline": {"techniques": [{"technique": "normalize", "kind": "scale"}]}}


@pytest.mark.parametrize(("kind", "shape", "table", "wanted"), [
    ("row", (3,), {}, "zscore_channel"), ("row", (3,), SCALE, "scale"), ("image", (8, 8, 1), {}, "scale"), ("text", (), {}, "scale"),
])
def test_t1_columns_of_rows_are_scaled_one_by_one_unless_the_study_states_it(kind, shape, table, wanted):
    assert {arm.recipe.data.normalization for arm in planned(kind, shape, **table).arms} == {wanted}


def test_t1_runs_on_scaled_columns_are_new_ones_and_runs_on_images_are_the_old_ones():
    ids = {name: {run.run_id for run in planned(*of, **table).runs} for name, of, table in (
        ("row", ("row", (3,)), {}), ("stated", ("row", (3,)), SCALE), ("image", ("image", (8, 8, 1)), {}))}
    assert ids["row"].isdisjoint(ids["image"]) and ids["stated"] == ids["image"]


def test_t1_large_values_close_together_keep_their_differences_in_single_precision(tmp_path):
    rows = [(1.7e9 + row, row / 8, row % 2) for row in range(40)]
    got = kept(load, tmp_path, file(tmp_path, rows))
    np.testing.assert_array_equal(np.diff(got.x[:, 0]), np.ones(39))
    np.testing.assert_array_equal(got.x[:, 1], np.arange(40) / 8)




@pytest.mark.parametrize("header", ["{},a,label", "a,{},label"])
@pytest.mark.parametrize("name", ["", "Unnamed: 0", "id", "PassengerId", "row_id", "anything"])
@pytest.mark.parametrize("start", [0, 1])
def test_t2_a_column_that_counts_rows_is_left_out_unless_it_is_named(header, name, start, tmp_path):
    rows = [(row + start, row % 3 / 4, row % 2) if header.startswith("{") else (row % 3 / 4, row + start, row % 2) for row in range(12)]
    source = file(tmp_path, rows, header.format(name))
    np.testing.assert_array_equal(kept(load, tmp_path, source).x[:, 0], np.arange(12) % 3 / 4)
    if name:
        assert kept(load, tmp_path / ".", source, features=("a", name)).x.shape == (12, 2)


@pytest.mark.parametrize(("name", "values", "taken"), [
    ("id", [7, 9, 3, 2, 11, 5], False), ("user_id", [10, 20, 30, 41, 50, 60], False), ("count", [5, 4, 3, 2, 1, 0], False),
    ("time", [100, 101, 102, 103, 104, 105], True), ("id", [1, 1, 2, 2, 3, 3], True), ("id", [0.5, 1.5, 2.25, 3, 4, 5], True),
    ("valid", [7, 9, 3, 2, 11, 5], True), ("steps", [0, 2, 4, 6, 8, 10], True),
])
def test_t2_what_counts_or_names_rows_and_what_does_not(name, values, taken, tmp_path):
    got = kept(load, tmp_path, file(tmp_path, [(value, row % 3, row % 2) for row, value in enumerate(values)], f"{name},a,label"))
    assert got.x.shape == (6, 1 + taken)


def test_t2_a_table_of_nothing_but_counts_is_refused(tmp_path):
    assert "has no column beside its label but id" in refused(tmp_path, [(row, row % 2) for row in range(9)], "id,label")


def test_t3_labels_that_are_numbers_to_predict_are_refused(tmp_path):
    rows = [(row % 7, row % 5, 100 + 3 * min(row, 367)) for row in range(400)]
    said = refused(tmp_path, rows, "a,b,price", fields={"label": "price"})
    assert "labels look like numbers to predict: 368 different values in 400 rows; dlbench judges classes" in said


@pytest.mark.parametrize(("labels", "words"), [
    ([row / 4 for row in range(12)], "numbers to predict"), ([f"{row}e-1" for row in range(12)], "numbers to predict"),
    ([f"house {row}" for row in range(40)], "names of rows"),
])
def test_t3_fractions_and_names_are_no_classes(labels, words, tmp_path):
    assert words in refused(tmp_path, [(row % 7, row % 5, label) for row, label in enumerate(labels)])


@pytest.mark.parametrize("labels", [
    [row % 10 for row in range(60)], [row % 30 for row in range(300)], [(row % 3) + 0.5 for row in range(12)],
    [row % 2 for row in range(4)],
])
def test_t3_numbers_that_repeat_are_classes(labels, tmp_path):
    rows = [(row % 7 + 0.5, row % 5, label) for row, label in enumerate(labels)]
    assert kept(load, tmp_path, file(tmp_path, rows)).classes == len(set(labels))


@pytest.mark.parametrize("header", ["a,a,label", "a, a,label", "label,b,label"])
def test_t4_a_name_that_two_columns_share_is_refused(header, tmp_path):
    assert f"column '{header.split(',')[0]}' 2 times" in refused(tmp_path, NUMBERS, header)


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


ODD = ["②", "--5", "1", "01", "001", "10", "9", "-3", "b", "B", "١", "1.0", "²"]


def test_t8_labels_that_are_no_whole_numbers_are_words_and_ties_go_by_text():
    wanted = ["-3", "001", "01", "1", "9", "10", "--5", "1.0", "B", "b", "²", "١", "②"]
    for labels in (ODD, ODD[::-1], sorted(ODD)):
        assert sorted(labels, key=order) == wanted


def test_t8_the_order_of_labels_does_not_depend_on_the_order_of_rows(tmp_path):
    for number, labels in enumerate(permutations(["②", "--5", "1", "01"])):
        source = file(tmp_path, [(row / 3, row % 2, label) for row, label in enumerate(labels * 2)], name=f"{number}.csv")
        got = kept(load, tmp_path, source)
        assert got.names == ("01", "1", "--5", "②") and [got.names[label] for label in got.y] == list(labels * 2)


def noted(folder, *given, fields=None, **how):
    """The notes on what was read, in one text."""
    return "\n".join(kept(load, folder, file(folder, *given, **how), **fields or {}).notes)


def test_t2_what_is_left_out_is_said_and_is_part_of_the_identity(tmp_path):
    got = kept(load, tmp_path, file(tmp_path, [(row, row, *cells) for row, cells in enumerate(NUMBERS)], ",id,a,b,label"))
    assert got.notes == ("1 column without a name is left out",
                         "'id' is left out: it counts or names the rows; `features` takes it")
    assert got.features == ("a", "b")
    known = replace(planned("row", (2,)).study.inspections["npz:x.npz"], features=got.features)
    whole = planned("row", (2,), **SCALE)
    fewer = plan(replace(whole.study, inspections={"npz:x.npz": known}))
    assert {arm.recipe.data.features for arm in fewer.arms} == {("a", "b")}
    assert {run.run_id for run in fewer.runs}.isdisjoint(run.run_id for run in whole.runs)


def test_t2_a_table_that_is_read_whole_has_nothing_to_say(tmp_path):
    got = kept(load, tmp_path, file(tmp_path, NUMBERS))
    assert got.notes == () and got.features == ()


@pytest.mark.parametrize(("rows", "header", "how", "words"), [
    ([("True", 0.5, 1), ("False", 0.25, 0)], "a,b,label", {}, "true and false are read as 1 and 0, in 'a'"),
    ([(1.7e9 + row, row % 2) for row in range(9)], "time,label", {}, "1,700,000,000 off 'time'"),
    (NUMBERS, "a;b;label", {"separator": ";"}, "x.csv is separated by semicolons"),
    (NUMBERS, "a,b,label", {"encoding": "utf-16"}, "x.csv is read as UTF-16"),
    ([(1, 2, "1"), (3, 5, "01"), (2, 2, "b")], "a,b,label", {}, "labels '01' and '1' are taken as different classes"),
    ([(1, 2, "Rose"), (3, 5, "rose "), (2, 2, "ROSE")], "a,b,label", {}, "labels 'ROSE', 'Rose' and 'rose' are taken as different"),
    ([(1, 2, "caf\u00e9"), (3, 5, "cafe\u0301")], "a,b,label", {}, "are taken as different classes"),
    ([(1, 2, "NA"), (3, 5, "b")], "a,b,label", {}, "'NA' is taken as a class"),
    ([(row % 3, row % 5, row % 30) for row in range(300)], "a,b,label", {}, "30 different numbers are taken as classes"),
])
def test_t5_what_was_found_or_converted_is_said(rows, header, how, words, tmp_path):
    assert words in noted(tmp_path, rows, header, **how)


def test_t7_what_lies_beside_or_in_a_test_file_and_is_not_read_is_said(tmp_path):
    file(tmp_path, NUMBERS, name="d/train.csv")
    file(tmp_path, NUMBERS, name="d/sample_submission.csv")
    file(tmp_path, [(*row, 1) for row in NUMBERS], "a,b,label,weight", name="d/test.csv")
    said = "\n".join(kept(load, tmp_path, "csv:d").notes)
    assert "is not read: sample_submission.csv" in said and "are not read: weight" in said


def test_t5_texts_without_a_word_are_counted(tmp_path):
    assert noted(tmp_path, [("good", 1), ("", 0), (" ", 1), ("bad", 0)], "a,label", fields={"text": "a"}) == "2 texts have no word"


def data(folder):
    """The folder of a dataset."""
    (folder / "d").mkdir(exist_ok=True)
    return folder / "d"


def test_t6_a_byte_order_mark_is_no_part_of_the_first_word(tmp_path):
    (data(tmp_path) / "pos.txt").write_text("good film\nfine\n", encoding="utf-8-sig")
    (data(tmp_path) / "neg.txt").write_text("bad\n", encoding="utf-8")
    assert kept(folder, tmp_path, "folder:d").x.tolist() == [b"bad", b"good film", b"fine"]


def test_t6_another_encoding_is_named_with_the_remedy(tmp_path):
    (data(tmp_path) / "pos.txt").write_text("très bon\n", encoding="latin-1")
    (data(tmp_path) / "neg.txt").write_text("bad\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 1 of .*pos\.txt is not UTF-8 text.*iconv -f WINDOWS-1252"):
        kept(folder, tmp_path, "folder:d")


@pytest.mark.parametrize("name", ["README.txt", "readme.txt", "LICENSE.txt", "classes.txt"])
def test_t6_a_file_about_the_data_is_no_class_and_is_named(name, tmp_path):
    for part in ("train", "test"):
        (tmp_path / "d" / part).mkdir(parents=True)
        for label in ("pos", "neg"):
            (tmp_path / "d" / part / f"{label}.txt").write_text(f"{label} film\n{label}\n", encoding="utf-8")
    (tmp_path / "d" / "train" / name).write_text("About these data.\n", encoding="utf-8")
    got = kept(folder, tmp_path, "folder:d")
    assert got.names == ("neg", "pos") and len(got.x) == 8
    assert got.notes == (f"{Path('train') / name} describes the data and is left out",)


def test_t6_two_classes_may_have_such_names(tmp_path):
    for name in ("notes", "labels"):
        (data(tmp_path) / f"{name}.txt").write_text("a\nb\n", encoding="utf-8")
    assert kept(folder, tmp_path, "folder:d").names == ("labels", "notes")


@pytest.mark.parametrize("parts", [("train", "test"), ("",)])
def test_t6_a_file_may_be_a_document(parts, tmp_path):
    for part in parts:
        for label in ("pos", "neg"):
            (tmp_path / "d" / part / label).mkdir(parents=True)
            for number in range(3):
                (tmp_path / "d" / part / label / f"{number}_9.txt").write_text(f"{label} {number}\nmore lines\n", encoding="utf-8-sig")
    got = kept(folder, tmp_path, "folder:d")
    assert got.names == ("neg", "pos") and got.x[:3].tolist() == [f"neg {number}\nmore lines".encode() for number in range(3)]
    assert got.kind == "text" and len(got.x) == 6 * len(parts) and got.notes == (f"each of the {6 * len(parts)} files is one text",)


@pytest.mark.parametrize(("words", "said"), [("这部电影很好看 很好", False), (None, True)])
def test_t6_texts_whose_test_words_are_unknown_are_remarked_on(words, said):
    texts = [words or "".join(chr(0x4E00 + 31 * row + place) for place in range(9)) for row in range(40)]
    arrays = Arrays(np.char.encode(np.array(texts), "utf-8"), np.arange(40) % 2, 40, 2, 255.0)
    notes = list(word_notes(arrays, resident(tokens(arrays, Data()), Data(), "none")))
    assert any("Chinese, Japanese or Thai" in note for note in notes) == said


def test_t6_texts_that_are_longer_than_what_is_read_are_counted():
    arrays = Arrays(np.array([b"a b c d", b"a b c", b"b a", b"a"] * 10), np.arange(40) % 2, 30, 2, 255.0)
    data = Data(words=3, validation=0.0)
    (note,) = word_notes(arrays, resident(tokens(arrays, data), data, "none"))
    assert note.startswith("16 of 30 training texts have 3 words or more, of which 3 are read")
