"""Git in tests, as nobody in particular."""

import os
import subprocess

IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


def git(*arguments, cwd):
    """What git says."""
    return subprocess.run(["git", *arguments], cwd=cwd, env={**os.environ, **IDENTITY}, capture_output=True, text=True, check=True).stdout
