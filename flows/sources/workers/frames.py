"""The frames in which a pool and its workers talk over standard streams, and the JSON in them."""

import json
import struct
from typing import Any

import orjson

PREFIX = struct.Struct(">II")
"""Lengths in bytes of the header and the document that follow."""
REPLY = struct.Struct(">I")
"""Length in bytes of the reply that follows."""


def packed(values: dict[str, Any]) -> bytes:
    """Return values as JSON in UTF-8, in which a lone surrogate, as JSON Feed may hold, has become ``?``."""
    try:
        return orjson.dumps(values)
    except orjson.JSONEncodeError:
        return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")


def unpacked(content: bytes) -> dict[str, Any]:
    """Return the values that ``packed`` has packed."""
    values: dict[str, Any] = orjson.loads(content)
    return values
