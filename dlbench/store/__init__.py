"""Layer 5: results on disk, one SQLite file a results folder."""
