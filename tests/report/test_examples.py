"""Figures of examples: the numbers are those of the answers in the store, the images those that were kept."""

import base64
import io
import re
from dataclasses import replace

import matplotlib.image
import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.examples import confusions, previews
from dlbench.report import figures
from dlbench.report.figures.canvas import canvas, drawing
from dlbench.report.sections.examples import turned_examples
from dlbench.store.database import Store
from dlbench.store.pictures import evaluation_key, preview_key
from dlbench.store.results import Answers
from dlbench.values.record import Controls, Record
from tests.report.conftest import HOSTILE, Shape, build, markdown_of, page_of

SEEDS, CLASSES, SIZE = 4, 3, 60
LABELS = (np.arange(SIZE) % CLASSES).astype(np.uint16)
ARMS = {"baseline": 0.0, "rotate degrees=10": 0.1, HOSTILE[0]: -0.1}
RECIPES = {"rotate degrees=10": {"augmentation.rotate_degrees": 10.0}}


def said():
    """(arm, seed) -> predicted classes: rotate has test example 5 right on every seed, on which the baseline never has."""
    draw, made = np.random.default_rng(0), {}
    for arm in ARMS:
        for seed in range(SEEDS):
            wrong = draw.random(SIZE) < 0.2
            made[arm, seed] = np.where(wrong, (LABELS + 1) % CLASSES, LABELS).astype(np.uint16)
            made[arm, seed][5] = LABELS[5] if arm == "rotate degrees=10" else (LABELS[5] + 2) % CLASSES
    return made


@pytest.fixture(scope="module")
def predictions():
    return said()


@pytest.fixture(scope="module")
def images():
    return painted()


def painted():
    """An image for each test example."""
    return np.random.default_rng(2).integers(0, 255, (SIZE, 6, 6, 3), np.uint8)


@pytest.fixture(scope="module")
def analysis(predictions, images, tmp_path_factory):
    return pictured(tmp_path_factory.mktemp("answers"), predictions, images)


def pictured(folder, predictions, images):
    """A study whose store has these answers, and the images of the first 40 test examples and of a preview."""
    made = build(ARMS, Shape(seeds=SEEDS, epochs=2))
    with Store(folder, write=True) as store:
        for row in made.runs.itertuples():
            classes = predictions[row.arm, row.seed]
            arrays = {"test_bits": np.packbits(classes == LABELS), "test_predictions": classes, "test_labels": LABELS}
            store.add(Record(row.run_id, {}, row.seed, "done", controls=Controls(evaluation="e0")), arrays)
        store.keep(evaluation_key("e0"), {"image_rows": np.arange(40), "images": images[:40]})
        store.keep(preview_key(RECIPES["rotate degrees=10"]), {"before": images[:6], "after": np.stack([images[6:12], images[12:18]])})
    arms = made.arms.assign(recipe=[RECIPES.get(arm, {}) for arm in made.arms["arm"]])
    return analyse(replace(made, arms=arms, answers=Answers(folder)))


def test_the_surest_fix_comes_first_with_its_counts(analysis):
    table = next(table for table in turned_examples(analysis) if table.attrs["arm"] == "rotate degrees=10")
    first = table[table["kind"] == "fixed"].iloc[0]
    assert (first["row"], first["label"], first["theirs"], first["ours"]) == (5, LABELS[5], (LABELS[5] + 2) % CLASSES, LABELS[5])
    assert f"baseline is right on 0 of {SEEDS} seeds, rotate degrees=10 on {SEEDS}" in first["told"]


def test_every_turned_example_is_one_and_has_its_own_image(analysis, predictions, images):
    for table in turned_examples(analysis):
        for row in table.itertuples():
            right = [sum(predictions[arm, seed][row.row] == LABELS[row.row] for seed in range(SEEDS))
                     for arm in (table.attrs["arm"], "baseline")]
            assert (right[0] > right[1]) == (row.kind == "fixed") and right[0] != right[1]
            assert row.row < 40 and np.array_equal(row.image, images[row.row])


def test_the_confusions_are_the_means_over_seeds(analysis, predictions):
    for table in confusions(analysis.answered):
        for row in table.itertuples():
            ours, theirs = (np.mean([((row.label == LABELS) & (predictions[arm, seed] == row.predicted)).sum() for seed in range(SEEDS)])
                            for arm in (table.attrs["arm"], "baseline"))
            assert row.difference == pytest.approx(ours - theirs)


def test_the_page_holds_the_images_to_the_bit_and_the_numbers(analysis, images):
    page = page_of(analysis)
    assert all(f'id="panels-{name}"' in page for name in ("turned", "confusion", "augmentation"))
    shown = [matplotlib.image.imread(io.BytesIO(base64.b64decode(data)))[..., :3] for data in
             re.findall(r'href="data:image/png;base64,\s*([^"]+)"', page)]
    decoded = [np.round(image * 255).astype(np.uint8) for image in shown]
    for wanted in images[:18]:
        assert any(np.array_equal(wanted, image) for image in decoded)
    for table in confusions(analysis.answered):
        for row in table.itertuples():
            change = f"{row.difference:+.2f}".replace("-", "−")
            assert f"true {row.label}, predicted {row.predicted}: {change} examples a run" in page


def test_arms_that_augment_alike_share_a_preview(analysis, undrawn):
    arms = analysis.results.arms.copy()
    arms["recipe"] = [{}, RECIPES["rotate degrees=10"], RECIPES["rotate degrees=10"] | {"model.dropout": 0.5}]
    arms["changes"] = [{}, *[{"augmentation.rotate_degrees": (0.0, 10.0)}] * 2]
    (table,) = previews(replace(analysis.results, arms=arms))
    assert table.attrs["id"] == "1 2" and table.attrs["arm"] == "rotate degrees=10"
    assert 'data-arm="1 2"' in page_of(analyse(replace(analysis.results, arms=arms)))


def test_figures_draw_every_row_of_their_table(analysis):
    for plot, tables in ((figures.examples, turned_examples(analysis)), (figures.augmentation, previews(analysis.results))):
        table = next(tables)
        with drawing("test"):
            _, ax = canvas(4, 3)
            assert plot(table, ax) is ax
        assert len(ax.images) == len(table) and "n " in ax.get_xlabel()
    table = next(iter(confusions(analysis.answered)))
    with drawing("test"):
        _, ax = canvas(3, 3)
        figures.confusion(table, ax)
    assert len(ax.patches) == len(table) + CLASSES and "n 4" in ax.get_xlabel()


def test_markdown_links_their_files(analysis):
    text = markdown_of(analysis)
    assert all(f"(figures/{name}.svg)" in text for name in ("turned", "confusion", "augmentation"))


def test_hostile_names_stay_dead_in_them(analysis):
    assert HOSTILE[0] not in page_of(analysis)


def test_a_study_without_answers_has_no_such_section(results, undrawn):
    assert 'id="examples"' not in page_of(analyse(results))
