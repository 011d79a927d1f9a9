"""Has the files watched that TensorFlow and HDF5 open by themselves; see :mod:`dlbench.references.watch`."""

from __future__ import annotations

from typing import Any

import h5py
import tensorflow as tf
from tensorflow.python.lib.io.file_io import FileIO

from dlbench.references import watch


def watch_readers() -> None:
    """Watch weights (``.h5``), ``tf.io.gfile`` and ``tf.io.read_file``; records and checkpoints that TensorFlow reads are not noticed."""
    watch.also(h5py.h5f, "open", lambda name, flags=None, **_: name if flags == h5py.h5f.ACC_RDONLY else None)
    watch.also(FileIO, "__init__", lambda _, name, mode="r", **__: name if mode.startswith("r") else None)
    watch.also(tf.io, "read_file", lambda filename, name=None: _text(filename))


def _text(filename: Any) -> Any:
    return filename.numpy() if hasattr(filename, "numpy") else filename
