"""From listed feeds and seed documents to articles.

``update`` runs a cycle; ``schedule``, ``identity`` and ``health`` decide and are pure; ``http`` fetches, ``parsing``
reads what was fetched, in the processes of ``workers``. Nothing here imports Prefect, DuckDB or the steps above;
``flows`` imports this package.
"""
