"""Describes the environment of a run: versions, machine, settings. It imports no package to learn a version."""

from __future__ import annotations

import hashlib
import json
import os
import pkgutil
import platform
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from dlbench.engines.protocol import Description, engine_named
from dlbench.study.study import Study
from dlbench.values.origin import DECISIVE

PACKAGES = ("dlbench", "numpy", "scipy", "statsmodels", "pandas")
"""Packages that are recorded whatever the engine."""


def packages(engine: Description) -> tuple[str, ...]:
    """Name the packages whose versions are recorded."""
    return (PACKAGES[0], *engine.packages, *PACKAGES[1:])


def facts(engine: Description | None = None) -> dict[str, Any]:
    """Describe everything that may change a result or a time, JSON-ready.

    Args:
        engine: of the runs; None: the one that kernels are timed for.

    Example:
        >>> facts()["threads_per_worker"]
        1
    """
    engine = engine or engine_named()
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in packages(engine)},
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": cpu(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        **engine.facts,
        **({} if engine.decisive is None else {"engine": engine.name, DECISIVE: list(engine.decisive)}),
        "threads_per_worker": 1,
        **({"gpus": names} if (names := gpus()) else {}),
    }


def facts_of(engine: Description, study: Study) -> dict[str, Any]:
    """Describe the environment of a study's runs: this process', and that of the study's own program where the engine runs one."""
    own = pkgutil.resolve_name(engine.describe)(study.baseline, str(Path(study.origin).resolve().parent)) if engine.describe else {}
    known = {DECISIVE: [name for name in engine.decisive or () if name in own]} if engine.describe else {}
    return facts(engine) | own | known


def available_bytes() -> int:
    """Return the bytes of memory that processes can still take."""
    return psutil.virtual_memory().available


@cache
def version(package: str) -> str:
    """Return the installed version of a package, or ``not installed``; looked up once, for a plan of many arms asks thousands of times."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def cpu() -> str:
    """Return the processor's model name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def gpus() -> list[str]:
    """Return the model name of each NVIDIA GPU."""
    files = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    return [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]


def gpu_count() -> int:
    """Count the GPUs that runs may use: those of ``CUDA_VISIBLE_DEVICES``, else those that NVIDIA's tool or driver names."""
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    try:
        asked = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
        said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=30)
        return len(said.stdout.split())
    except (OSError, subprocess.SubprocessError):
        return len(gpus())


def digest(environment: dict[str, Any]) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of an environment's facts."""
    return hashlib.sha256(json.dumps(environment, sort_keys=True).encode()).hexdigest()[:16]
