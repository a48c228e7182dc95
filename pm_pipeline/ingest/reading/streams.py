"""Bytes of a file, decompressed in bounded pieces.

Belongs here: compression and hashing. Does not belong here: what the bytes mean.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from pm_pipeline.ingest.errors import UnreadableFileError

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK_BYTES = 1 << 20
# Zstandard may expand a piece 30,000 times; small pieces keep what comes out bounded.
ZSTD_PIECE_BYTES = 1 << 14


class _HashingFile(io.RawIOBase):
    """A file that hashes whatever is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self.sha256.update(memoryview(buffer)[:size])
        return int(size)


class ByteStream:
    """The decompressed bytes of one file; ``sha256`` of the file itself is known at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sha256 = ""
        self.bytes_out = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes in pieces; raises ``UnreadableFileError`` with the cause."""
        try:
            with self._path.open("rb", buffering=0) as file:
                raw = _HashingFile(file)
                for block in self._blocks(io.BufferedReader(raw, BLOCK_BYTES)):
                    self.bytes_out += len(block)
                    yield block
                while raw.read(BLOCK_BYTES):
                    pass
                self.sha256 = raw.sha256.hexdigest()
        except EOFError as error:
            raise UnreadableFileError("the gzip data end too early: the file is cut off") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFileError(f"the gzip data are damaged: {error}") from error
        except zstandard.ZstdError as error:
            raise UnreadableFileError(f"the zstd data are damaged: {error}") from error
        except OSError as error:
            raise UnreadableFileError(error.strerror or str(error)) from error

    def _blocks(self, raw: io.BufferedReader) -> Iterator[bytes]:
        magic = raw.peek(4)[:4]
        if magic.startswith(GZIP_MAGIC):
            with gzip.GzipFile(fileobj=raw) as unzipped:
                while block := unzipped.read(BLOCK_BYTES):
                    yield block
        elif magic == ZSTD_MAGIC:
            yield from _zstd_blocks(raw)
        else:
            while block := raw.read(BLOCK_BYTES):
                yield block


def _zstd_blocks(raw: io.BufferedReader) -> Iterator[bytes]:
    # The library's own stream reader ends silently where a cut-off frame ends.
    frame = None
    while piece := raw.read(ZSTD_PIECE_BYTES):
        while piece:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            block = frame.decompress(piece)
            piece = b""
            if frame.eof:
                piece = frame.unused_data
                frame = None
            if block:
                yield block
    if frame is not None:
        raise UnreadableFileError("the zstd data end too early: the file is cut off")


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file; raises ``UnreadableFileError`` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFileError(error.strerror or str(error)) from error
