"""One study through the driver, with workers that train nothing; prints what it took as JSON.

``python -m benchmarks.scale.drive 1000 FOLDER``
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.scale.study import planned
from dlbench.execution.driver import Driver, Options

JOBS = 2


class Silent:
    """Shows nothing."""

    def phase(self, *_: object) -> None:
        """A phase begins."""

    def update(self, *_: object) -> None:
        """Counts within it."""

    def note(self, text: str) -> None:
        """A fault is worth a line."""
        print(text, file=sys.stderr)


def drive(runs: int, folder: Path) -> dict[str, float]:
    """Plan a study and carry it out into ``folder``; seconds, bytes and counts."""
    folder.mkdir(parents=True, exist_ok=True)
    started, used = time.perf_counter(), time.process_time()
    whole = planned(runs, folder)
    ready, planned_s = time.perf_counter(), time.process_time() - used
    summary = Driver(whole, Options(folder, "python -m benchmarks.scale", JOBS, None, "", rounds=0), Silent()).execute()
    store = sum(path.stat().st_size for path in folder.glob("results.sqlite*"))
    return {
        "runs": summary.done, "arms": len(whole.arms), "plan_s": planned_s, "plan_wall_s": ready - started,
        "driver_s": time.process_time() - used - planned_s, "wall_s": time.perf_counter() - ready, "store_bytes": store,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    print(json.dumps(drive(int(sys.argv[1]), Path(sys.argv[2]))))
