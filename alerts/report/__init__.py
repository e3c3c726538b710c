"""The report: a static site of what the warehouse holds of a period. Pure but for ``site``, which writes the files.

Rows come from ``warehouse.reporting`` by way of ``flows``; templates, stylesheet and script lie in ``templates``.
"""
