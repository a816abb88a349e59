"""The command line: click, flags, the screen and exit codes. Nothing imports this room.

A newcomer may add an option here: a decorator in `cli`, a field of `Options`.
"""
