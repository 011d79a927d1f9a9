"""Layer 3: engines, which carry out runs. The layers above reach an engine by reference and never import it."""
