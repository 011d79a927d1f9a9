"""Layer 5: running what a plan asks for, on this machine's workers, into a store."""
