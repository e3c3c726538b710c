"""Extraction: text in, records out. Pure: no network, no database, no Prefect.

``pipeline`` builds the spaCy pipeline from ``components``. ``weapons``, ``actors`` and ``reader`` find; ``statements``
and ``transfers`` resolve; ``text`` cuts; ``records`` are what flows through the product. Every other package may import
this one, and it imports none of them. ``training`` makes the model and is not part of the wheel.
"""
