"""The peer benchmark: the same trainings in dlbench, in a Keras script, in KerasTuner and in PyTorch, measured side by side.

Run it from the checkout: ``python -m benchmarks.peers --case digits --rounds 3 --out reports/peers.md``.
"""
