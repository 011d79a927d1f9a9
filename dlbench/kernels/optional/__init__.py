"""What needs a package that dlbench does not require; reached by reference only."""
