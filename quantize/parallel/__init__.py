"""More work at a time, and never another result: threads, processes, and how far the work has come.

The standard library alone, but for `cluster`, which is Dask's. A newcomer has little to change here.
"""
