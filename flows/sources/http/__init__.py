"""The network: one address fetched within limits.

Imported by what decides in ``flows.sources``; may import ``feed_records`` there, and ``parsing.dates`` (Retry-After).
"""
