"""How a run that raises is told: in one line, by the name that its reader would look up."""

import subprocess
import sys
import textwrap

import keras
import numpy as np
import psutil
import tensorflow as tf

from dlbench.engines.keras import describe_error
from dlbench.execution.backends.worker import answer


class Greedy(keras.layers.Layer):
    """Wants a pebibyte; numpy's exception says so, and Keras cannot make another of that class."""

    def call(self, x):
        return x + np.ones(2**50)


class Picky(keras.layers.Layer):
    """Takes no batch at all."""

    def call(self, x):
        raise ValueError("no such batch\nas this")


class Engine:
    """Trains a layer, traced as the training loop is."""

    def train(self, layer, traced):
        (tf.function(layer) if traced else layer)(tf.ones((2, 4)))


def told(layer):
    """What the driver hears of a layer, traced and not."""
    for traced in (True, False):
        kind, text = answer(Engine(), "train", {"layer": layer, "traced": traced}, describe_error)
        assert kind == "error" and "\n" not in text and "\x1b" not in text
        yield text


def test_want_of_memory_inside_a_layer_is_told_as_such():
    assert all(text.startswith("MemoryError: Unable to allocate 8.00 PiB") for text in told(Greedy()))


def test_another_error_inside_a_layer_names_the_layer_too():
    words = "ValueError: Exception encountered when calling Picky.call(). no such batch as this"
    assert all(text.startswith(words) for text in told(Picky()))


def test_a_worker_leaves_with_its_driver_also_while_a_users_file_is_imported():
    """The importing of a user's file replaces `os._exit` in the whole process; the thread that watches the driver must not be refused."""
    code = textwrap.dedent("""
        import multiprocessing, os, sys, threading, time
        from dlbench.execution.backends import worker
        from dlbench.references.guard import FORBIDDEN, without

        def child(pipe):
            with without(FORBIDDEN):
                threading.Thread(target=worker._leave_with_driver, daemon=True).start()
                pipe.send(os.getpid())
                time.sleep(120)

        if __name__ == "__main__":
            here, there = multiprocessing.Pipe()
            multiprocessing.get_context("fork").Process(target=child, args=(there,)).start()
            print(here.recv(), flush=True)
            os._exit(0)
    """)
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    process = int(told.stdout)
    _, alive = psutil.wait_procs([psutil.Process(process)] if psutil.pid_exists(process) else [], timeout=60)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
    assert "Traceback" not in told.stderr
