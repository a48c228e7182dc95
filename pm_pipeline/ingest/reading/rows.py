"""A byte stream of delimited text as Arrow batches of records.

Belongs here: the csv dialect, the header, the raw text of each record. Does not belong here: what
a column means.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator

import pyarrow as pa

from pm_pipeline.ingest.errors import UnreadableFileError
from pm_pipeline.ingest.reading.lines import (
    LONGEST_RECORD_BYTES,
    batch_of,
    evidence_of,
    whole_lines,
)

BATCH_ROWS = 20_000
_FIXED_FIELDS = (
    ("record_number", pa.int64()),
    ("raw", pa.string()),
    ("failure", pa.string()),
    ("evidence", pa.string()),
    ("evidence_encoding", pa.string()),
)


class _Lines:
    """Text lines that remembers those which the csv reader took for its current record."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.taken: list[str] = []
        self._lines = self._decode(blocks)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken.append(line)
        return line

    @staticmethod
    def _decode(blocks: Iterable[bytes]) -> Iterator[str]:
        for piece, too_long in whole_lines(blocks):
            if too_long:
                limit = LONGEST_RECORD_BYTES >> 20
                raise UnreadableFileError(f"a line is longer than {limit} MB: is this csv?")
            # Bytes that are no text become lone surrogates, which no text can hold.
            yield from io.StringIO(piece.decode("utf-8", "surrogateescape"), newline="\n")


class RowStream:
    """The records of a delimited file; ``header`` is known after construction.

    Raises ``UnreadableFileError`` for a header that names a column twice, and while iterating for
    text that the csv reader cannot follow.
    """

    def __init__(self, blocks: Iterable[bytes], delimiter: str) -> None:
        csv.field_size_limit(LONGEST_RECORD_BYTES)
        self._lines = _Lines(blocks)
        self._reader = csv.reader(self._lines, delimiter=delimiter)
        self.header = self._read_header()

    def _read_header(self) -> list[str]:
        try:
            header = next((row for row in self._reader if row), [])
        except csv.Error as error:
            raise UnreadableFileError(f"line {self._reader.line_num}: {error}") from error
        self._lines.taken.clear()
        twice = sorted(name for name, count in Counter(header).items() if count > 1)
        if twice:
            raise UnreadableFileError(f"the header names a column twice: {', '.join(twice)}")
        for name in header:
            if not _is_text(name):
                raise UnreadableFileError("the header is not UTF-8")
        return header

    def schema(self, wanted: list[str]) -> pa.Schema:
        """Return the schema of the batches: the fixed fields, then ``c0``, ``c1``, … as wanted."""
        fields = [(f"c{index}", pa.string()) for index in range(len(wanted))]
        return pa.schema([*_FIXED_FIELDS, *fields])

    def batches(self, wanted: list[str]) -> Iterator[pa.RecordBatch]:
        """Yield the records with the ``wanted`` columns; numbers are the record's first line."""
        schema = self.schema(wanted)
        positions = [self.header.index(name) for name in wanted]
        rows: list[tuple[object, ...]] = []
        for row in self._records(positions):
            rows.append(row)
            if len(rows) == BATCH_ROWS:
                yield batch_of(rows, schema)
                rows = []
        if rows:
            yield batch_of(rows, schema)

    def _records(self, positions: list[int]) -> Iterator[tuple[object, ...]]:
        width = len(self.header)
        nothing = (None,) * len(positions)
        taken = self._lines.taken
        reader = self._reader
        first_line = reader.line_num + 1
        try:
            for row in reader:
                number, first_line = first_line, reader.line_num + 1
                raw = (taken[0] if len(taken) == 1 else "".join(taken)).rstrip("\r\n")
                taken.clear()
                if not row:
                    continue
                if not _is_text(raw):
                    text, encoding = evidence_of(raw.encode("utf-8", "surrogateescape"))
                    yield (number, None, "invalid_utf8", text, encoding, *nothing)
                elif len(row) != width:
                    yield (number, raw, "wrong_column_count", None, None, *nothing)
                else:
                    yield (number, raw, None, None, None, *[row[at] for at in positions])
        except csv.Error as error:
            raise UnreadableFileError(f"line {first_line}: {error}") from error


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
