"""Real trainings whose true effects are known: MNIST is cut into small worlds, and 10,000 other images tell the truth of each.

``python -m benchmarks.error_rates.real --data-dir DIR`` trains what is missing (about an hour on two cores; resumes), keeps one small file
a world, and writes ``reports/calibration.md``. DIR holds MNIST as tensorflow-datasets prepares it.
"""

import argparse
import multiprocessing
import os
import pkgutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.error_rates.calibration import FOLDS, TEST, document
from benchmarks.error_rates.machine import machine
from dlbench.datasets import Arrays, source
from dlbench.datasets.places import Places
from dlbench.engines.protocol import RunInputs, Settings, engine_named
from dlbench.values.recipe import Budget, Data, Recipe, edit

RECORDS, REPORT = Path("reports/calibration"), Path("reports/calibration.md")
WORLD, SEEDS = FOLDS * TEST, 24
BASELINE = edit(Recipe(), model__options=(("hidden", 32), ("width", 8)), data__validation=0.0, score_over="last_quarter",
                budget=Budget("epochs", 10))
ARMS = {
    "baseline": BASELINE,
    "A/A, order redrawn": edit(BASELINE, redrawn=("order",)),
    "A/A, initial weights redrawn": edit(BASELINE, redrawn=("init",)),
    "L2 0.001": edit(BASELINE, regularization__l2=0.001),
    "dropout 0.3": edit(BASELINE, model__dropout=0.3),
}
"""What is trained in each world; the name of an arm is its heading in the report."""


def half_size(images):
    """Return images of half the height and width, means of 2 by 2 pixels, uint8: training takes a quarter of the time."""
    n, height, width, channels = images.shape
    return images.reshape(n, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4)).round().astype(np.uint8)


def mnist(data_dir):
    """Return the images, uint8 [70000, 14, 14, 1], and labels of MNIST, the 10,000 of its test part last."""
    name = "tfds:mnist"
    examples = pkgutil.resolve_name(source(name).load)(Data(name), Places(data_dir=data_dir))
    chunks = [*examples.train, *examples.test]
    return half_size(np.concatenate([chunk.x for chunk in chunks])), np.concatenate([chunk.y for chunk in chunks])


def cut(images, labels, world, fold):
    """Return a world's data: its 500 training examples, then the 250 tested ones and 10,000 outside of all worlds.

    Fold 0 is the split of every run without folds.
    """
    own = np.arange(world * WORLD, (world + 1) * WORLD)
    tested = (np.arange(WORLD) // TEST) == fold
    rows = np.concatenate([own[~tested], own[tested], np.arange(60_000, 70_000)])
    return Arrays(images[rows], labels[rows].astype(np.int64), WORLD - TEST, 10, 255.0)


def start_worker(data_dir, cache):
    """Make this process one that trains worlds: its engine, named since workers alone need TensorFlow, is started before all else."""
    def load(data, *_):
        return cut(*_WORKER["mnist"], *map(int, data.source.partition(":")[2].split("-")))

    _WORKER["engine"] = pkgutil.resolve_name(engine_named().start)(Settings(cache, load=load))
    _WORKER["mnist"] = mnist(data_dir)


_WORKER = {}
"""The engine and the data of this process."""


def train_world(world, folder):
    """Train all arms and seeds of a world, with one test part and with folds, and keep what each run says of the examples."""
    kept = {}
    for fold in range(FOLDS):
        for arm, recipe in enumerate(ARMS.values()):
            placed = edit(recipe, data__source=f"npz:{world}-{fold}")
            for seed in range(SEEDS):
                if fold == 0 or seed % FOLDS == fold:
                    kept[arm, fold, seed] = answered(_WORKER["engine"].run(placed, seed, RunInputs("test_accuracy")))
    part = folder / f"world-{world:02}.part.npz"
    np.savez_compressed(part, **records(kept))
    part.replace(folder / f"world-{world:02}.npz")
    return world


def answered(outcome):
    """Return what a run says: evaluations that had each tested example right, whether the last had, and both shares of the outside."""
    rights, labels = outcome.arrays["test_rights"], outcome.arrays["test_labels"]
    last, evaluations = outcome.arrays["test_predictions"] == labels, int(outcome.arrays["test_evaluations"][0])
    return rights[:TEST], last[:TEST], rights[TEST:].mean() / evaluations, last[TEST:].mean(), evaluations


def records(kept):
    """Lay out the runs of a world: arms, then seeds, then tested examples; ``folds`` in front: seed s tests fold s mod 3."""
    found = {}
    for name, chosen in (("fixed", lambda seed: 0), ("folds", lambda seed: seed % FOLDS)):
        runs = [[kept[arm, chosen(seed), seed] for seed in range(SEEDS)] for arm in range(len(ARMS))]
        parts = [np.array([[run[place] for run in of_arm] for of_arm in runs]) for place in range(4)]
        found |= {f"{name}_rights": parts[0].astype(np.uint8), f"{name}_last": np.packbits(parts[1], axis=-1),
                  f"{name}_outside": parts[2].astype(np.float32), f"{name}_outside_last": parts[3].astype(np.float32)}
    return found | {"evaluations": np.array(next(iter(kept.values()))[4])}


def main(arguments=None):
    """Train the worlds that are missing, then write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.error_rates.real", description="Check verdicts on real trainings.")
    parser.add_argument("--data-dir", help="where MNIST lies prepared (tfds); needed for worlds that are missing")
    parser.add_argument("--worlds", type=int, default=32, help="disjoint parts of MNIST, up to 80 (default 32)")
    parser.add_argument("--records", type=Path, default=RECORDS, help=f"folder of what was trained (default {RECORDS})")
    parser.add_argument("--out", type=Path, default=REPORT, help=f"report to write (default {REPORT})")
    chosen = parser.parse_args(arguments)
    chosen.records.mkdir(parents=True, exist_ok=True)
    missing = [world for world in range(chosen.worlds) if not (chosen.records / f"world-{world:02}.npz").exists()]
    started = time.monotonic()
    if missing:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        workers = min(os.cpu_count() or 1, len(missing))
        with (tempfile.TemporaryDirectory() as cache,
              multiprocessing.get_context("spawn").Pool(workers, start_worker, (chosen.data_dir, cache)) as pool):
            for done, world in enumerate(pool.imap_unordered(partial(train_world, folder=chosen.records), missing), start=1):
                print(f"world {world}: {done} of {len(missing)} after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    chosen.out.write_text(document(chosen.records, list(ARMS)[1:], machine()), encoding="utf-8")


if __name__ == "__main__":
    main()
