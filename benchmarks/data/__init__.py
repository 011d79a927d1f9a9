"""The data that the shipped studies use, rebuilt from its public sources."""
