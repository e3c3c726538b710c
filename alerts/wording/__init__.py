"""How an alert reads: headline, excerpt, and the wording common to every route. Pure.

Policy, delivery and ``flows`` may import this package.
"""
