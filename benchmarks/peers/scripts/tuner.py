"""The same sweep in KerasTuner: a grid search over the arms, one execution per trial for each seed.

The trials save no checkpoints (KerasTuner's callback is not passed on to ``fit``), which is the faster way. KerasTuner has
no seed of its own for each execution.
"""

from __future__ import annotations

import tempfile
import time

STARTED = time.perf_counter()

import keras  # noqa: E402
import keras_tuner  # noqa: E402

from benchmarks.peers.scripts.common import Scores, imported, read  # noqa: E402
from benchmarks.peers.scripts.keras_model import build, fitted  # noqa: E402

IMPORT_S = imported(STARTED)


class Arms(keras_tuner.HyperModel):
    """The arms as one hyper-parameter."""

    def __init__(self, case: dict, data: dict, scores: Scores) -> None:
        super().__init__()
        self.case, self.data, self.scores = case, data, scores
        self.arms = {arm["name"]: arm for arm in case["arms"]}

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """An arm's model."""
        return build(self.arms[hp.Choice("arm", list(self.arms))], self.case)

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *_, **__) -> dict[str, float]:
        """Train and score one execution."""
        arm = self.arms[hp.get("arm")]
        training = fitted(model, arm, self.case, self.data)
        self.scores.add(arm["name"], training)
        return {"test_accuracy": training.accuracy}


def main() -> None:
    """Search the whole grid."""
    case, data = read()
    scores = Scores()
    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.GridSearch(
            Arms(case, data, scores), objective=keras_tuner.Objective("test_accuracy", "max"), max_trials=len(case["arms"]),
            executions_per_trial=len(case["seeds"]), seed=0, directory=folder, project_name=case["name"], overwrite=True,
        )
        tuner.search(verbose=0)
    scores.tell(STARTED, IMPORT_S, ("keras-tuner", "keras", "tensorflow", "numpy"))


if __name__ == "__main__":
    main()
