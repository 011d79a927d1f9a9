"""What is written is what was given; what cannot be used is named, and leaves nothing behind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbench.datasets.declaration import Chunk, Examples
from dlbench.datasets.disk import keep, mapped
from dlbench.values.errors import InputError

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 3)).astype(np.uint8)
LABELS = np.arange(20) % 4


def chunks(x, y, size=7, name="row"):
    return [Chunk(x[first : first + size], y[first : first + size], lambda row, first=first: f"{name} {first + row}")
            for first in range(0, len(x), size)]


@settings(deadline=None, max_examples=20)
@given(size=st.integers(1, 30))
def test_what_is_mapped_is_what_was_given_however_it_was_cut(size, tmp_path_factory):
    folder = keep("x", Examples(chunks(IMAGES, LABELS, size), chunks(IMAGES[:8], LABELS[:8], size)), tmp_path_factory.mktemp("cache"))
    got = mapped(folder)
    np.testing.assert_array_equal(got.x, np.concatenate([IMAGES, IMAGES[:8]]))
    np.testing.assert_array_equal(got.y, np.concatenate([LABELS, LABELS[:8]]))
    assert (got.train, got.classes, got.full_range, got.low, got.kind) == (20, 4, 255.0, 0.0, "image")
    assert isinstance(got.x, np.memmap)


def test_a_folder_is_named_by_its_content(tmp_path):
    one, same, other = (keep("x", Examples(chunks(x, LABELS, size)), tmp_path)
                        for x, size in ((IMAGES, 3), (IMAGES, 9), (255 - IMAGES, 3)))
    assert one == same != other
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({one.name, other.name})


def test_texts_keep_their_bytes(tmp_path):
    texts = np.array(["good", "très bon", "mauvais", "bad"])
    got = mapped(keep("x", Examples(chunks(np.char.encode(texts, "utf-8"), np.array([1, 1, 0, 0])), names=("neg", "pos")), tmp_path))
    assert [text.decode() for text in got.x] == texts.tolist()
    assert (got.kind, got.names, got.classes) == ("text", ("neg", "pos"), 2)


def test_numbers_span_what_occurs(tmp_path):
    x = np.linspace(-2, 6, 20).reshape(20, 1)
    got = mapped(keep("x", Examples(chunks(x, LABELS)), tmp_path))
    assert (got.low, got.full_range, got.x.dtype, got.kind) == (-2.0, 8.0, np.float32, "row")


def changed(x=IMAGES, y=LABELS, **at):
    x, y = x.copy(), y.copy()
    for row, label in at.get("labels", {}).items():
        y[row] = label
    return x, y


def floats(row):
    x = IMAGES.astype(np.float64)
    x[row, 0, 0, 0] = np.nan
    return x


WRONG = {
    "a label below zero": (lambda: Examples(chunks(*changed(labels={9: -1}))), "label -1 of row 9 is out of range"),
    "a label above the names": (
        lambda: Examples(chunks(*changed(labels={9: 4})), names=tuple("abcd")), "label 4 of row 9 is out of range; accepted: 0 to 3"),
    "labels that are no whole numbers": (lambda: Examples(chunks(IMAGES, LABELS / 2)), "whole-number label"),
    "one-hot labels": (lambda: Examples(chunks(IMAGES, np.eye(4)[LABELS].astype(int))), "whole-number label"),
    "not a number": (lambda: Examples(chunks(floats(13), LABELS)), "row 13 has a value that is not a finite number"),
    "two sizes": (
        lambda: Examples([*chunks(IMAGES, LABELS), *chunks(IMAGES[:, :2], LABELS, name="more")]), "more 0 is 2x4x3 uint8, row 0 is 4x4x3"),
    "a class only in test": (
        lambda: Examples(chunks(IMAGES, LABELS), chunks(*changed(labels={3: 4}))), "class 4 has examples in test and none in train"),
    "a class only in train": (
        lambda: Examples(chunks(IMAGES, LABELS), chunks(IMAGES[:3], LABELS[:3]), names=tuple("abcd")), "class 'd' has examples in train"),
    "an empty class": (lambda: Examples(chunks(IMAGES[:8], LABELS[:8] * 2)), "class 1 is empty"),
    "an empty class with a name": (lambda: Examples(chunks(IMAGES, LABELS), names=tuple("abcde")), "class 'e' has no example"),
    "one class": (lambda: Examples(chunks(IMAGES, LABELS * 0)), "at least two classes"),
    "nothing": (lambda: Examples([]), "at least two classes"),
    "words for numbers": (lambda: Examples(chunks(np.array([["a"]] * 20), LABELS)), "wanted numbers"),
}


@pytest.mark.parametrize("examples, words", WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_named_and_nothing_is_left_behind(examples, words, tmp_path):
    with pytest.raises(InputError, match=words):
        keep("mine", examples(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_classes_without_examples_are_let_through_where_the_source_says_so(tmp_path):
    assert mapped(keep("x", Examples(chunks(IMAGES, LABELS), names=tuple("abcde"), gaps=True), tmp_path)).classes == 5


def test_an_error_of_the_loader_leaves_nothing_behind(tmp_path):
    def broken():
        yield from chunks(IMAGES, LABELS)
        raise InputError("photo.jpg is broken")

    with pytest.raises(InputError, match=r"photo.jpg"):
        keep("mine", Examples(broken()), tmp_path)
    assert list(tmp_path.iterdir()) == []
