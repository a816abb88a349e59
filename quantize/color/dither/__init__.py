"""Dithers: a picture and a palette in, a palette row for each pixel out.

A newcomer may add a dither: a function that takes what `remap` takes, by its name in `names.DITHERS`.
"""
