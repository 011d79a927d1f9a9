"""Datasets: decoded, split, scaled, and kept on the device or read from disk."""
