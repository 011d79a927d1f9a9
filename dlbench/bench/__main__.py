"""The process that measures: pytest over the suite, silent but for progress and what went wrong."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence

import pytest

from dlbench.bench import suite

QUIET = ("-q", "-s", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", os.path.dirname(suite.__file__), "--import-mode=importlib",
         "-p", "dlbench.bench.plugin", "--benchmark-enable", "--benchmark-quiet", "-W", "ignore")


def main(arguments: Sequence[str]) -> int:
    """Run the suite; what it writes is shown only where pytest itself could not run.

    Args:
        arguments: of pytest.
    """
    kept = [os.dup(descriptor) for descriptor in (1, 2)]
    os.environ["DLBENCH_PROGRESS"] = str(kept[1])
    with tempfile.TemporaryFile() as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
        try:
            code = int(pytest.main([suite.__file__, *QUIET, *arguments]))
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, copy in zip((1, 2), kept):
                os.dup2(copy, descriptor)
        if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            file.seek(0)
            sys.stderr.write(file.read().decode(errors="replace"))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
