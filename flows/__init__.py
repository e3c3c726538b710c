"""The Prefect flows (``ingest``, ``detect``, ``notify``, ``digest``, ``report``), the steps they wrap, the sources, and
the command line.

The topmost package: nothing imports it. No module directly in here may have the name of a top-level package or of a
standard module, because Prefect may put this folder on the import path.
"""
