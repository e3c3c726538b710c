"""Decompresses bodies piece by piece within a limit, so that a bomb costs no more memory than a large feed."""

import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]
from backports import zstd

ERRORS = (ValueError, zlib.error, brotli.error, zstd.ZstdError)
"""Exceptions of a body that cannot be decompressed."""
MAGIC = {b"\x1f\x8b\x08": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
"""First bytes of compressed files."""


UNENCODED = frozenset({
    "", "identity", "none", "utf-8", "utf8", "iso-8859-1", "binary", "7bit", "8bit", "chunked", "aws-chunked",
})  # fmt: skip
"""What servers call the encoding of a body that has none."""


class TooLargeError(ValueError):
    """A body exceeds the limit, as received or decompressed."""


class Decoder(Protocol):
    """Decompresses piece by piece, never beyond ``room`` bytes."""

    @property
    def whole(self) -> bool:
        """Whether the stream ended properly."""
        ...

    def feed(self, data: bytes, room: int) -> bytes:
        """Return what ``data`` decompresses to; TooLargeError if that is more than ``room`` bytes."""
        ...


class _Plain:
    whole = True

    def feed(self, data: bytes, room: int) -> bytes:
        if len(data) > room:
            raise TooLargeError
        return data


class _Zlib:
    """gzip, with one or more members, and deflate, with or without its zlib header."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflate = zlib.decompressobj(window)
        self._started = False

    @property
    def whole(self) -> bool:
        return self._inflate.eof or not self._started

    def feed(self, data: bytes, room: int) -> bytes:
        output = b""
        while data:
            output += self._step(data, room - len(output) + 1)
            if len(output) > room:
                raise TooLargeError
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            if self._inflate.eof:
                if not data.startswith(b"\x1f\x8b"):
                    break  # padding after the last member
                self._inflate = zlib.decompressobj(self._window)
        return output

    def _step(self, data: bytes, most: int) -> bytes:
        try:
            piece = self._inflate.decompress(data, most)
        except zlib.error:
            if self._started or self._window != zlib.MAX_WBITS:
                raise
            self._window = -zlib.MAX_WBITS  # "deflate" without the header, as some servers send it
            self._inflate = zlib.decompressobj(self._window)
            piece = self._inflate.decompress(data, most)
        self._started = True
        return piece


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self._started = False

    @property
    def whole(self) -> bool:
        return not self._started or bool(self._decompressor.is_finished())

    def feed(self, data: bytes, room: int) -> bytes:
        self._started = True
        output: bytes = self._decompressor.process(data, output_buffer_limit=room + 1)
        while len(output) <= room and not self._decompressor.can_accept_more_data():
            output += self._decompressor.process(b"", output_buffer_limit=room + 1 - len(output))
        if len(output) > room:
            raise TooLargeError
        return output


class _Zstd:
    def __init__(self) -> None:
        # 8 MB is the window every decoder must support; a larger one lets senders claim memory (RFC 8878, 3.1.1.1.2)
        self._decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})
        self._started = False

    @property
    def whole(self) -> bool:
        return not self._started or self._decompressor.eof

    def feed(self, data: bytes, room: int) -> bytes:
        if self._decompressor.eof:
            return b""
        self._started = True
        output = self._decompressor.decompress(data, max_length=room + 1)
        while len(output) <= room and not self._decompressor.needs_input and not self._decompressor.eof:
            output += self._decompressor.decompress(b"", max_length=room + 1 - len(output))
        if len(output) > room:
            raise TooLargeError
        return output


def decoder(encodings: str) -> Decoder:
    """Return the decoder for a Content-Encoding; ValueError for one that is unknown or applied twice."""
    given = (name.partition(";")[0].strip() for name in encodings.lower().split(","))
    names = [name for name in given if name not in UNENCODED]
    if not names:
        return _Plain()
    if len(names) > 1:
        raise ValueError(f"encoded more than once: {encodings[:50]}")
    match names[0]:
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
        case other:
            raise ValueError(f"unknown encoding {other[:30]!r}")


def unpacked(content: bytes, most: int) -> tuple[bytes, bool]:
    """Return the contents of a document that is itself a compressed file (``.xml.gz``), and whether it was complete.

    TooLargeError if it is more than ``most`` bytes; any other document is returned as it is.
    """
    for magic, encoding in MAGIC.items():
        if content.startswith(magic):
            layer = decoder(encoding)
            return layer.feed(content, most), layer.whole
    return content, True
