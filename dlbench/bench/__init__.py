"""Layer 5: times kernel cases side by side, through pytest-benchmark, and tabulates the results."""
