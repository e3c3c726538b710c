"""How text is divided: tokens, sentences, quotations, captions, turns of transcripts, and dates in the past.

Knows no lexicon; everything else in ``extractors`` may import it.
"""
