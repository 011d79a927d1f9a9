"""Judges of streams of proposals: greedy ones, rules of thumb, and dlbench's; each judges many simulated streams at once."""

import numpy as np

from dlbench.stats.proposals import LOOKS, ErrorControl, hopeless, one_sided_p, shares

CONFIRMING = 5
"""Fresh seeds on which a new incumbent and the first one are trained."""
REPEATED = range(3, 11)
"""Seeds after which the repeated t-test is taken."""


class Judge:
    """A judge of many streams at once: one proposal of each at a time.

    Args:
        noise: makes the noise of scores of a shape.
        streams: that are judged side by side.
    """

    def __init__(self, noise, streams):
        self.noise, self.streams = noise, streams
        self.start()

    def start(self):
        """Train the first incumbents, whose true score is 0 by definition."""
        self.incumbent = self.noise((self.streams, self.runs_each))

    runs_each = 1

    def step(self, gain):
        """Judge a proposal with a true gain in each stream; return which are kept, and the runs that it took."""
        scores = self.noise((self.streams, self.runs_each)) + gain[:, None]
        kept = self.better(scores)
        self.incumbent = np.where(kept[:, None], scores - gain[:, None], self.incumbent)
        return kept, np.full(self.streams, self.runs_each)


class Greedy(Judge):
    """One run; kept where it is better than the one that the incumbent was kept for."""

    def better(self, scores):
        """Whether each is better than its incumbent."""
        return scores[:, 0] > self.incumbent[:, 0]


class TwiceTheFloor(Judge):
    """One run; kept where it exceeds the mean of two runs of the incumbent by twice their difference."""

    def start(self):
        """Train each incumbent twice."""
        self.incumbent = self.noise((self.streams, 2))

    def step(self, gain):
        """A kept proposal is trained once more, for the floor."""
        score = self.noise((self.streams, 1)) + gain[:, None]
        kept = score[:, 0] > self.incumbent.mean(axis=1) + 2 * np.abs(np.ptp(self.incumbent, axis=1))
        both = np.column_stack([score - gain[:, None], self.noise((self.streams, 1))])
        self.incumbent = np.where(kept[:, None], both, self.incumbent)
        return kept, 1 + kept


class Bootstrap(Judge):
    """Three seeds of each; kept where at least 95 % of all bootstrapped differences of means are above 0."""

    runs_each = 3
    resamples = np.array(np.meshgrid(*[range(3)] * 3)).reshape(3, -1)

    def better(self, scores):
        """Whether each is better, by all 27 x 27 resamples."""
        new, old = (each[:, self.resamples].mean(axis=1) for each in (scores, self.incumbent))
        return (new[:, :, None] > old[:, None, :]).mean(axis=(1, 2)) >= 0.95


class RepeatedT(Judge):
    """A paired t-test at 5 %, two-sided, after every seed from 3 to 10, until it shows a gain."""

    runs_each = REPEATED[-1]

    def step(self, gain):
        """Stop at the first look that is significant; a loss that is significant ends a proposal too."""
        scores = self.noise((self.streams, self.runs_each)) + gain[:, None]
        d = scores - self.incumbent
        p = np.array([one_sided_p(d[:, :seeds]) for seeds in REPEATED])
        ended = (p < 0.025) | (p > 0.975)
        ended[-1] = True
        first = ended.argmax(axis=0)
        kept = p[first, np.arange(self.streams)] < 0.025
        self.incumbent = np.where(kept[:, None], scores - gain[:, None], self.incumbent)
        return kept, np.array(REPEATED)[first]


class Ours(Judge):
    """Declared looks at the level of the stream's control; the incumbent is trained on fresh seeds, its runs serve all its rivals."""

    runs_each = LOOKS[-1]

    def __init__(self, noise, streams, control="fdr", reuse=True):
        self.controls, self.reuse = [ErrorControl(control) for _ in range(streams)], reuse
        self.trained = np.zeros(streams, int)
        super().__init__(noise, streams)

    def step(self, gain):
        """Judge look by look, by the functions of dlbench."""
        if not self.reuse:
            self.start()
            self.trained[:] = 0
        levels = np.array([control.level for control in self.controls])
        d = self.noise((self.streams, LOOKS[-1])) + gain[:, None] - self.incumbent
        p, seeds = stream_p(d, levels)
        kept = np.array([control.add(float(one)) for control, one in zip(self.controls, p)])
        runs = seeds + np.maximum(seeds - self.trained, 0) + 2 * CONFIRMING * kept
        self.trained = np.where(kept, CONFIRMING, np.maximum(self.trained, seeds))
        self.incumbent = np.where(kept[:, None], self.noise(self.incumbent.shape), self.incumbent)
        return kept, runs


def stream_p(d, levels):
    """Return the p-value of each proposal and the seeds that it took: the same as by `dlbench.stats.proposals.judge`, for many at once."""
    p, seeds, going = np.ones(len(d)), np.zeros(len(d), int), np.ones(len(d), bool)
    for look, share in zip(LOOKS, shares(LOOKS)):
        one = one_sided_p(d[:, :look])
        p, seeds = np.where(going, np.minimum(p, one / share), p), np.where(going, look, seeds)
        going &= ~((p <= levels) | (d[:, :look].mean(axis=1) <= 0) | hopeless(one, look, levels))
    return p, seeds


JUDGES = {"greedy, one run": Greedy, "twice the floor of two runs": TwiceTheFloor, "3 seeds, bootstrap 95 %": Bootstrap,
          "repeated paired t": RepeatedT, "dlbench, fdr": Ours,
          "dlbench, fwer": lambda noise, streams: Ours(noise, streams, "fwer")}
