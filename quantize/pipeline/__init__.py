"""The order of the stages: the only room that knows it.

A newcomer may follow `quantize_picture` from top to bottom here; a new stage is a rare event. Another way to
find a palette is a function in `finding`, with a name in `FINDERS`.
"""
