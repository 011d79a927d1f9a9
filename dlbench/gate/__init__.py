"""Layer 5: the performance gate. Two versions of a program are measured side by side, and each case gets a verdict."""
