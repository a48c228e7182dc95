"""A byte stream as Arrow batches of lines, with what is no text set apart.

Belongs here: splitting, UTF-8, the limits on one record. Does not belong here: JSON or CSV.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

BATCH_BYTES = 4 << 20
# A longer line is set apart: it could not be held in bounded memory.
LONGEST_RECORD_BYTES = 64 << 20
EVIDENCE_BYTES = 64 << 10
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NEWLINE = 10

LINE_SCHEMA = pa.schema(
    [
        ("record_number", pa.int64()),
        ("line", pa.string()),
        ("failure", pa.string()),
        ("evidence", pa.string()),
        ("evidence_encoding", pa.string()),
    ]
)
Row = tuple[int, str | None, str | None, str | None, str | None]


def evidence_of(raw: bytes) -> tuple[str, str]:
    """Return bytes that are no text as (base64 text of at most 64 KB, its encoding)."""
    return base64.b64encode(raw[: EVIDENCE_BYTES // 4 * 3]).decode("ascii"), "base64"


def whole_lines(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Regroup blocks into pieces that end with a line's end, and say whether a line was too long.

    A line beyond the limit comes alone, cut to what is kept as evidence, with ``True``.
    """
    held: list[bytes] = []
    size = 0
    cut: bytes | None = None
    first = True
    for incoming in blocks:
        block = incoming
        if first:
            # The first block of a stream is at least as long as the mark, or it is the file.
            block = block.removeprefix(BYTE_ORDER_MARK)
            first = False
        if cut is not None:
            end = block.find(b"\n")
            if end < 0:
                continue
            yield cut, True
            cut, block = None, block[end + 1 :]
        held.append(block)
        size += len(block)
        if size < BATCH_BYTES:
            continue
        last = block.rfind(b"\n")
        if last >= 0:
            held[-1] = block[: last + 1]
            yield b"".join(held), False
            held, size = [block[last + 1 :]], len(block) - last - 1
        elif size > LONGEST_RECORD_BYTES:
            joined = b"".join(held)
            last = joined.rfind(b"\n")
            if last >= 0:
                yield joined[: last + 1], False
            if len(joined) - last - 1 > LONGEST_RECORD_BYTES:
                cut, held, size = joined[last + 1 :][:EVIDENCE_BYTES], [], 0
            else:
                held, size = [joined[last + 1 :]], len(joined) - last - 1
    if cut is not None:
        yield cut, True
    elif rest := b"".join(held):
        yield rest, False


def line_batches(blocks: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
    """Yield batches of ``LINE_SCHEMA``; lines without their end, numbered from 1."""
    number = 1
    for piece, too_long in whole_lines(blocks):
        if too_long:
            text, encoding = evidence_of(piece)
            yield _from_rows([(number, None, "record_too_long", text, encoding)])
            number += 1
            continue
        batch = _batch(piece, number)
        number += batch.num_rows
        yield batch


def _batch(piece: bytes, first_number: int) -> pa.RecordBatch:
    if b"\r" in piece:
        piece = piece.replace(b"\r\n", b"\n")
    ends = np.flatnonzero(np.frombuffer(piece, dtype=np.uint8) == NEWLINE)
    if not piece.endswith(b"\n"):
        ends = np.append(ends, len(piece))
    count = len(ends)
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return _from_rows(_rows_one_by_one(piece, first_number))
    # The lines are stretches of one buffer, not copied one by one.
    offsets = np.zeros(count + 1, dtype=np.int32)
    offsets[1:] = ends - np.arange(count)
    numbers = np.arange(first_number, first_number + count, dtype=np.int64)
    nothing = pa.nulls(count, pa.string())
    lines = pa.StringArray.from_buffers(
        count, pa.py_buffer(offsets), pa.py_buffer(piece.replace(b"\n", b""))
    )
    return pa.RecordBatch.from_arrays(
        [
            pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(numbers)]),
            lines,
            nothing,
            nothing,
            nothing,
        ],
        schema=LINE_SCHEMA,
    )


def _rows_one_by_one(piece: bytes, first_number: int) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(piece.removesuffix(b"\n").split(b"\n"), start=first_number):
        try:
            rows.append((number, line.decode("utf-8"), None, None, None))
        except UnicodeDecodeError:
            text, encoding = evidence_of(line)
            rows.append((number, None, "invalid_utf8", text, encoding))
    return rows


def _from_rows(rows: list[Row]) -> pa.RecordBatch:
    return batch_of(rows, LINE_SCHEMA)


def batch_of(rows: Iterable[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Return rows of one number and then texts as a batch.

    The columns are built by hand because ``pa.array()`` would import pandas.
    """
    numbers, *texts = zip(*rows, strict=True)
    data = np.fromiter(numbers, dtype=np.int64, count=len(numbers))
    arrays = [pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(data)])]
    for values in texts:
        builder = pa.lib.StringBuilder()
        builder.append_values(values)
        arrays.append(builder.finish())
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
