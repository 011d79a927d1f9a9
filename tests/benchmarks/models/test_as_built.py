"""Models as people build them, and random models and folders: a small part of what `python -m benchmarks.models` and the fuzzers try."""

from __future__ import annotations

import pytest

from benchmarks.models import applications, examples, zoo
from benchmarks.models.__main__ import tried, wanted
from tests.faults import folders, models

SAMPLE = (
    "examples:vit", "examples:squeeze_and_excitation", "examples:structured_data", "examples:bidirectional_lstm", "zoo:TimeDistributed",
    "zoo:SpectralNormalization", "zoo:operators", "zoo:a_nested_model_in_inference")
REFUSED = {"examples:two_inputs": "takes 2 inputs", "zoo:rows_of_its_own": "32 rows for 16 examples"}


@pytest.fixture(scope="module")
def rows():
    """Name of each model of the sample -> what became of it, in a process of its own."""
    pairs = [pair for pair in wanted(None) if pair[0].removeprefix("benchmarks.models.") in (*SAMPLE, *REFUSED)]
    return {row["model"].removeprefix("benchmarks.models."): row for row in tried(pairs)}


@pytest.mark.parametrize("model", SAMPLE)
def test_a_model_trains_as_it_was_built(model, rows):
    assert rows[model]["status"] == "trained" and rows[model]["difference"] < 1e-5, rows[model]


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


def test_random_models_are_copied_as_they_are_or_refused_with_a_sentence():
    assert {seed: what for seed in range(12) if (what := models.problem(seed)[1]) is not None} == {}
