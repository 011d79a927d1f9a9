"""Statistics as pure functions on pandas and numpy values: no TensorFlow, no figure, no file.

`verdict` judges the arms of a study; `paired`, `family` and `equivalence` are what it is made of. `power` plans,
`sequential` judges at declared looks, and the other modules answer for test-set noise, factors, datasets, times and divergence.
"""
