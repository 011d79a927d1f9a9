"""What the engine checks before the first run."""

import psutil
import pytest

from dlbench.engines.keras import engine
from dlbench.engines.keras.network.cost import training_bytes
from dlbench.values.errors import InputError
from dlbench.values.recipe import edit


def test_networks_that_are_alike_are_made_once_and_checked_for_the_largest_batches(worker, tiny, monkeypatch):
    """Penalties, schedules and sizes of batches change no network; dropout does."""
    made, make = [], engine.Network
    monkeypatch.setattr(engine, "Network", lambda recipe, *rest: made.append(make(recipe, *rest)) or made[-1])
    alike = [tiny, edit(tiny, training__batch_size=64), edit(tiny, regularization__l2=1e-3), edit(tiny, training__batch_size=8)]
    found = worker.prepare([*alike, edit(tiny, model__dropout=0.5)])
    assert len(made) == 2 and len(found) == 5
    room = training_bytes(made[0].model, 32)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"total": room}))
    worker.prepare([edit(tiny, training__batch_size=size) for size in (8, 32)])
    for sizes in (8, 33), (33, 8):
        with pytest.raises(InputError, match="batches of 33 examples"):
            worker.prepare([edit(tiny, training__batch_size=size) for size in sizes])
