"""The members of a run that is an ensemble: trained one after the other on one program, and scored together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Inputs
from dlbench.engines.keras.data.ondisk import Images
from dlbench.engines.keras.loop.program import Member, Program
from dlbench.engines.keras.loop.train import Diverged, Trainer
from dlbench.engines.keras.network.network import Network
from dlbench.values.record import Status
from dlbench.values.seeds import member_seed


class Ensemble:
    """Several trained networks that answer by the mean of their predictions; it is scored like a program.

    Args:
        program: that trained them; it is left with the last one's weights.
        members: at least one.

    Source: B. Lakshminarayanan, A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty estimation using deep ensembles",
    2017, https://arxiv.org/abs/1612.01474.
    """

    def __init__(self, program: Program, members: Sequence[Member]) -> None:
        self.program, self.members, self.network, self.scoring = program, members, program.network, program.scoring

    def networks(self) -> Iterator[Network]:
        """Yield the network with the weights of each member in turn."""
        for member in self.members:
            self.program.become(member)
            yield self.network

    def evaluate(self, x: Images, y: tf.Tensor, inputs: Inputs) -> tuple[float, np.ndarray, np.ndarray]:
        """Return loss, answers and outputs of the mean; see :meth:`dlbench.engines.keras.loop.program.Program.evaluate`."""
        task, each = self.program.task, [self.program.evaluate(x, y, inputs)[2] for _ in self.networks()]
        outputs = task.averaged(tf.stack(each))
        return float(task.losses(outputs, y).numpy().mean(dtype=np.float64)), task.answers(outputs).numpy(), outputs.numpy()


def trained(first: Trainer, start: Callable[[int], None]) -> tuple[Status, str]:
    """Train a run to its end: its network or, of an ensemble, one member after the other. Say how it ended.

    Args:
        first: of the run, and of its first member; afterwards it has all members, and its progress counts what all of them took. Its curves
            and orders are those of the first.
        start: ``start(seed)`` makes the program ready for a member.
    """
    count = first.recipe.scoring.members
    for member in range(count):
        seed, trainer = member_seed(first.seed, member), first
        if member:
            start(seed)
            trainer = Trainer(first.recipe, seed, first.data, first.program)
        try:
            trainer.run()
        except Diverged as reason:
            return Status.DIVERGED, f"member {member + 1} of {count}: {reason}" if count > 1 else str(reason)
        finally:
            if member:
                first.done.include(trainer.done)
        if count > 1:
            first.members.append(first.program.member())
    return Status.DONE, ""
