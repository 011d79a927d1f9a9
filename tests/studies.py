"""Parts of study files that tests of several layers share."""


def transfer(**task):
    """Two arms on another task, the second of which starts from the pretraining of its seed; ``task``: keys that both have."""
    shared = "\n".join(['technique = "transfer"', *(f"{key} = {value}" for key, value in task.items())])
    return f"""
[[arms]]
name = "scratch"
mode = "scratch"
{shared}
[[arms]]
name = "frozen"
mode = "frozen"
reference = "scratch"
{shared}
"""
