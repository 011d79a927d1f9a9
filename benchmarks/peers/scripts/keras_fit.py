"""A sweep as one writes it in Keras: for each arm and seed build, compile, fit, evaluate."""

from __future__ import annotations

import time

STARTED = time.perf_counter()

import keras  # noqa: E402
from common import EVALUATION_BATCH, Scores, imported, read  # noqa: E402
from keras_model import build  # noqa: E402

IMPORT_S = imported(STARTED)


def main() -> None:
    """Train every arm with every seed."""
    case, data = read()
    scores = Scores()
    for arm in case["arms"]:
        for seed in case["seeds"]:
            keras.utils.clear_session()
            keras.utils.set_random_seed(seed)
            model = build(arm, case)
            model.fit(data["x_train"], data["y_train"], batch_size=arm["batch_size"], epochs=case["epochs"], verbose=0)
            _, accuracy = model.evaluate(data["x_test"], data["y_test"], batch_size=EVALUATION_BATCH, verbose=0)
            scores.add(arm["name"], accuracy, model.optimizer.iterations.numpy())
    scores.tell(STARTED, IMPORT_S, ("keras", "tensorflow", "numpy"))


if __name__ == "__main__":
    main()
