"""What people look at: reads results, changes none.

A newcomer may change how a result is told here; what is told comes from the report.
"""
