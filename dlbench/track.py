"""Tells dlbench what a script found: scores, epochs, answers to test examples, costs, and hashes of what it wants proven.

One file that needs Python's standard library only; it may be copied beside a script. Without dlbench around, it prints and goes on.

    from dlbench import track        # or: import track
    track.epoch(loss=0.3, accuracy=0.91)
    track.score(accuracy=0.93)
"""

import array
import hashlib
import json
import os
import sys

RESULT, OUT, SEED, PARAMETERS = "DLBENCH_RESULT", "DLBENCH_OUT", "DLBENCH_SEED", "DLBENCH_PARAMETERS"
_epochs = 0


def score(**values):
    """Tell scores, each once; a value is a number, or an array or tensor of one.

    Example:
        >>> score(accuracy=0.93)
        {"scores": {"accuracy": 0.93}}
    """
    _tell({"scores": {name: _number(name, value) for name, value in values.items()}})


def epoch(epoch=None, **values):
    """Tell what an epoch has given; epochs are counted from 1 where ``epoch`` does not say which one it is.

    Example:
        >>> epoch(epoch=3, train_loss=0.25)
        {"epoch": 3, "train_loss": 0.25}
    """
    global _epochs  # noqa: PLW0603
    _epochs = _epochs + 1 if epoch is None else int(epoch)
    _tell({"epoch": _epochs, **{name: _number(name, value) for name, value in values.items()}})


def examples(correct=None, predictions=None, labels=None):
    """Tell the answers to the test examples, in an order that is the same in every run.

    Args:
        correct: right or wrong, or a share in [0, 1], one an example.
        predictions, labels: the predicted and the true class of each, whole numbers from 0.
    """
    files = {}
    for name, values in (("correct", correct), ("predictions", predictions), ("labels", labels)):
        if values is not None:
            files[name] = name + ".npy"
            _write_npy(os.path.join(out(), files[name]), _listed(values), "<f8" if name == "correct" else "<i8")
    _tell({"examples": files})


def cost(**values):
    """Tell costs: any of ``parameters, macs, epochs, steps, examples, train_s, load_s, evaluate_s``."""
    _tell({"cost": {name: _number(name, value) for name, value in values.items()}})


def prove(**parts):
    """Tell hashes of what an arm must share with its reference, made of the values themselves.

    Args:
        **parts: any of ``data``, ``split``, ``evaluation`` (arrays), ``init`` and ``weights`` (a state dict: one hash a layer), and
            ``order`` (the order of the examples; once an epoch).

    Example:
        >>> prove(order=[2, 0, 1])
        {"prove": {"order": ["4260047f4efb7801"]}}
    """
    told = {}
    for name, value in parts.items():
        if name in ("order", "global_draws"):
            told[name] = [digest(value)]
        elif name == "init" and hasattr(value, "items"):
            told[name] = {str(layer): digest(values) for layer, values in value.items()}
        else:
            told[name] = digest(value)
    _tell({"prove": told})


def arguments(**defaults):
    """The parameters of this run, as the study has them, over ``defaults``; a number stays a number.

    Example:
        >>> arguments(lr=0.1)
        {'lr': 0.1}
    """
    return {**defaults, **json.loads(os.environ.get(PARAMETERS) or "{}")}


def seed(default=0):
    """The seed of this run.

    Example:
        >>> seed(7)
        7
    """
    return int(os.environ.get(SEED) or default)


def out(default="."):
    """The folder of this run, which it finds again when it was killed and is tried again.

    Example:
        >>> out()
        '.'
    """
    return os.environ.get(OUT) or default


def digest(value):
    """Hash an array, a tensor, a dictionary of them, or anything that can be written as text; 16 hexadecimal digits.

    Example:
        >>> digest([1, 2]) == digest((1, 2)), digest([1, 2]) == digest([2, 1])
        (True, False)
    """
    if hasattr(value, "items"):
        text = json.dumps([[str(name), digest(item)] for name, item in value.items()])
        return hashlib.sha256(text.encode()).hexdigest()[:16]
    value = _here(value)
    if hasattr(value, "tobytes") and hasattr(value, "shape"):
        content = str((str(value.dtype), tuple(value.shape))).encode() + value.tobytes()
    else:
        content = json.dumps(_listed(value), default=str).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def _here(value):
    """A tensor of any device as an array of this process, where it can be one."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        try:
            return value.numpy()
        except (RuntimeError, TypeError):  # without numpy, or of a type that numpy does not have
            return value.tolist()
    return value


def _listed(values):
    values = _here(values)
    values = values.tolist() if hasattr(values, "tolist") else values
    return list(values) if isinstance(values, (list, tuple, range)) else values


def _number(name, value):
    value = _here(value)
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} = {value!r} is no number")
    return value


def _write_npy(path, values, kind):
    """Write numbers as a file of numpy's format, version 1.0."""
    numbers = array.array("d" if kind == "<f8" else "q", [float(value) if kind == "<f8" else int(value) for value in values])
    if sys.byteorder == "big":
        numbers.byteswap()
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({len(numbers)},), }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode("latin-1") + numbers.tobytes())


def _tell(line):
    """Append a line to the file that dlbench reads; without dlbench, print it."""
    text = json.dumps(line)
    if not os.environ.get(RESULT):
        print(text)
        return
    with open(os.environ[RESULT], "a", encoding="utf-8") as file:
        file.write(text + "\n")
