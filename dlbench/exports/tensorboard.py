"""TensorBoard's event files: a folder a run, with its curves and final numbers as scalars."""

from __future__ import annotations

import math
import re
import shutil
from pathlib import Path
from typing import Any

from dlbench.analysis import Analysis
from dlbench.exports.files import needed
from dlbench.exports.runs import Tracked, tracked


def write(analysis: Analysis, out: Path) -> list[Path]:
    """One folder ``ARM/seed-N`` a run; ``tensorboard --logdir OUT`` shows it. A run that is there already is written anew."""
    writer = needed("tensorboard.summary", "tensorboard").Writer
    several = len(analysis.parts) > 1
    for item in tracked(analysis.results):
        place = out.joinpath(*([_folder(item.tags["dataset"])] if several else []), _folder(item.tags["arm"]),
                             f"seed-{item.parameters['seed']}")
        shutil.rmtree(place, ignore_errors=True)
        _add(writer(str(place)), item)
    return [out]


def _add(writer: Any, item: Tracked) -> None:
    for name, values in item.curves.items():
        for step, value in enumerate(values, start=1):
            if math.isfinite(value):
                writer.add_scalar(f"epoch/{name}", value, step, wall_time=item.started)
    for name, value in item.scores.items():
        writer.add_scalar(f"final/{name}", value, 0, wall_time=item.started)
    writer.close()


def _folder(name: str) -> str:
    """A name as a folder's, whatever the user called it.

    Example:
        >>> _folder("rotate + shift"), _folder("../x")
        ('rotate + shift', '.._x')
    """
    return re.sub(r"[^\w .=+-]", "_", name).strip() or "_"
