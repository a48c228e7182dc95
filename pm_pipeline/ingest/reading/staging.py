"""One landing file into rows of the table ``staged``, whatever its format.

Belongs here: the choice of reader, the column map as SQL expressions. Does not belong here: the
statements themselves (``sql/``), duplicates, the ledger.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from pm_pipeline.ingest.discovery import LandingFile
from pm_pipeline.ingest.errors import FileChangedError, UnreadableFileError
from pm_pipeline.ingest.reading.streams import ByteStream, file_sha256
from pm_pipeline.ingest.rules import (
    ALL_PROPERTIES,
    CANONICAL_COLUMNS,
    EPOCH_FORMATS,
    ColumnRule,
    IngestRules,
    SourceRules,
)
from pm_pipeline.ingest.templates import identifier, literal, render

if TYPE_CHECKING:
    import pyarrow as pa

# What counts as nothing when it is all a text holds.
BLANKS = " \t\r\n\f\v\u00a0"
TIME_COLUMNS = ("event_time", "received_at")


@dataclass(frozen=True)
class StagedFile:
    """What is known of a file once it was read: ``bytes_read`` is its size unpacked."""

    sha256: str
    bytes_read: int


@dataclass(frozen=True)
class _Column:
    """A column of the file: its text, its JSON text, and its type if it has one."""

    text: str
    json_text: str
    typed: str | None = None
    type_name: str | None = None


def stage(
    connection: duckdb.DuckDBPyConnection,
    file: LandingFile,
    rules: IngestRules,
    *,
    file_number: int,
    now: datetime,
) -> StagedFile:
    """Read ``file`` into ``staged`` as one statement: all of it or nothing.

    Raises ``UnreadableFileError`` with the cause, and ``FileChangedError`` when the file changed
    meanwhile; in both cases no row of it is left.
    """
    context = _shared_context(file.source, rules, file_number=file_number, now=now)
    read = {"jsonl": _stage_jsonl, "csv": _stage_csv, "parquet": _stage_parquet}[file.source.format]
    try:
        staged = read(connection, file, context)
        status = file.location.stat()
        if (status.st_size, status.st_mtime_ns) != (file.size_bytes, file.modified_ns):
            raise FileChangedError(file.path)
    except OSError as error:
        _forget(connection, file_number)
        raise UnreadableFileError(error.strerror or str(error)) from error
    except (UnreadableFileError, FileChangedError):
        _forget(connection, file_number)
        raise
    except duckdb.Error as error:
        _forget(connection, file_number)
        raise UnreadableFileError(_first_line(error)) from error
    return staged


def _forget(connection: duckdb.DuckDBPyConnection, file_number: int) -> None:
    connection.execute("delete from staged where file_number = ?", [file_number])


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _shared_context(
    source: SourceRules, rules: IngestRules, *, file_number: int, now: datetime
) -> dict[str, Any]:
    space = f"{len(source.key_space)}:{source.key_space}:"
    return {
        "blanks": BLANKS,
        "ignore_ids": rules.ignore_ids,
        "earliest_event": rules.earliest_event,
        "now": now,
        "file_number": file_number,
        "id_prefix": f"id:{space}",
        "content_prefix": f"content:{space}",
    }


def _stage_jsonl(
    connection: duckdb.DuckDBPyConnection, file: LandingFile, context: dict[str, Any]
) -> StagedFile:
    # Arrow is dear to import and a run without text files does without it.
    from pm_pipeline.ingest.reading.lines import LINE_SCHEMA, line_batches

    source = file.source
    mapped = list(dict.fromkeys(_mapped_columns(source)))
    listed = _listed_properties(source)
    shape: dict[str, str] = {}
    fields: dict[str, _Column] = {}
    folded: set[str] = set()
    for name in dict.fromkeys([*mapped, *listed]):
        member = f"document.{identifier(name)}"
        if name.lower() in folded or name == "":
            # Struct members ignore case, keys of JSON do not.
            pointer = literal("/" + name.replace("~", "~0").replace("/", "~1"))
            fields[name] = _Column(f"(raw ->> {pointer})", f"nullif(raw -> {pointer}, 'null')")
        elif name in listed:
            shape[name] = "JSON"
            fields[name] = _Column(f"({member} ->> '$')", f"cast({member} as varchar)")
        else:
            shape[name] = "VARCHAR"
            fields[name] = _Column(member, "")
        folded.add(name.lower())
    sql = render(
        "read_jsonl",
        shape=json.dumps(shape),
        all_properties=source.properties == ALL_PROPERTIES,
        unmapped_patch=json.dumps(dict.fromkeys(mapped)),
        **_column_context(source, fields),
        **context,
    )
    stream = ByteStream(file.location)
    _insert(connection, sql, LINE_SCHEMA, line_batches(stream))
    return StagedFile(stream.sha256, stream.bytes_out)


def _stage_csv(
    connection: duckdb.DuckDBPyConnection, file: LandingFile, context: dict[str, Any]
) -> StagedFile:
    from pm_pipeline.ingest.reading.rows import RowStream

    source = file.source
    stream = ByteStream(file.location)
    rows = RowStream(stream, source.delimiter)
    if not rows.header:
        return StagedFile(stream.sha256 or file_sha256(file.location), 0)
    wanted = _wanted_columns(source, rows.header)
    fields = {
        name: _Column(f"c{at}", f"cast(to_json(nullif(c{at}, '')) as varchar)")
        for at, name in enumerate(wanted)
    }
    sql = render("read_csv", **_column_context(source, fields), **context)
    _insert(connection, sql, rows.schema(wanted), rows.batches(wanted))
    return StagedFile(stream.sha256, stream.bytes_out)


def _stage_parquet(
    connection: duckdb.DuckDBPyConnection, file: LandingFile, context: dict[str, Any]
) -> StagedFile:
    source = file.source
    sha256 = file_sha256(file.location)
    location = str(file.location)
    types = dict(
        connection.execute(
            render("describe_parquet", location=location),
        ).fetchall()
    )
    size = connection.execute(render("parquet_size", location=location)).fetchone()
    wanted = _wanted_columns(source, list(types))
    content_columns = sorted(types)
    fields = {
        name: _Column(
            text=f"cast(c{at} as varchar)",
            json_text=f"cast(to_json(c{at}) as varchar)",
            typed=f"c{at}",
            type_name=types[name],
        )
        for at, name in enumerate(content_columns)
        if name in wanted
    }
    sql = render(
        "read_parquet",
        location=location,
        content_columns=content_columns,
        **_column_context(source, fields),
        **context,
    )
    connection.execute(sql)
    return StagedFile(sha256, int(size[0]) if size else 0)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
) -> None:
    """Run ``sql`` over the batches; an error raised by them comes out as it went in."""
    failures: list[Exception] = []

    def guarded() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except Exception as error:
            failures.append(error)
            raise

    import pyarrow as pa

    connection.register("incoming_records", pa.RecordBatchReader.from_batches(schema, guarded()))
    try:
        connection.execute(sql)
    except duckdb.Error:
        if failures:
            raise failures[0] from None
        raise
    finally:
        connection.unregister("incoming_records")


def _mapped_columns(source: SourceRules) -> list[str]:
    return [rule.column for rule in source.columns.values() if rule.column is not None]


def _listed_properties(source: SourceRules) -> list[str]:
    return [] if source.properties == ALL_PROPERTIES else list(dict.fromkeys(source.properties))


def _wanted_columns(source: SourceRules, present: list[str]) -> list[str]:
    """Return the columns of the file that are used; raises when a mapped one is absent."""
    for name in _mapped_columns(source):
        if name not in present:
            near = difflib.get_close_matches(name, present, n=1)
            hint = f": did you mean '{near[0]}'?" if near else f" (it has: {', '.join(present)})"
            raise UnreadableFileError(f"the file has no column '{name}'{hint}")
    mapped = set(_mapped_columns(source))
    if source.properties == ALL_PROPERTIES:
        return present
    return [name for name in present if name in mapped or name in source.properties]


def _column_context(source: SourceRules, fields: dict[str, _Column]) -> dict[str, Any]:
    """Return the canonical columns, times and properties as SQL expressions."""
    columns: dict[str, str | None] = {}
    times: dict[str, dict[str, Any] | None] = {}
    for name in CANONICAL_COLUMNS:
        rule = source.columns.get(name)
        if name in TIME_COLUMNS:
            times[name] = None if rule is None else _time(name, rule, fields)
        elif rule is None:
            columns[name] = None
        elif rule.column is None:
            columns[name] = literal(rule.value)
        else:
            columns[name] = fields[rule.column].text
    mapped = set(_mapped_columns(source))
    names = (
        [name for name in fields if name not in mapped]
        if source.properties == ALL_PROPERTIES
        else [name for name in _listed_properties(source) if name in fields]
    )
    properties = [
        {"key": json.dumps(name, ensure_ascii=False), "expression": fields[name].json_text}
        for name in names
    ]
    return {"columns": columns, "times": times, "properties": properties}


def _time(name: str, rule: ColumnRule, fields: dict[str, _Column]) -> dict[str, Any]:
    """Return how a time column is read: its kind, expression, zone and pattern."""
    if rule.column is None:
        time = {"expression": literal(rule.value), "zone": rule.timezone}
    else:
        column = fields[rule.column]
        time = {"expression": column.text, "zone": rule.timezone}
        kind = _typed_kind(column.type_name)
        if kind is not None:
            return {**time, "expression": column.typed, "kind": kind}
        if rule.format is None and column.type_name not in (None, "VARCHAR"):
            raise UnreadableFileError(
                f"column '{rule.column}' ({name}) is a {column.type_name}: give it a format "
                f"({', '.join(EPOCH_FORMATS)})"
            )
    chosen = rule.format or "iso8601"
    if chosen in (*EPOCH_FORMATS, "iso8601"):
        return {**time, "kind": chosen}
    has_offset = "%z" in chosen or "%Z" in chosen
    kind = "pattern_with_offset" if has_offset else "pattern"
    return {**time, "kind": kind, "pattern": chosen}


def _typed_kind(type_name: str | None) -> str | None:
    if type_name is None:
        return None
    if type_name == "TIMESTAMP WITH TIME ZONE":
        return "typed_with_zone"
    if type_name.startswith("TIMESTAMP") or type_name == "DATE":
        return "typed"
    return None
