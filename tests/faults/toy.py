"""``python -m tests.faults.toy run …``: dlbench with an engine that trains nothing. All else is real: command line, driver, processes,
signals, store.
"""

import pkgutil
import sys

ENGINE = "tests.faults.engine:ENGINE"

if __name__ == "__main__":  # workers import this module too, and need none of it
    for module in ("dlbench.app.early", "dlbench.execution.driver"):
        pkgutil.resolve_name(module).engine_named = lambda _name: pkgutil.resolve_name(ENGINE)
    sys.argv[0] = "dlbench"
    pkgutil.resolve_name("dlbench.cli:main")()
