"""MNIST in Keras, as its guides have it; it knows nothing of dlbench."""

import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--dropout", type=float, default=0.0)
parser.add_argument("--l2", type=float, default=0.0)
args = parser.parse_args()
keras.utils.set_random_seed(args.seed)
data = np.load("mnist.npz")
x_train, x_test = data["x_train"].astype("float32") / 255, data["x_test"].astype("float32") / 255
penalty = keras.regularizers.L2(args.l2)
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    keras.layers.Flatten(),
    keras.layers.Dense(32, activation="relu", kernel_regularizer=penalty),
    keras.layers.Dropout(args.dropout),
    keras.layers.Dense(10, activation="softmax", kernel_regularizer=penalty),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, data["y_train"], batch_size=32, epochs=3, verbose=0)
loss, accuracy = model.evaluate(x_test, data["y_test"], verbose=0)
print(f"test accuracy: {accuracy:.4f}")
