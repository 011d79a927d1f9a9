"""Layer 5: times kernel cases side by side, through pytest-benchmark, and says what came out."""
