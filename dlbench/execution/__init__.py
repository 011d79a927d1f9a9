"""Layer 5: carries out plans on workers and stores the records."""
