"""Trains a network with one hidden layer on scikit-learn's digits, and tells its loss on digits that it has not seen."""

import argparse

from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

asked = argparse.ArgumentParser()
asked.add_argument("--seed", type=int, required=True)
seed = asked.parse_args().seed

x, y = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.5, random_state=0, stratify=y)
network = MLPClassifier(hidden_layer_sizes=(16,), learning_rate_init=0.001, batch_size=200, alpha=0.0, random_state=seed)
for _epoch in range(6):
    network.partial_fit(x_train, y_train, classes=range(10))
print(f"loss: {log_loss(y_test, network.predict_proba(x_test)):.6f}")
