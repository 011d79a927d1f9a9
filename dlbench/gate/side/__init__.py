"""What runs in each side's Python: a server that imports the cases, and the processes that it forks.

The standard library is all it needs, and it is loaded under a name of its own: the side's own dlbench may be of any version, or
missing. So both sides are measured by one and the same code.
"""
