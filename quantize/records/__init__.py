"""Frozen records that travel between the rooms. They compute what they are; they load, save and print nothing.

A newcomer may add a field; whoever makes the record fills it.
"""
