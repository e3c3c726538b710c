"""Weapon systems in text: lexicon, names, guards against namesakes, and systems that no list holds.

Uses ``text`` and the lexicons; ``transfers`` and the components import it.
"""
