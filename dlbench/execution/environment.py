"""What a run ran in: versions, machine, settings. TensorFlow is asked for its version without being imported."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

PACKAGES = ("dlbench", "tensorflow", "keras", "numpy", "scipy", "statsmodels", "pandas", "tensorflow-datasets")
SETTINGS = {
    "TF_ENABLE_ONEDNN_OPTS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "KERAS_BACKEND": "tensorflow",
}
"""Variables that must be set before TensorFlow is imported."""


def facts() -> dict[str, Any]:
    """Everything that may change a result or a time, JSON-ready.

    Example:
        >>> facts()["threads_per_worker"]
        1
    """
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": cpu(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "oneDNN": SETTINGS["TF_ENABLE_ONEDNN_OPTS"] == "1",
        "threads_per_worker": 1,
        **({"gpus": names} if (names := gpus()) else {}),
    }


def available_bytes() -> int:
    """Memory that processes can still take."""
    return psutil.virtual_memory().available


def version(package: str) -> str:
    """The installed version of a package, or ``not installed``."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def cpu() -> str:
    """The processor's model name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def gpus() -> list[str]:
    """The model name of each NVIDIA GPU."""
    found = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    lines = [line for path in found for line in path.read_text(encoding="utf-8").splitlines()]
    return [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]


def digest(environment: dict[str, Any]) -> str:
    """16 hexadecimal digits of the SHA-256 of an environment's facts."""
    return hashlib.sha256(json.dumps(environment, sort_keys=True).encode()).hexdigest()[:16]
