"""The steps of a cycle as plain functions; the Prefect flows of the same names wrap them, the command line calls them.

Each starts from a query for its work list, so it is safe to run twice, after a crash, and beside the others.
"""
