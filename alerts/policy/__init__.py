"""Which alerts fire, how severe they are, what is sent together, and where. Pure: time and settings are arguments.

Delivery and ``flows`` may import this package.
"""
