"""What is new. ``batch`` goes through articles; ``weapons``, ``stages`` and ``statements`` give signals their claims.

``preparation`` computes what is compared of a text before the transaction; ``statement_similarity`` compares words,
``near_copies`` whole articles, which ``stories`` and ``events`` group; ``provenance`` is what outlasts a reading.
Imported by the tables, and by ``flows`` for what is computed before a transaction; imports no table.
"""
