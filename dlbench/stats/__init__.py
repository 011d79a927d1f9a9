"""Statistics as pure functions on pandas and numpy values: no TensorFlow, no figure, no file.

`method` says how verdicts are reached, `verdict` judges the arms of a study by it, and `paired` and `family` are what it is made of.
`power` plans, `sequential` judges at declared interim analyses, and the other modules answer for test-set noise, factors, datasets,
times to a target and divergence.

Everywhere, ``alpha`` is one minus the level of an interval, or the family-wise error.

SciPy and statsmodels do what they have: t, Welch, TOST (statsmodels' two are seven to nine times as fast as SciPy's), Fisher,
Friedman, Kaplan-Meier, least squares. Our own are what they lack: differences without rounding noise, max-T sign flips, boundaries for
t statistics, intervals over seeds and examples or over servers and pairs, and planning for the least favourable spread. So is Holm's
adjustment, of three lines: statsmodels' collects all garbage at each call, which takes longer than all the rest of a verdict.
"""
