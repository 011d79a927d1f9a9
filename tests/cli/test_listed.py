"""Images that a table lists, and channels of images, from the command line with real trainings."""

import json
from functools import partial

import numpy as np
import pytest
from PIL import Image

from dlbench.store.read import read
from tests.calling import called_here as dlbench
from tests.selection import mostly_slow
from tests.studies import written

tifffile = pytest.importorskip("tifffile")
STUDY = """
question = "Does dropout help?"
dataset = "csv:scans/labels.csv"
image = "file"
label = "bright"
size = [8, 8]
model = "mlp"
seeds = 2
margin = 0.05
budget = { epochs = 1 }
baseline = { options = { hidden = 16 } }
[[arms]]
technique = "dropout"
rate = 0.5
"""
ROWS = 60


def scans(place):
    """Images whose brightness is their number, and a table with what follows from it."""
    (place / "img").mkdir(parents=True)
    rows, noise = [], np.random.default_rng(0)
    for row in range(ROWS):
        values = noise.integers(0, 40, (9, 7, 4)) + [*[3 * row] * 3, 60]
        Image.fromarray(values.astype(np.uint8)).save(place / "img" / f"{row}.png")
        tifffile.imwrite(place / "img" / f"{row}.tif", np.tile(values, 2)[..., :5].astype(np.uint16), photometric="minisblack",
                         planarconfig="contig")
        tags = "odd;" * (row % 2) + "x" * (row > 20)
        rows.append(f"img/{row}.png,img/{row}.tif,{['dark', 'bright'][row > 30]},{row / 7:.3f},{tags},p{row % 9}")
    (place / "labels.csv").write_text("\n".join(["file,tif,bright,age,tags,patient", *rows]) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("listed")
    scans(place / "scans")
    (place / "listed.toml").write_text(STUDY)
    return place


changed = partial(written, STUDY)


def planned(folder, *pairs):
    ended = dlbench(folder, "plan", changed(folder, "planned", *pairs))
    assert ended.code == 0, ended.err
    return " ".join(ended.out.split())


def test_a_study_of_listed_images_is_run_and_reported_and_known_again(folder):
    ran = dlbench(folder, "run", "listed.toml", "--no-timing")
    assert ran.code == 0, ran.err
    results = read(folder / "reports" / "listed")
    assert results.complete and set(results.runs["control"]) == {"baseline", "controlled"}
    again = json.loads(dlbench(folder, "plan", "listed.toml", "--json").out)
    assert (again["done"], again["left"]) == (4, 0), "the results beside the table are no part of the data"
    assert "60 images of 8x8x3 in 2 classes" in planned(folder, ("dropout", "dropout"))


def test_another_image_makes_other_runs(folder):
    path = folder / "scans" / "img" / "5.png"
    before = path.read_bytes()
    Image.new("RGBA", (7, 9), (1, 2, 3, 4)).save(path)
    again = json.loads(dlbench(folder, "plan", "listed.toml", "--json").out)
    path.write_bytes(before)
    assert (again["done"], again["left"]) == (0, 4)


KINDS = {
    "ages": ([('label = "bright"', 'label = "age"\ntask = "regression"'), ("margin = 0.05", "margin = 0.5")],
             "60 images of 8x8x3 with a number to predict each (regression)"),
    "tagged": ([('label = "bright"', 'label = "tags"\nlabel_separator = ";"')],
               "60 images of 8x8x3 with any of 2 labels each (multi-label)"),
    "alpha": ([("size", 'alpha = "keep"\nsize'), ('"dropout"\nrate = 0.5', '"brightness"')], "60 images of 8x8x4 in 2 classes"),
    "bands": ([('"file"', '"tif"'), ('"dropout"\nrate = 0.5', '"rotate"')], "60 images of 8x8x5 in 2 classes"),
    "patients": ([("size", 'group = "patient"\nsize')], "columns that are not read: 'tif', 'age' and 'tags'")}
"""Name of a study -> how it differs, and what is said of its data."""


@pytest.mark.parametrize("name", KINDS)
def test_every_task_and_number_of_channels_is_planned(folder, name):
    pairs, said = KINDS[name]
    assert said in planned(folder, *pairs)


@pytest.mark.parametrize("name", mostly_slow([*KINDS], "tagged", "bands"))
def test_every_task_and_number_of_channels_is_run(folder, name):
    ran = dlbench(folder, "run", changed(folder, name, *KINDS[name][0]), "--no-timing", "--no-report")
    assert ran.code == 0, ran.err
    results = read(folder / "reports" / name)
    assert results.complete and set(results.runs["control"]) == {"baseline", "controlled"}


@pytest.mark.parametrize(("pairs", "words"), [
    ([('"file"', '"fil"')], "labels.csv: image: unknown column 'fil'; did you mean 'file'?"),
    ([('"file"', '"age"')],
     "60 of the 60 files that column 'age' of {}/scans/labels.csv names are not there: 0.000 (row 2), 0.143 (row 3)"),
    ([("image =", 'text = "tags"\nimage =')], "text and image; accepted: one of them"),
    ([("image =", 'categories = "one_hot"\nimage =')], "image and categories; accepted: one of them"),
    ([('image = "file"\n', "")], "size: dataset 'csv:scans/labels.csv' has use for it with `image = \"COLUMN\"`"),
    ([('image = "file"', 'alpha = "keep"'), ("size = [8, 8]\n", "")], "alpha: dataset 'csv:scans/labels.csv' has use for it with `image"),
    ([("[8, 8]", "[8, 8, 1]\nalpha = 'keep'")], "size = [8, 8, 1] and alpha = 'keep', which is a fourth channel; accepted: size = [8, 8]"),
    ([("[8, 8]", "[8, 8]\nalpha = 'kept'")], "unknown alpha 'kept'; did you mean 'keep'?"),
    ([("csv:scans/labels.csv", "digits")], "size: dataset 'digits' has no use for it"),
    ([("csv:scans/labels.csv", "digits"), ("size = [8, 8]\n", ""), ('label = "bright"\n', "")],
     "image: dataset 'digits' has no use for it; accepted with dataset = 'csv:"),
    ([('"file"', '"tif"'), ('"dropout"\nrate = 0.5', '"hue"')], "hue needs images of 3 channels, and 'csv:scans/labels.csv' has 5"),
    ([("size = [8, 8]", "size = [8, 8]\nrate = 8000")], "rate: dataset 'csv:scans/labels.csv' has no use for it")])
def test_what_cannot_be_read_is_one_message(folder, pairs, words):
    refused = dlbench(folder, "plan", changed(folder, "bad", *pairs))
    assert refused.code == 2 and words.format(folder) in " ".join(refused.err.split()), refused
    assert "Traceback" not in refused.err


@pytest.mark.parametrize(("row", "words"), [
    ("../listed.toml,,dark,1,,p0", "row 62 of {}/scans/labels.csv: image: column 'file' names '../listed.toml', which is not below"),
    ("img/x.png,,dark,1,,p0", "1 of the 61 files that column 'file' of {}/scans/labels.csv names is not there: img/x.png (row 62)"),
    ("labels.csv,,dark,1,,p0", "{}/scans/labels.csv is broken, or no image"),
    (",,dark,1,,p0", "row 62 of {}/scans/labels.csv: image: column"),
    ("img/0.tif,,dark,1,,p0", "has 5 channels")])
def test_a_row_that_names_no_image_is_one_message(folder, row, words):
    path = folder / "scans" / "labels.csv"
    before = path.read_text()
    path.write_text(f"{before}{row}\n")
    refused = dlbench(folder, "plan", "listed.toml")
    path.write_text(before)
    assert refused.code == 2 and words.format(folder) in " ".join(refused.err.split()), refused
