import pytest

from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.recipe import Recipe, edit


@pytest.fixture(scope="session")
def worker(tmp_path_factory):
    return KerasEngine(Settings(str(tmp_path_factory.mktemp("cache"))))


@pytest.fixture(scope="session")
def tiny():
    """A recipe that trains in a moment: 100 digits, 2 epochs of 4 steps, the last of 4 examples."""
    return edit(Recipe(), data__examples=100, budget__amount=2, model__options=(("hidden", 16), ("width", 4)))


@pytest.fixture(scope="session")
def train(worker):
    """Train one recipe and seed; what the worker answers."""
    def run(recipe, seed=0, weights=None):
        return worker.run(recipe, seed, RunInputs("test_accuracy", weights))

    return run
