"""Writing: a `Quantized` becomes bytes of a format, and bytes become whole files.

A newcomer may add a format: a function in a module of its own, by its name in `saving.ENCODERS`.
"""
