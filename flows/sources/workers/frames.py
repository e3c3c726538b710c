"""The frames in which a pool and its workers talk over standard streams."""

import struct

PREFIX = struct.Struct(">II")
"""Lengths in bytes of the header and the document that follow."""
REPLY = struct.Struct(">I")
"""Length in bytes of the reply that follows."""
