"""Alerts: what fires (``policy``), how it reads (``wording``), and how it is delivered (``delivery``).

``messages`` holds what these three share. Only ``flows`` may import this package; it stores nothing and does not know
the warehouse.
"""
