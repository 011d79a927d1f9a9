import pytest

from dlbench.datasets.folder import listing
from dlbench.datasets.texts import load
from dlbench.values.errors import InputError


def tree(root, *files):
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.write_text("x")
    return root


def names(part):
    return {name: [file.name for file in files] for name, files in part.items()}


def test_class_folders(tmp_path):
    found = listing("folder:x", tree(tmp_path, "cat/2.jpg", "cat/1.png", "dog/1.jpg", "cat/.DS_Store", "dog/Thumbs.db", "notes.md"))
    assert names(found.train) == {"cat": ["1.png", "2.jpg"], "dog": ["1.jpg"]} and found.test is None and not found.text


def test_train_and_test(tmp_path):
    found = listing("folder:x", tree(tmp_path, "train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg", "test/dog/3.jpg"))
    assert names(found.test) == {"cat": ["2.jpg"], "dog": ["3.jpg"]}


def test_a_class_may_be_called_train(tmp_path):
    assert set(listing("folder:x", tree(tmp_path, "train/1.jpg", "ship/1.jpg")).train) == {"train", "ship"}


def test_text_files(tmp_path):
    found = listing("folder:x", tree(tmp_path, "pos.txt", "neg.txt"))
    assert found.text and set(found.train) == {"neg", "pos"}


WRONG = {
    "an empty class": (["cat/1.jpg", "dog/"], "dog is empty"),
    "one class": (["cat/1.jpg"], "has 1 class;"),
    "nothing": ([], "has no class;"),
    "images without classes": (["1.jpg", "2.jpg"], "has no class;"),
    "classes that differ": (
        ["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg", "test/cow/1.jpg"], "class 'cow' is in .*test and not in .*train"),
    "a third part": (["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/1.jpg"], "val lies beside train"),
}


@pytest.mark.parametrize("files, words", WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_named(files, words, tmp_path):
    with pytest.raises(InputError, match=words):
        listing("folder:x", tree(tmp_path / "x", "unused") and tree(_emptied(tmp_path / "x"), *files))


def _emptied(folder):
    (folder / "unused").unlink()
    return folder


def test_a_file_is_no_folder(tmp_path):
    with pytest.raises(InputError, match="is a file"):
        listing("folder:x", tree(tmp_path, "x") / "x")


def test_sentences(tmp_path):
    for part, pos in (("train", "Good.\n\n  Très bon!  \n"), ("test", "Fine.\n")):
        tree(tmp_path, f"{part}/pos.txt")
        (tmp_path / part / "pos.txt").write_text(pos, encoding="utf-8")
        (tmp_path / part / "neg.txt").write_text("Bad.\n")
    found = listing("folder:x", tmp_path)
    examples = load(*({name: files[0] for name, files in part.items()} for part in (found.train, found.test)))
    train = list(examples.train)
    assert [text.decode() for chunk in train for text in chunk.x] == ["Bad.", "Good.", "Très bon!"]
    assert [label for chunk in train for label in chunk.y] == [0, 1, 1] and examples.names == ("neg", "pos")
    assert train[1].where(1) == f"line 3 of {tmp_path / 'train' / 'pos.txt'}"
    assert {chunk.x.dtype for chunk in [*train, *examples.test]} == {train[0].x.dtype}


@pytest.mark.parametrize("line, words", [
    (b"\xff\xfe", "line 2 of .*pos.txt is not UTF-8"), (b"a" * 70_000, "line 2 of .*pos.txt has 70,000 bytes"),
])
def test_a_line_that_cannot_be_used_is_named(line, words, tmp_path):
    (tmp_path / "neg.txt").write_text("Bad.\n")
    (tmp_path / "pos.txt").write_bytes(b"Good.\n" + line + b"\n")
    with pytest.raises(InputError, match=words):
        load({"neg": tmp_path / "neg.txt", "pos": tmp_path / "pos.txt"})
