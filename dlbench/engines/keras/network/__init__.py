"""Keras networks: how they are built, changed by techniques and given their initial weights."""
