"""The command ``dlbench``, also as ``python -m dlbench``."""

import importlib

from dlbench.values.search_path import leave_current_folder


def main() -> None:
    """Run the command line. The current folder is on no path: a file that lies there is no library."""
    leave_current_folder()
    importlib.import_module("dlbench.cli").main()


if __name__ == "__main__":
    main()
