"""The command ``dlbench``, also as ``python -m dlbench``."""

import gc
import importlib

from dlbench.values.search_path import leave_current_folder


def main() -> None:
    """Run the command line. The current folder is on no path: a file that lies there is no library."""
    leave_current_folder()
    try:
        importlib.import_module("dlbench.cli").main()
    finally:
        gc.freeze()  # as it ends, Python looks for garbage in all that it has imported, which takes half a second


if __name__ == "__main__":
    main()
