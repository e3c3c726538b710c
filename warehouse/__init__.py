"""The warehouse, a DuckDB file: the only SQL. ``store`` opens short transactions, ``query`` reads the snapshot.

``tables/`` reads and writes rows in such a transaction, ``novelty/`` decides what is new, ``migrations/`` and
``views/`` are SQL files. Only ``flows`` may import this package; it knows nothing of alert policy, Prefect or the
network.
"""
