"""Layer 3: what carries runs out. Each engine is reached by reference, never imported by the layers above it."""
