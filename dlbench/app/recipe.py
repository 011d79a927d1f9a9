"""An arm's recipe for others to use: a study file that starts from it and, without dlbench, its model, data and a Keras script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dlbench.app.confirm import study_file
from dlbench.app.request import Request, cache_dir, checked_data_dir, planned
from dlbench.app.result import load
from dlbench.engines.protocol import Capability, Settings, engine_named
from dlbench.execution.backends.local import Pool
from dlbench.exports import MARK, demand_export_folder
from dlbench.study.designs import combinations
from dlbench.study.parse import read_table
from dlbench.study.plan import Plan
from dlbench.study.schema import CONFIRM
from dlbench.study.toml import document
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import inside, write
from dlbench.values.text import listed

STUDY = "study.toml"
DROPPED = ("question", "design", "resolution", "keep", "arms")
"""Keys of a study that the exported one does not take over."""
SAME = {"name": "A/A: order redrawn", "technique": "reseed", "stream": "order"}
"""The first arm of the exported study: the same recipe again, beside which others are to be written."""


def export_recipe(folder: Path, arm: str | None = None, out: Path | None = None, into: bool = False,  # noqa: PLR0913
                  study: str | None = None, data_dir: str | None = None) -> list[Path]:
    """Write the recipe of an arm: ``study.toml``, ``model.keras`` with the initial weights of the first seed, ``data.npz``, ``train.py``.

    Args:
        folder: of results.
        arm: its name; the confirmed one where unset.
        out: ``export`` in the results folder where unset.
        into: write also into a folder that holds something else.
        study: the file that the results were made from; found by the command that made them where unset.
        data_dir: where datasets lie.

    Returns:
        The files.

    Raises:
        InputError: the study cannot be exported so, the arm is not in it, or its recipe does what a plain Keras script does not say.
    """
    result = load(folder)
    file, overrides = study_file(result, study), tuple(result.study.get("overrides", ()))
    plan = planned(Request(file, overrides=overrides, data_dir=data_dir), lambda _: None)
    chosen = _demand_exportable(folder, plan, arm)
    out = inside(folder, "export") if out is None else out
    demand_export_folder(out, into or out.parent == folder)
    out.mkdir(parents=True, exist_ok=True)
    inside(out, MARK).touch()
    names = _written(plan, chosen, out, checked_data_dir(data_dir))
    return [write(inside(out, STUDY), _study_text(plan, chosen, read_table(file, overrides)[2])), *(out / name for name in names)]


def _demand_exportable(folder: Path, plan: Plan, arm: str | None) -> str:
    """Return the name of the arm to export."""
    study, names = plan.study, [one.name for one in plan.arms]
    if Capability.WRITE not in engine_named(study.engine).capabilities:
        raise InputError(f"{folder}: the engine of its study is '{study.engine}'; accepted for --format keras: studies of the Keras engine")
    if study.nuisance or len(plan.parts) > 1:
        raise InputError(f"{folder}: its study {'tunes settings' if study.nuisance else 'has several datasets'}, so an arm has several "
                         "recipes; accepted: --set that states one, when the study is run")
    if arm is None:
        if study.designs != (CONFIRM,):
            raise InputError(f"{folder}: its study confirms nothing; accepted: --arm, one of "
                             f"{listed([repr(name) for name in names], most=8)}")
        return names[1]
    if arm not in names:
        raise InputError(f"--arm: {unknown('arm', arm, names)}")
    return arm


def _written(plan: Plan, arm: str, out: Path, data_dir: str | None) -> list[str]:
    study, recipe = plan.study, next(one.recipe for one in plan.arms if one.name == arm)
    settings = Settings(cache_dir(), data_dir, str(Path(study.origin).resolve().parent), plugins=study.plugins)
    with Pool(1, settings, engine_named(study.engine)) as pool:
        outcome = pool.call(Capability.WRITE, {"recipe": recipe, "seed": study.seeds[0], "folder": str(out.resolve())})
    return outcome.demanded(f"arm '{arm}'", "its recipe cannot be written")


def _study_text(plan: Plan, arm: str, table: dict[str, Any]) -> str:
    """A study whose baseline is an arm, with its other keys as they were."""
    entries = next((applied for name, applied, _ in combinations(plan.study) if name == arm), ())
    steps = [{"technique": step.name, **given} for entry in entries for step, given in entry.steps]
    baseline: dict[str, Any] = table.get("baseline", {})
    kept = {key: value for key, value in table.items() if key not in (*DROPPED, "baseline")}
    whole = {"question": f"What helps beside {arm}?", **kept,
             "baseline": {**baseline, "techniques": [*baseline.get("techniques", ()), *steps]}, "arms": [SAME]}
    return f"# The baseline is the arm {json.dumps(arm, ensure_ascii=False)} of {plan.study.file}. Paths are relative to that file's " \
           f"folder: where there are any, move this file there.\n{document(whole)}"
