"""The proof of control, for every technique in the catalogue: what it did not declare to touch is identical to the baseline's."""

from pathlib import Path

import numpy as np
import pytest

from dlbench.contract.declarations import stated
from dlbench.study.validation import check, parameters_model
from dlbench.techniques import CATALOGUE
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.controls import Control, control_of, effect_of, faults
from dlbench.values.recipe import changes, edit, to_dict
from dlbench.values.record import Record
from tests.engines.keras.loop.test_program import RARE
from tests.selection import mostly_slow

STRENGTHS = {"gradient_clipping": {"norm": 0.1}, "max_norm": {"norm": 0.3}, "early_stopping": {"patience": 1, "min_delta": 10.0},
             "transfer": {"mode": "finetune", "base_learning_rate": 1e-3}, "article_early_stopping": {"patience": 1},
             "examples": {"count": 50}}
SENTENCES = {"data__source": "tests.engines.keras.samples:sentences", "data__examples": None, "model__name": "text_cnn",
             "model__options": (), "data__vocabulary": 100}
SOUNDS = {"data__source": "tests.cases.models:tones", "data__kind": "sequence", "data__examples": None, "model__name": "small_audio_cnn",
          "model__options": (("bands", 8), ("rate_hz", 1000), ("width", 4)), "data__normalization": "zscore_channel"}
WORDS = {"data__source": f"csv:{Path(__file__).with_name('words.csv')}", "data__examples": None, "data__label": "y", "model__name": "mlp",
         "model__options": (("hidden", 8),), "data__categories": "embedding", "data__cardinalities": (3,),
         "data__normalization": "zscore_channel"}
REFERENCES = {
    "embedding_width": WORDS,
    "transfer": {"data__classes": (5, 6, 7, 8, 9), "data__examples": None},
    "mc_dropout": {"model__dropout": 0.3}, "progressive_resizing": {"model__pooling": "average"},
    "stochastic_depth": {"model__name": "resnet20", "model__options": (("blocks", 1), ("width", 4))},
    "article_early_stopping": {"training__learning_rate": 0.1},  # so that the loss rises before the budget ends
    "positive_weights": {"data__source": "tests.engines.keras.test_controlled:labelled", "data__task": "multi_label"},
    **dict.fromkeys(("time_shift", "input_noise", "spec_augment"), SOUNDS),
    "clean_text": SENTENCES, "vocabulary": SENTENCES,
    "xla": {"model__name": "mlp", "model__options": (("hidden", 16),)},  # it takes seconds to compile convolutions; test_step.py does
    **dict.fromkeys(("class_weights", "balanced_sampling", "threshold_moving"), RARE),
}
"""What a technique needs of its reference."""
QUICK = {(item.family, *sorted({path.partition(".")[0] for path in item.touches})): item.name
         for item in reversed(tuple(CATALOGUE))}.values()
"""The first technique of each family and part of the recipe that it touches."""


def colour():
    generator = np.random.default_rng(0)
    y = np.arange(200) % 10
    x = generator.integers(0, 200, (200, 8, 8, 3)) + 5 * y[:, None, None, None]
    return x.astype(np.uint8), y


def labelled():
    x, y = colour()
    return x, np.stack([y < 2, y % 2 == 0], axis=1)


@pytest.fixture(scope="module")
def baseline(tiny):
    return edit(tiny, data__source="tests.engines.keras.test_controlled:colour", budget__amount=4)


@pytest.fixture(scope="module")
def recorded(train):
    kept = {}

    def run(recipe, seed=0):
        key = (str(to_dict(recipe)), seed)
        if key not in kept:
            first = pretraining(recipe)
            arrays = train(first, seed).arrays if first else {}
            weights = {name.removeprefix("weights/"): value for name, value in arrays.items() if name.startswith("weights/")}
            result = train(recipe, seed, weights or None)
            kept[key] = Record("id", to_dict(recipe), seed, result.status, controls=result.controls)
        return kept[key]

    return run


@pytest.mark.parametrize("item", mostly_slow({item.name: item for item in CATALOGUE}, *QUICK))
def test_every_technique_is_controlled_and_acts(item, baseline, recorded):
    reference = edit(baseline, **REFERENCES.get(item.name, {}))
    given = check(parameters_model(item), {**stated(item), **STRENGTHS.get(item.name, {})}, "test").model_dump()
    if item.name == "lr_schedule":
        given = {**given, "kind": "cosine"}
    arm = item.apply(reference, **given)
    ours, theirs = recorded(arm), recorded(reference)
    assert ours.status == theirs.status == "done"
    assert faults(ours, theirs, changes(arm, reference)) == []
    assert effect_of(ours, theirs) == "acted"


def test_a_second_run_of_the_same_arm_changed_nothing(baseline, recorded, train):
    again = train(baseline)
    record = Record("id", {}, 0, "done", controls=again.controls)
    assert effect_of(record, recorded(baseline)) == "fault"


@pytest.mark.parametrize("mutant, words", [
    ("noisy_call", "draws from a global generator"), ("noisy_init", "initial weights of dense_1 differ"),
])
def test_a_layer_that_draws_from_a_global_generator_fails_the_control(mutant, words, baseline, recorded):
    reference = edit(baseline, model__name=f"tests.engines.keras.mutants:{mutant}", model__options=())
    arm = edit(reference, regularization__l2=1e-3)
    found = faults(recorded(arm), recorded(reference), changes(arm, reference))
    assert any(words in fault for fault in found), found


def test_the_same_model_without_the_fault_passes(baseline, recorded):
    reference = edit(baseline, model__name="tests.engines.keras.mutants:plain", model__options=())
    arm = edit(reference, regularization__l2=1e-3)
    assert faults(recorded(arm), recorded(reference), changes(arm, reference)) == []


@pytest.mark.parametrize("fields, reason", [
    ({"training__loop": "keras"}, "Keras' own fit"),
    ({"model__name": "tests.engines.keras.mutants:hidden_call", "model__options": ()}, "calls Python code"),
])
def test_draws_that_nobody_watches_are_not_proven(fields, reason, baseline, recorded):
    reference = edit(baseline, **fields)
    arm = edit(reference, regularization__l2=1e-3)
    state, reasons = control_of(recorded(arm), recorded(reference), changes(arm, reference))
    assert state is Control.NOT_PROVEN and len(reasons) == 1 and reason in reasons[0]


def test_the_plain_keras_loop_is_uncontrolled_where_something_differs(baseline, recorded):
    reference = edit(baseline, training__loop="keras")
    redrawn = edit(reference, redrawn=("order",))
    assert control_of(recorded(redrawn), recorded(reference), {})[0] is Control.UNCONTROLLED
