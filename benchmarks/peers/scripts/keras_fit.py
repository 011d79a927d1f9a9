"""A sweep as one writes it in Keras: for each arm and seed build, compile, fit, evaluate."""

from __future__ import annotations

import time

STARTED = time.perf_counter()

from benchmarks.peers.scripts.common import Scores, imported, read  # noqa: E402
from benchmarks.peers.scripts.keras_model import trained  # noqa: E402

IMPORT_S = imported(STARTED)


def main() -> None:
    """Train every arm with every seed."""
    case, data = read()
    scores = Scores()
    for arm in case["arms"]:
        for seed in case["seeds"]:
            scores.add(arm["name"], trained(arm, case, data, seed))
    scores.tell(STARTED, IMPORT_S, ("keras", "tensorflow", "numpy"))


if __name__ == "__main__":
    main()
