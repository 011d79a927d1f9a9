"""What results were made of, in so few signs that a reader can compare them: study file, data, versions, machine."""

from __future__ import annotations

from typing import Any

from dlbench.store.results import Results

DIGITS = 16


def data_hash(results: Results) -> str:
    """Return the hash of a study's data: of the files, where it is read from files; else of all examples and labels; empty where unknown.

    ``python -m benchmarks.data DIR --check`` tells that of a data directory.
    """
    stated = results.arms["recipe"].iloc[0].get("data.content") if len(results.arms) else None
    if stated or "hash_content" not in results.runs:
        return str(stated or "")
    seen = results.runs.loc[results.runs["arm"] == results.arms["arm"].iloc[0], "hash_content"].dropna().unique()
    return ", ".join(map(str, seen))


def file_hash(results: Results) -> str:
    """Return the first digits of what ``sha256sum`` says of the study file."""
    return str(results.study.get("hash") or "")[:DIGITS]


def environments(results: Results) -> dict[str, dict[str, Any]]:
    """Return the environments that runs of the study were made in: hash -> facts."""
    used: set[str] = set(results.runs["environment"]) if len(results.runs) else set()
    return {digest: facts for digest, facts in results.environments.items() if digest in used}
