"""Classes from labels that are words: their order, and labels that hardly name classes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator

import numpy as np

from dlbench.datasets.sentinels import far_off
from dlbench.values.errors import InputError
from dlbench.values.text import listed

MOST_NUMBERS = 20
"""Different numbers that may be classes without a look at how many rows have them."""
ABSENT = ("nan", "na", "n/a", "null", "none", "<na>", "#n/a", "?")
"""Labels, in small letters, that stand for a missing one in many tables."""

FEWEST_BESIDE = 3
"""Labels from 0 on beside which -1 is taken for no class of its own."""


def order(label: str) -> tuple[int, int, str]:
    """Return what labels are sorted by: whole numbers by value, then words; equal ones by their text.

    Example:
        >>> sorted(["b", "10", "9", "01", "1", "--5", "②"], key=order)
        ['01', '1', '9', '10', '--5', 'b', '②']
    """
    return (0, int(label), label) if re.fullmatch(r"-?\d{1,4000}", label, re.ASCII) else (1, 0, label)


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Sort the names of classes: by value where all are whole numbers, else by their text.

    Example:
        >>> ordered(["10", "2", "1"]), ordered(["b", "10", "2"])
        (('1', '2', '10'), ('10', '2', 'b'))
    """
    known = sorted(names, key=order)
    return tuple(known if all(order(name)[0] == 0 for name in known) else sorted(known))


def is_number(text: str) -> bool:
    """Return whether a text is a decimal number.

    Example:
        >>> [is_number(text) for text in ("-1.5", "2e3", ".5", "1,5", "②", "nan", "")]
        [True, True, True, False, False, False, False]
    """
    return re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text, re.ASCII | re.IGNORECASE) is not None


def demand_classes(where: str, labels: Counter[str]) -> None:
    """Refuse labels that are numbers to predict, or names of rows.

    Args:
        where: begins the message.
        labels: label -> its number of rows.

    Raises:
        InputError: saying how many different labels there are, and what to do.
    """
    different, rows = len(labels), labels.total()
    if all(map(is_number, labels)):
        whole = all(float(label).is_integer() for label in labels)
        if (different > MOST_NUMBERS and (not whole or 4 * different > rows)) or (not whole and different > 4 and 2 * different > rows):
            raise InputError(f"{where}: labels look like numbers to predict: {different:,} different values in {rows:,} rows, and the "
                             "study's task is classification. `task = \"regression\"` predicts them; or cut them into classes "
                             "(pandas.qcut), or name another column: `label = \"...\"`")
    elif different > MOST_NUMBERS and 2 * different > rows:
        raise InputError(f"{where}: labels look like names of rows: {different:,} different values in {rows:,} rows, and a class needs "
                         "several examples; name another column: `label = \"...\"`")


def label_notes(labels: Counter[str]) -> Iterator[str]:
    """Yield what is odd about labels: many numbers, missing values, and labels that hardly differ.

    Example:
        >>> list(label_notes(Counter({"1": 5, "01": 4, "2": 7})))
        ["labels '01' and '1' are taken as different classes"]
    """
    if len(labels) > MOST_NUMBERS and all(map(is_number, labels)):
        yield f"{len(labels):,} different numbers are taken as classes"
    if missing := sorted(repr(label) for label in labels if label.casefold() in ABSENT):
        taken, it = ("is taken as a class", "it") if len(missing) == 1 else ("are taken as classes", "they")
        yield f"{listed(missing)} {taken}, though {it} may stand for a label that is missing"
    yield from _far_labels(labels)
    yield from alike_notes(labels)


def _far_labels(labels: Collection[str]) -> Iterator[str]:
    """Yield which numbers among labels may stand for a missing one: -999 and the like, and -1 beside 0 to 2 or more."""
    numbers = sorted(float(label) for label in labels) if all(map(is_number, labels)) else []
    below = numbers[:1] == [-1.0] and numbers[1:] == [*map(float, range(len(numbers) - 1))] and len(numbers) > FEWEST_BESIDE
    if words := "-1" if below else far_off(np.array(numbers)):
        yield f"{words.partition(' (')[0]} is taken as a class, though it may stand for a label that is missing"


def alike_notes(labels: Iterable[str]) -> Iterator[str]:
    """Yield which names of classes hardly differ: by capitals, spaces, composed letters, or the way in which a number is written.

    Example:
        >>> list(alike_notes(["Cat", "dog", "cat"]))
        ["labels 'Cat' and 'cat' are taken as different classes"]
    """
    alike: defaultdict[float | str, list[str]] = defaultdict(list)
    for label in sorted(labels):
        alike[float(label) if is_number(label) else " ".join(unicodedata.normalize("NFKC", label).casefold().split())].append(repr(label))
    yield from (f"labels {listed(same)} are taken as different classes" for same in alike.values() if len(same) > 1)
