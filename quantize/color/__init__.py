"""Colors: records and arrays in, labels and numbers out. This room opens no file and prints nothing.

A newcomer may add a color space here: the way there and back, by its name in `spaces.SPACES`.
"""
