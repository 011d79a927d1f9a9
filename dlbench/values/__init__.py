"""Layer 0: the values everything else is made of. Standard library only."""
