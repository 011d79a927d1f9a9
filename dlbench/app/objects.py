"""The study of objects of a program, such as a notebook: what it needs is written beside its results, and run as any study file is."""

from __future__ import annotations

import os
import re
import warnings
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlbench.app.folders import STUDY, STUDY_MARK, demand_ours
from dlbench.datasets.declaration import Examples
from dlbench.datasets.own import examples, labels
from dlbench.references.functions import function_digest
from dlbench.references.pickles import sealed
from dlbench.references.written import Unwritten, module_source
from dlbench.study import load
from dlbench.study.toml import document
from dlbench.values.errors import InputError
from dlbench.values.files import inside, save, write
from dlbench.values.text import one_line

__all__ = ["arm", "objects_study"]

MODULE, DATA = "study_model", "study_data"
"""Names of the files beside the results, without suffix: the model's module, and the data."""
PICKLED = '''"""The model of this study, {digest} by its source and what it closes over, is pickled: {reason}."""

from pathlib import Path

from dlbench.references.pickles import kept

{name} = kept(Path(__file__).with_name("{file}"))
'''
"""The module of a model that no source makes."""
WANTED = ("(x_train, y_train, x_test, y_test), (x, y), with a dict of several inputs for x, a tf.data.Dataset or a pair of those for train "
          "and test, a pandas data frame or a pair of those, a path, or a name from `dlbench list datasets`")


def arm(*techniques: str | Mapping[str, Any], name: str | None = None, reference: str | None = None, **parameters: Any) -> dict[str, Any]:
    """Return an arm as study files have it: a technique with its parameters, or several techniques together.

    Args:
        techniques: the name of one, or what ``dlbench.techniques.NAME(...)`` returns.
        name: of the arm; made of the techniques where unset.
        reference: the arm that it is compared with; the baseline where unset.
        **parameters: of the one technique; a list is a sweep: an arm for each value.

    Raises:
        InputError: no technique is named, or parameters stand beside several.

    Example:
        >>> arm("dropout", rate=[0.2, 0.5])
        {'technique': 'dropout', 'rate': [0.2, 0.5]}
        >>> arm("l2", {"technique": "flip"}, name="both")["techniques"]
        [{'technique': 'l2'}, {'technique': 'flip'}]
    """
    tables = [{"technique": one} if isinstance(one, str) else dict(one) for one in techniques]
    if not tables or (parameters and len(tables) > 1):
        raise InputError('arm: accepted: one technique with its parameters, arm("dropout", rate=0.5), or several, '
                         'arm(dlbench.techniques.rotate(degrees=10), dlbench.techniques.flip())')
    tables[0] |= parameters
    named = {key: value for key, value in (("name", name), ("reference", reference)) if value is not None}
    return {**tables[0], **named} if len(tables) == 1 else {"techniques": tables, **named}


def objects_study(model: Any, data: Any, asked: Mapping[str, Any], folder: Path, into: bool = False) -> Path:
    """Write a study file, the module of its model and its data into the results folder.

    Args:
        model: ``build(input_shape, classes) -> keras.Model``, any callable; or the name of a model.
        data: arrays, a ``tf.data.Dataset``, a pandas data frame or two, for train and test, a path, or the name of a dataset.
        asked: further keys of the study; ``arms`` among them.
        folder: of the results.
        into: as of :func:`dlbench.app.folders.demand_ours`.

    Returns:
        The study file.

    Raises:
        InputError: something cannot be used; nothing was written.
    """
    demand_ours(folder, into)
    dataset, write_data = _data(data, folder)
    stated = {**asked, "dataset": dataset, "inputs": _inputs(data) or asked.get("inputs")}
    table = {**stated, "model": f"{MODULE}:{_name(model)}" if callable(model) else model}
    table = {key: value for key, value in table.items() if value is not None}
    text = f"{STUDY_MARK} It is run again by: dlbench run {STUDY} --out .\n{document(table)}"
    load(table)
    files = _model_files(model)
    study = write(inside(folder, STUDY), text)
    for name, content in files.items():
        save(inside(folder, name), methodcaller("write", content))
    write_data()
    return study


def _name(model: Callable[..., Any]) -> str:
    name = getattr(model, "__name__", type(model).__name__)
    return name if re.fullmatch(r"[A-Za-z]\w*", name) else "build"


def _model_files(model: Any) -> dict[str, bytes]:
    """The module of a model: its source, or, where no source says all that it uses, a reference to its pickle, and the pickle.

    Raises:
        InputError: the model cannot be handed to another process.
    """
    if not callable(model):
        return {}
    try:
        digest, known = function_digest(model)
        if not known:
            warnings.warn("the source of the model, or of what it calls, cannot be had: compiled code stands for it", stacklevel=5)
        try:
            source = module_source(model)
            return {f"{MODULE}.py": f'"""The model of this study, as dlbench.run was given it."""\n\n{source}'.encode()}
        except Unwritten as reason:
            module = PICKLED.format(digest=digest, reason=reason, name=_name(model), file=f"{MODULE}.pickle")
            return {f"{MODULE}.py": module.encode(), f"{MODULE}.pickle": sealed(model)}
    except Exception as error:  # whatever objects of the program raise when they are pickled
        raise InputError(f"model: it cannot be handed to another process: {one_line(error, 200)}; accepted: a function that closes over no "
                         "open file, lock or connection") from None


def _data(data: Any, folder: Path) -> tuple[str, Callable[[], Any]]:
    """The name of a dataset as the study file has it, and what writes its file."""
    if isinstance(data, str | os.PathLike):
        return _named(os.fspath(data), folder), lambda: None
    if isinstance(data, pd.DataFrame):
        return f"csv:{DATA}.csv", lambda: save(inside(folder, f"{DATA}.csv"), lambda file: data.to_csv(file, index=False))
    if isinstance(data, Sequence) and len(data) == 2 and all(isinstance(part, pd.DataFrame) for part in data):
        return _two_frames(data[0], data[1], folder)
    if isinstance(data, Sequence) and len(data) == 4:
        data = ((data[0], data[1]), (data[2], data[3]))
    if isinstance(data, dict | set) or not (isinstance(data, Sequence) or hasattr(data, "element_spec")):
        raise InputError(f"data: {type(data).__name__} was given; accepted: {WANTED}")
    arrays: dict[str, Any] = _arrays(data)
    return f"npz:{DATA}.npz", lambda: save(inside(folder, f"{DATA}.npz"), lambda file: np.savez(file, **arrays))


def _halves(data: Any) -> list[Any]:
    """Return the (x, y) of a dataset, or those of its training and its test part, where they are arrays; empty of anything else."""
    if not isinstance(data, tuple | list) or not data:
        return []
    pairs: Sequence[Any] = data if isinstance(data[0], tuple | list) else list(zip(data[::2], data[1::2]))
    return list(pairs)


def _inputs(data: Any) -> dict[str, str] | None:
    """Return the name of the array of each input, where an example has several."""
    first: Any = next(iter(_halves(data)), (None,))[0]
    return {name: f"x_{name}" for name in first} if isinstance(first, Mapping) else None


def _of_inputs(data: Any, given: Examples) -> dict[str, np.ndarray]:
    """The arrays of a dataset of several inputs, as they were given, once they have been looked through."""
    for part in (given.train, given.test or ()):
        deque(part, maxlen=0)
    halves = _halves(data)
    suffixes = ("_train", "_test") if len(halves) > 1 else ("",)
    arrays = {f"y{suffix}": labels(np.asarray(y)) for (_, y), suffix in zip(halves, suffixes)}
    arrays |= {f"x_{name}{suffix}": np.asarray(x[name]) for (x, _), suffix in zip(halves, suffixes) for name in x}
    return {name: np.ascontiguousarray(values) for name, values in arrays.items()}


def _two_frames(train: Any, test: Any, folder: Path) -> tuple[str, Callable[[], Any]]:
    """A folder of a training and a test table, of data frames with the same columns."""
    if list(train.columns) != list(test.columns):
        other = next(str(name) for name in (*train.columns, *test.columns) if name not in train.columns or name not in test.columns) if (
            set(train.columns) != set(test.columns)) else "their order"
        raise InputError(f"data: a pair of data frames is (train, test), and they differ in {other!r}; accepted: the same columns in the "
                         "same order, the label among them; or arrays: (x, y)")

    def write_both() -> None:
        for name, frame in (("train", train), ("test", test)):
            save(inside(inside(folder, DATA), f"{name}.csv"), lambda file, frame=frame: frame.to_csv(file, index=False))

    return f"csv:{DATA}", write_both


def _named(data: str, folder: Path) -> str:
    """A dataset's name; of a path, with the family that reads it, seen from the study's folder."""
    path = Path(data).expanduser()
    families = {".npz": "npz", ".csv": "csv", ".tsv": "csv"}
    if not path.exists():
        if path.suffix.lower() in families and ":" not in data:
            raise InputError(f"data: {data}: no such file")
        return data
    if path.is_file() and path.suffix.lower() not in families:
        raise InputError(f"data: {data}: accepted: a folder of images or texts, or a file {', '.join(families)}")
    family = "folder" if path.is_dir() and not (path / "train.csv").is_file() else families.get(path.suffix.lower(), "csv")
    return f"{family}:{os.path.relpath(path.resolve(), folder.resolve())}"


def _arrays(data: Any) -> dict[str, np.ndarray]:
    """The arrays of a dataset, named as ``npz:PATH`` wants them."""
    given = examples("data", data)
    if given.inputs:
        return _of_inputs(data, given)
    parts = {"_train" if given.test is not None else "": given.train, "_test": given.test or ()}
    chunks = {suffix: list(part) for suffix, part in parts.items()}
    for suffix, part in chunks.items():
        if suffix != "_test" and not part:
            raise InputError("data: it has no example; accepted: at least two examples of each class")
    return {f"{name}{suffix}": np.ascontiguousarray(np.concatenate([getattr(chunk, name) for chunk in part]))
            for suffix, part in chunks.items() if part for name in ("x", "y")}
