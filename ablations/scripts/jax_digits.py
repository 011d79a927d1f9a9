"""A small network on scikit-learn's digits, in plain JAX, as people write it: parameters in a list, a jitted step, scores in a file."""

import argparse
import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--l2", type=float, default=0.0)
    parser.add_argument("--smoothing", type=float, default=0.0)
    parser.add_argument("--cosine", action="store_true")
    parser.add_argument("--out", default=".", help="folder of metrics.json")
    return parser.parse_args()


def answers(weights, x, key=None, rate=0.0):
    (first, first_bias), (last, last_bias) = weights
    hidden = jax.nn.relu(x @ first + first_bias)
    if key is not None:
        hidden = hidden * jax.random.bernoulli(key, 1 - rate, hidden.shape) / (1 - rate)
    return hidden @ last + last_bias


def main():
    args = arguments()
    images, labels = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(images / 16, labels, test_size=0.5, random_state=0, stratify=labels)
    key, first, last = jax.random.split(jax.random.key(args.seed), 3)
    weights = [(jax.random.normal(first, (64, 64)) * 0.18, jnp.zeros(64)), (jax.random.normal(last, (64, 10)) * 0.18, jnp.zeros(10))]
    targets = jax.nn.one_hot(y_train, 10) * (1 - args.smoothing) + args.smoothing / 10

    def loss(weights, x, y, key):
        logits = answers(weights, x, key, args.dropout)
        return -(y * jax.nn.log_softmax(logits)).sum(1).mean() + args.l2 * sum((matrix**2).sum() for matrix, _ in weights)

    @jax.jit
    def step(weights, x, y, key, rate):
        return jax.tree.map(lambda weight, slope: weight - rate * slope, weights, jax.grad(loss)(weights, x, y, key))

    order = np.random.default_rng(args.seed)
    for epoch in range(args.epochs):
        rate = args.lr * (0.5 * (1 + np.cos(np.pi * epoch / args.epochs)) if args.cosine else 1.0)
        for batch in order.permutation(len(x_train))[:896].reshape(-1, 32):
            key, draw = jax.random.split(key)
            weights = step(weights, x_train[batch], targets[batch], draw, rate)
    right = answers(weights, x_test).argmax(1) == y_test
    Path(args.out, "metrics.json").write_text(json.dumps({"accuracy": float(right.mean())}))


if __name__ == "__main__":
    main()
