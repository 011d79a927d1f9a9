"""Measures trained networks: scores, times, size, and images for the report."""
