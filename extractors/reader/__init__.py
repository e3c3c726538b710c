"""The trained part of extraction: sentences in context go in, kinds, spans and stages come out.

It knows no lexicon: ``statements`` and ``transfers`` resolve who a name is and what a weapon is.
"""
