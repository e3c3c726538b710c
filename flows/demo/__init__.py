"""A month of invented news, served on loopback and read by the real flows: ``brinkwatch demo``.

``happenings`` is what happens, ``press`` how outlets write of it, ``newsroom`` serves that. Imported by the command
line only.
"""
