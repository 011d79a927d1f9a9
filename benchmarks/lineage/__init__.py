"""The lineage of docs/quality-gate.md: six proposals for a small network on the digits, made by the page's commands."""
