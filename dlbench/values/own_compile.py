"""What a recipe takes of a model that comes compiled, and how its loss is given classes."""

BY_TASK, OF_MODEL = "task", "model"
"""The loss of the task; the loss or the optimizer that a model of the user's own was compiled with."""
CLASS_NUMBERS, ONE_HOT = TARGET_FORMS = ("numbers", "one_hot")
"""What a loss is given of classes: their numbers, or a column for each."""
