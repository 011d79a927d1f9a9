"""The code that runs in each side's Python: a server that imports the cases, and the processes that it forks.

It needs the standard library alone and is loaded under a name of its own, because the dlbench of a side may be of any version, or
missing. So both sides are measured by one and the same code.
"""
