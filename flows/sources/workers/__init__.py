"""The processes in which hostile documents are parsed: ``pool`` starts and uses them, ``worker`` is what they run.

Imported by what fetches and reads; imports ``parsing`` and ``flows.sources.reading``, and nothing of ``http``.
"""
