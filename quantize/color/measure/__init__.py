"""Measures: how far a result is from its source, as numbers, in several senses.

A newcomer may add a figure of the report: a key in `records.report`, and the function here that measures it.
"""
