"""Where workers run: processes of this machine, or a Ray cluster."""
