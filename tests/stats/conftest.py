"""Keep the statistics tests fast."""

import gc

import pytest


@pytest.fixture(scope="session", autouse=True)
def frozen_imports():
    """Spare the imported modules from the full collection that each call of statsmodels' multipletests asks for."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
