"""Transfers of arms: which weapon, from whom to whom, and at which stage.

Resolves what ``reader`` found with ``statements``, ``actors`` and ``weapons``; only the components import it.
"""
