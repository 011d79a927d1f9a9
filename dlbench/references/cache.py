"""Where this user's cache lies."""

import os

import platformdirs


def cache_dir() -> str:
    """The folder of decoded data, inspections, finished runs, and the secret that files of one's own are sealed with."""
    return os.environ.get("DLBENCH_CACHE_DIR") or platformdirs.user_cache_dir("dlbench")
