"""The frozen arms that are measured, each by workers with a cache that holds nothing."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import keras

from benchmarks.features.measured import Arm, Ran, Timed
from dlbench.app.cache import features_bytes
from dlbench.app.request import Request, cache_dir, override, planned
from dlbench.engines.protocol import RunInputs, Settings, engine_named
from dlbench.execution.backends.local import Pool
from dlbench.execution.environment import available_bytes
from dlbench.study import Plan

COUNTING = replace(engine_named(), name="counting", start="benchmarks.features.engine:start")
"""The engine of the workers."""
FROZEN = "frozen"
"""The arm that is measured, in both studies."""
DATA, CLASSES, TRAIN_SHARE = "cifar10_medium", 10, 0.8
"""The photographs, their classes, and how many of those that are taken are of the training part."""
STUDY = "transfer_photos"
RANDOM_BASE = """question = "What does a frozen VGG16 cost?"
dataset = "folder:photographs"
size = [{size_px}, {size_px}]
model = "application"
margin = 0.02
[baseline]
options = {{ base = "VGG16" }}
[[arms]]
name = "frozen"
technique = "transfer"
mode = "frozen"
weights = "imagenet"
"""


@dataclass(frozen=True)
class Choices:
    """How an arm is measured.

    Attributes:
        seeds, epochs: of the arm.
        rounds, sample: how often the base alone is timed before the runs, and again after them, and on how many examples.
        note: shows a line.
    """

    seeds: int
    epochs: int
    rounds: int
    sample: int
    note: Callable[[str], None]

    def overrides(self) -> tuple[str, ...]:
        """Return what is set in a study."""
        return override("seeds", self.seeds), override("budget.epochs", self.epochs)


def shipped(data_dir: Path, choices: Choices) -> Arm:
    """Measure the frozen arm of the shipped study ``transfer_photos``."""
    with _empty_cache():
        request = Request(STUDY, data_dir=str(data_dir), overrides=choices.overrides(), trusted=True)
        return _measured(f"`{STUDY}`", "four convolutions, 64 px, pretrained", planned(request, choices.note), request, choices)


def vgg16(data_dir: Path, choices: Choices, photographs: int, size_px: int) -> Arm:
    """Measure a frozen VGG16 with random weights of the shape of ImageNet's, behind which are global average pooling and an output."""
    with _empty_cache() as folder:
        _copy(data_dir / DATA, folder / "photographs", photographs)
        weights, study = folder / "random.weights.h5", folder / "vgg16.toml"
        keras.utils.set_random_seed(0)
        keras.applications.VGG16(include_top=False, weights=None, input_shape=(size_px, size_px, 3)).save_weights(weights)
        study.write_text(RANDOM_BASE.format(size_px=size_px), encoding="utf-8")
        request = Request(str(study), data_dir=str(folder), weights=str(weights), overrides=choices.overrides())
        return _measured("VGG16", f"VGG16, {size_px} px, random weights", planned(request, choices.note), request, choices)


@contextmanager
def _empty_cache() -> Iterator[Path]:
    """A new folder; dlbench's cache is in it meanwhile."""
    with tempfile.TemporaryDirectory(prefix="features-") as name, patch.dict("os.environ", {"DLBENCH_CACHE_DIR": f"{name}/cache"}):
        yield Path(name)


def _copy(source: Path, target: Path, photographs: int) -> None:
    """Copy the first photographs of each class: so many in all, four of five of them of the training part."""
    train = round(photographs * TRAIN_SHARE)
    for part, count in (("train", train), ("test", photographs - train)):
        for folder in sorted(path for path in (source / part).iterdir() if path.is_dir()):
            (target / part / folder.name).mkdir(parents=True)
            for file in sorted(folder.iterdir())[: count // CLASSES]:
                shutil.copyfile(file, target / part / folder.name / file.name)


def _measured(name: str, network: str, whole: Plan, request: Request, choices: Choices) -> Arm:
    """Have one worker carry out the runs of the frozen arm, and one before it and one after it time the base alone."""
    folder = str(Path(whole.study.origin).resolve().parent)
    settings = Settings(cache_dir(), request.data_dir, folder, request.weights, features_bytes=features_bytes(),
                        device_bytes=available_bytes() // 4, variables=whole.study.sources.variables)
    runs = {run.run_id: run for run in whole.runs}
    mine = [runs[whole.cells[FROZEN, seed]] for seed in whole.study.seeds]
    recipe, rounds = mine[0].recipe, {"recipe": mine[0].recipe, "rounds": choices.rounds, "sample": choices.sample}
    choices.note(f"{name}: the base alone")
    sizes, before = _called(settings, ("sizes", {"recipe": recipe}), ("passes", rounds))
    choices.note(f"{name}: {len(mine)} runs; a pass takes about {_expected_s(before, sizes):,.0f} s")
    inputs = RunInputs(whole.study.metric)
    made: list[Ran] = _called(settings, *(("counted_run", {"recipe": run.recipe, "seed": run.seed, "inputs": inputs}) for run in mine))
    choices.note(f"{name}: the base alone again")
    (after,) = _called(settings, ("passes", rounds))
    parts = {part: count for part, count in sizes.items() if part != "bytes"}
    return Arm(name, network, parts, sizes["bytes"], choices.epochs, made, (*before, *after))


def _called(settings: Settings, *calls: tuple[str, dict]) -> list:
    """Return what a new worker answers, call by call."""
    with Pool(1, settings, COUNTING) as pool:
        return [pool.call(*call).demanded("benchmarks.features", call[0]) for call in calls]


def _expected_s(rounds: list[Timed], sizes: dict[str, int]) -> float:
    examples = sum(count for part, count in sizes.items() if part != "bytes")
    return statistics.median(one.wall_s / one.examples for one in rounds) * examples
