"""The steps of a cycle as plain functions: Prefect flows of the same names wrap them, the command line calls them.

Each starts from a query for its work list, so it is safe to run it twice, after a crash, or beside the others. The
flows, the orchestration and the command line may import this package; it knows nothing of Prefect.
"""
