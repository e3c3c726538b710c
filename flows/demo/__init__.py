"""A month of invented news, served on loopback and read by the real flows: ``brinkwatch demo``."""
