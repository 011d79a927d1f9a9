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


def written(text, folder, name, *pairs):
    """The name of a study file in a folder: a text with some of its parts changed."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    (folder / f"{name}.toml").write_text(text)
    return f"{name}.toml"
