"""The documented examples of rliable and deep-significance, judged by dlbench and by them.

Run it from the checkout, in an environment with both: ``pip install rliable deepsig && python -m benchmarks.judge``.
"""
