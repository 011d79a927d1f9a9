"""Makes the documentation's pages: those in ``docs/``, and those generated from declarations, docstrings and reports."""
