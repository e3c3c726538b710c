"""Bytes of a feed or page into text and entries: pure, and run in a worker process.

``feeds`` chooses the reader: ``plainfeeds`` (quick), feedparser, ``jsonfeeds`` or ``sitemaps``; ``fulltext`` reads
pages. May import ``flows.sources.urls``, never the client, the workers or what decides.
"""
