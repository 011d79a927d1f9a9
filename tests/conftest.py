"""Fixtures that tests of several layers share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real datasets; tests that need it carry the marker ``data``."""
    folder = os.environ.get("DLBENCH_DATA_DIR")
    if not folder:
        pytest.skip("needs real data: set DLBENCH_DATA_DIR to a folder that holds tfds/mnist")
    return Path(folder).resolve()
