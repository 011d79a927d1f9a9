"""``python -m docs.generator FOLDER``: write the sources of the site, and the settings that the site generator builds it by."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.generator.site import write

if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
