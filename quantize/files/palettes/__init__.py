"""Palette files: text and binary formats, read into entries and written from them.

A newcomer may add a palette format: what tells it, reads it and writes it, in `palette_files.PALETTE_FORMATS`.
"""
