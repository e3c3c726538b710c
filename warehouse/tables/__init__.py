"""Reading and writing the rows of each table: functions whose first argument is the caller's transaction.

``flows`` imports them, with ``warehouse.store`` for the transaction, and so do ``warehouse.store`` and ``.backup``.
"""
