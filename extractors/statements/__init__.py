"""Red lines, threats and commentary: speaker, condition, consequence, severity and repeats.

Resolves what ``reader`` found with ``actors`` and ``text``; ``transfers`` and the components import it.
"""
