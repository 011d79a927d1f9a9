"""What bfloat16 gains on this machine: measured once, and kept in the cache for as long as processor and versions stay the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from dlbench.engines.protocol import Capability, Description, Settings, engine_named
from dlbench.execution.backends.local import Pool
from dlbench.execution.environment import cpu, gpus, version
from dlbench.values.files import keep, recalled
from dlbench.values.gain import Gain
from dlbench.values.processor import processor


def known_gain(cache_dir: str) -> Gain | None:
    """Return the gain that was measured on this machine; None where none was."""
    kept = recalled(_file(cache_dir, engine_named()))
    return Gain(*kept) if kept else None


def bfloat16_gain(cache_dir: str, tell: Callable[[str], None]) -> Gain:
    """Return the gain on this machine, and measure it where it is not known.

    Args:
        cache_dir: where it is kept.
        tell: called before a worker starts, which takes as long as the engine takes to start.

    Raises:
        InputError: the engine is not installed, or its worker cannot measure.
    """
    if (known := known_gain(cache_dir)) is not None:
        return known
    tell("measuring what bfloat16 gains on this machine")
    engine = engine_named()
    with Pool(1, Settings(cache_dir), engine) as pool:
        gain = pool.call(Capability.GAIN, {}).demanded("bfloat16", "what it gains cannot be measured")
    return Gain(*keep(_file(cache_dir, engine), list(gain)))


def _file(cache_dir: str, engine: Description) -> Path:
    machine = [processor(), cpu(), gpus(), [version(name) for name in engine.packages]]
    return Path(cache_dir) / "gain" / f"{hashlib.sha256(json.dumps(machine).encode()).hexdigest()[:32]}.json"
