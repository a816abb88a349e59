"""Files: bytes in, bytes out. This room knows no color mathematics.

A newcomer may add a format here; `reading`, `writing` and `palettes` each say where.
"""
