"""Models for end-to-end tests, each with one fault of its own."""

import os
import resource
import time

import keras
import numpy as np
import psutil
import tensorflow as tf
from keras import layers


def plain(shape, classes):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(8, activation="relu"), layers.Dense(classes)])


class Faulty(layers.Layer):
    """Does something bad when it is traced with training on, as a run does and a preparation does not."""

    def __init__(self, fault="", **kwargs):
        super().__init__(**kwargs)
        self.fault = fault

    def call(self, inputs, training=False):
        if training and not tf.executing_eagerly():
            FAULTS[self.fault]()
        return inputs

    def get_config(self):
        return {**super().get_config(), "fault": self.fault}


def _raise():
    raise ValueError("this layer is broken\nsecond line")


def _allocate():
    np.ones(2**50)


def _limit():
    """Let this process have no more memory than it has, and ask for some."""
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms, resource.RLIM_INFINITY))
    kept = [np.ones(2**24) for _ in range(100)]
    assert not kept, "more memory was to be had"


FAULTS = {"raise": _raise, "allocate": _allocate, "limit": _limit, "kill": lambda: os.kill(os.getpid(), 9), "hang": lambda: time.sleep(600),
          "exit": lambda: os._exit(7)}


def faulty(shape, classes, fault="raise"):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), Faulty(fault), layers.Dense(classes)])


def blobs():
    """A dataset of 4x4 images of three classes, each bright at a place of its own."""
    draw = np.random.default_rng(0)
    y = np.arange(150) % 3
    x = draw.normal(60, 20, (150, 4, 4, 1)).clip(0, 255)
    x[np.arange(150), y] += 100
    return x.clip(0, 255).astype("uint8"), y
