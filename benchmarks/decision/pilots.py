"""Pilots: many seeds of every arm by ``dlbench run``, which resumes, and the small records that are kept of them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.decision.cases import Case, planned
from dlbench.store.database import Store
from dlbench.store.read import read
from dlbench.values.errors import InputError
from dlbench.values.files import save
from dlbench.values.recipe import to_dict

ABSENT = 255
"""Stands where a fold has one test example less than another."""


class Pilot(NamedTuple):
    """What was kept of a pilot: arms in the order of the study, the baseline first.

    Attributes:
        rights: uint8 [arms, seeds, examples], how many evaluations had a test example right.
        last: uint8 of the same shape, whether the last one had.
        evaluations: how many a run's score is the mean of.
        arms: their names.
    """

    rights: np.ndarray
    last: np.ndarray
    evaluations: int
    arms: tuple[str, ...]

    def shares(self) -> np.ndarray:
        """Return the share of evaluations that had each test example right, float; NaN where there is none."""
        return np.where(self.rights == ABSENT, np.nan, self.rights / self.evaluations)

    def averaged(self) -> np.ndarray:
        """Return the scores [arms, seeds], means over the last evaluations."""
        return np.nanmean(self.shares(), axis=-1)

    def final(self) -> np.ndarray:
        """Return the scores [arms, seeds] at the last epoch."""
        return np.nanmean(np.where(self.last == ABSENT, np.nan, self.last), axis=-1)


def pilot_file(records: Path, case: Case, layout: str) -> Path:
    """Name the file of a pilot's records."""
    return records / f"{case.name}-{layout}.npz"


def train_pilot(case: Case, layout: str, work: Path) -> Path:
    """Train what a pilot lacks; returns its results folder.

    Raises:
        InputError: some run failed; its reason was printed.
    """
    out = work / f"{case.name}-{layout}"
    folds = case.layouts[layout]
    command = [sys.executable, "-m", "dlbench", "run", str(case.study), "--no-timing", "--no-report", "--data-dir", str(work),
               "--out", str(out), *(["--set", f"folds={folds}"] if folds else [])]
    if code := subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
        raise InputError(f"{case.name}: the pilot's runs ended with exit code {code}")
    return out


def extracted(out: Path, labels: dict[str, np.ndarray], folds: int) -> Pilot:
    """Read a pilot from its results folder.

    Args:
        out: of ``dlbench run``.
        labels: of the test parts, ``fixed`` or ``folds0``, ``folds1`` and so on.
        folds: of the layout.

    Raises:
        InputError: a run's score is not the mean over its test examples.
    """
    results = read(out)
    arms, seeds = tuple(results.arms["arm"]), sorted(set(results.runs["seed"]))
    table = results.runs.set_index(["arm", "seed"])
    ids, scores = table["run_id"], table["test_accuracy"]
    most = max(map(len, labels.values()))
    rights, last = (np.full((len(arms), len(seeds), most), ABSENT, np.uint8) for _ in range(2))
    with Store(out) as store:
        for place, cell in np.ndenumerate(np.array([[(arm, seed) for seed in seeds] for arm in arms], dtype="O,O")):
            kept, wanted = store.arrays(ids[tuple(cell)]), labels[f"folds{cell[1] % folds}" if folds else "fixed"]
            rights[place][: len(wanted)] = kept["test_rights"]
            last[place][: len(wanted)] = kept["test_predictions"] == wanted
            evaluations = int(kept["test_evaluations"][0])
    pilot = Pilot(rights, last, evaluations, arms)
    if not np.allclose(pilot.averaged().ravel(), [scores[arm, seed] for arm in arms for seed in seeds]):
        raise InputError(f"{out}: what the runs say of the test examples is not what they scored")
    return pilot


def keep(pilot: Pilot, file: Path, case: Case) -> None:
    """Write a pilot's records, whole or not at all, with the digest of what was trained."""
    save(file, lambda stream: np.savez_compressed(stream, rights=pilot.rights, last=pilot.last, evaluations=pilot.evaluations,
                                                  arms=np.array(pilot.arms), study=trained_digest(case)))


def trained_digest(case: Case) -> str:
    """Return 16 hexadecimal digits of a hash of all arms' recipes and of the draw from MNIST."""
    arms = [(arm.name, to_dict(arm.recipe)) for arm in planned(case).arms]
    return hashlib.sha256(json.dumps([arms, case.trained, case.tested, case.folds]).encode()).hexdigest()[:16]


def kept(file: Path, case: Case) -> Pilot:
    """Read a pilot's records.

    Raises:
        InputError: they are those of another study.
    """
    with np.load(file) as found:
        if str(found["study"]) != trained_digest(case):
            raise InputError(f"{file}: it is the pilot of another study than {case.study.name}; remove it to train anew")
        return Pilot(found["rights"], found["last"], int(found["evaluations"]), tuple(found["arms"].tolist()))
