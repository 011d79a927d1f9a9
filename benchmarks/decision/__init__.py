"""How long dlbench and a Keras loop take to come to the same decision, and what the difference is made of.

Run it from the checkout: ``python -m benchmarks.decision --data-dir DIR``; ``--help`` tells of its steps.
"""
