"""Sentences and documents that were read wrongly, or refused without a remedy: row T6 of the cases, and its kin."""

from pathlib import Path

import numpy as np
import pytest

from dlbench.datasets import Arrays
from dlbench.engines.keras.data.folder import load as folder
from dlbench.engines.keras.data.resident import resident
from dlbench.engines.keras.data.text import tokens, word_notes
from dlbench.store.read import read
from dlbench.values.errors import InputError
from dlbench.values.recipe import Data
from tests.calling import called
from tests.datasets.helpers import kept


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


@pytest.mark.parametrize(("names", "said"), [(["a/1.png", "b 2.JPEG"], False), (["a/1.png", " 2.JPEG "], True)])
def test_t6_names_of_image_files_are_no_sentences(names, said):
    arrays = Arrays(np.array([name.encode() for name in names] * 20), np.arange(40) % 2, 40, 2, 255.0)
    notes = list(word_notes(arrays, resident(tokens(arrays, Data()), Data(), "none")))
    assert any("names of image files" in note for note in notes) == said


@pytest.mark.parametrize("documents", [False, True])
def test_t6_classes_that_are_numbers_are_ordered_as_numbers(documents, tmp_path):
    for name in ("10", "9", "2"):
        (data(tmp_path) / (name if documents else "")).mkdir(exist_ok=True)
        (data(tmp_path) / (f"{name}/a.txt" if documents else f"{name}.txt")).write_text(f"word {name}\n")
    got = kept(folder, tmp_path, "folder:d")
    assert got.names == ("2", "9", "10") and got.changed and got.x.tolist() == [b"word 2", b"word 9", b"word 10"]


@pytest.mark.parametrize(("text", "texts", "note"), [
    (b"a b\r\nc\r\n", [b"a b", b"c"], ""), (b"a\rb\rc", [b"a\rb\rc"], "1 text with a carriage return in it, which ends no line here"),
    ("a\u2028b\x0bc\n".encode(), ["a\u2028b\x0bc".encode()], ""), (b"\n \na\n\n", [b"a"], ""),
])
def test_t6_what_ends_a_line(text, texts, note, tmp_path):
    (data(tmp_path) / "a.txt").write_bytes(text)
    (data(tmp_path) / "b.txt").write_bytes(b"other\n")
    got = kept(folder, tmp_path, "folder:d")
    assert got.x.tolist() == [*texts, b"other"] and got.notes == ((note,) if note else ())


@pytest.mark.parametrize(("text", "words"), [
    (b"a\0b\n", "none of them zero"), (b"a " * 40000, "79,999 bytes"), ("a b\n".encode("utf-16"), "is not UTF-8 text"),
    (b"\n \n", "class 'a' has no example"),
])
def test_t6_what_is_no_text_is_named(text, words, tmp_path):
    (data(tmp_path) / "a.txt").write_bytes(text)
    (data(tmp_path) / "b.txt").write_bytes(b"other\n")
    with pytest.raises(InputError, match=words):
        kept(folder, tmp_path, "folder:d")


FEWER = """
dataset = "folder:d"
model = "text_cnn"
margin = 0.1
seeds = 1
validation = 0.2
budget = { steps = 2 }
[baseline]
options = { width = 4, filters = 4 }
[[arms]]
name = "half"
technique = "examples"
count = 20
[[arms]]
name = "scratch"
technique = "transfer"
mode = "scratch"
target = [0, 1]
[[arms]]
name = "few"
technique = "transfer"
mode = "scratch"
target = [0, 1]
labels_per_class = 8
reference = "scratch"
"""


@pytest.mark.slow
def test_an_arm_with_fewer_training_texts_is_controlled_although_it_learns_fewer_words(tmp_path):
    for label, words in (("pos", "good fine great"), ("neg", "bad dull poor")):
        lines = (f"the film of {row} is {words.split()[row % 3]}\n" for row in range(30))
        (data(tmp_path) / f"{label}.txt").write_text("".join(lines))
    (tmp_path / "x.toml").write_text(FEWER)
    ended = called(tmp_path, "run", "x.toml", "--out", "out", "--no-timing", "--no-report", "--jobs", 1)
    assert ended.code == 0, ended.err
    runs = read(tmp_path / "out").runs.set_index("arm")
    assert runs.loc[["half", "few"], "control"].tolist() == ["controlled"] * 2, runs["control_faults"]
    assert runs["hash_init"].nunique() == 1 and runs["hash_data"].nunique() == 3


def test_t6_empty_documents_are_counted(tmp_path):
    for name, text in (("pos/1", "good"), ("pos/2", ""), ("pos/3", " \n"), ("neg/1", "bad")):
        (data(tmp_path) / name).parent.mkdir(exist_ok=True)
        (data(tmp_path) / f"{name}.txt").write_text(text)
    got = kept(folder, tmp_path, "folder:d")
    assert got.x.tolist() == [b"bad", b"good"] and "left out: 2 empty files" in got.notes
