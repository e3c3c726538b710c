"""The report: a static site of what the warehouse holds of a period. Pure; only ``site_writer`` writes files.

Rows come from ``warehouse.reporting`` by way of ``flows``; templates, stylesheet and script lie in ``templates``.
"""
