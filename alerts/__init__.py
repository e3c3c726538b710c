"""Alerts: what fires (``policy``), how it reads (``headline``, ``render``), and how it reaches people (``route``)."""
