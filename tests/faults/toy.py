"""``python -m tests.faults.toy run …``: dlbench with an engine that trains nothing. All else is real: command line, driver, processes,
signals, store.
"""

import functools
import pkgutil
import sys

ENGINE = "tests.faults.engine"

if __name__ == "__main__":  # workers import this module too, and need none of it
    driver = pkgutil.resolve_name("dlbench.execution.driver")
    driver.Pool = functools.partial(driver.Pool, engine=ENGINE, preload=ENGINE)
    sys.argv[0] = "dlbench"
    pkgutil.resolve_name("dlbench.cli:main")()
