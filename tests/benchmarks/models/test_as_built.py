"""Models as people build them, and random models and folders: a small part of what `python -m benchmarks.models` and the fuzzers try."""

from __future__ import annotations

import pytest

from benchmarks.models import applications, examples, zoo
from benchmarks.models.__main__ import tried, wanted
from tests.faults import folders, models

SAMPLE = ("examples:structured_data", "zoo:operators", "zoo:a_nested_model_in_inference")
MORE = (
    "examples:vit", "examples:squeeze_and_excitation", "examples:bidirectional_lstm", "zoo:TimeDistributed", "zoo:SpectralNormalization")
REFUSED = {"examples:two_inputs": "takes 2 inputs", "zoo:rows_of_its_own": "32 rows for 16 examples"}


def rows_of(*models):
    """Name of each model -> what became of it, in a process of its own."""
    pairs = [pair for pair in wanted(None) if pair[0].removeprefix("benchmarks.models.") in models]
    return {row["model"].removeprefix("benchmarks.models."): row for row in tried(pairs)}


@pytest.fixture(scope="module")
def rows():
    return rows_of(*SAMPLE, *REFUSED)


@pytest.mark.parametrize("model", SAMPLE)
def test_a_model_trains_as_it_was_built(model, rows):
    assert rows[model]["status"] == "trained" and rows[model]["difference"] < 1e-5, rows[model]


@pytest.mark.slow
def test_more_models_train_as_they_were_built():
    found = rows_of(*MORE)
    assert set(found) == set(MORE) and all(row["status"] == "trained" and row["difference"] < 1e-5 for row in found.values()), found


@pytest.mark.parametrize("model", REFUSED)
def test_a_model_that_cannot_be_trained_is_refused_with_a_sentence(model, rows):
    assert rows[model]["status"] == "refused" and REFUSED[model] in rows[model]["words"], rows[model]


def test_every_network_of_keras_applications_is_among_them():
    names = {model for model, _ in wanted(None)}
    assert len(names) == len(wanted(None)) and {f"benchmarks.models.applications:{name}" for name in applications.NAMES} <= names
    assert len(applications.NAMES) >= 38 and len(zoo.MODELS) >= 100 and len((*examples.IMAGES, *examples.TEXT, *examples.ROWS)) >= 25


def test_random_folders_are_read_whole_or_refused_with_a_sentence(tmp_path):
    for seed in range(40):
        (place := tmp_path / str(seed)).mkdir()
        assert folders.problem(place, seed) is None, seed


@pytest.mark.parametrize("count", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_random_models_are_copied_as_they_are_or_refused_with_a_sentence(count):
    assert {seed: what for seed in range(count) if (what := models.problem(seed)[1]) is not None} == {}
