"""Expressions give the value that their author means: the rendered SQL is run in DuckDB."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pm_pipeline.product import ExpressionError, compile_expression, segment_of

PROPERTIES = {
    "seconds": 45.5, "text_number": "12", "word": "abc", "nan": "NaN", "inf": "inf",
    "huge": "1e400",
    "yes": True, "no": False, "truth": "true", "one": 1, "none": None, "nested": {"a": 1},
    "items": [1, 2], "kind": "Paid", "a.b": "dotted", "with space": "spaced", "from": "keyword",
    "$os": "dollar", "ünï": "umlaut", "it's": "quoted", 'say "x"': "double", "a/b~c": "pointer",
    "0": "zero", "": "empty", "padded": "  x ", "back\\slash": "bs", "*": "star", "select": "sel",
}  # fmt: skip
EVENT = {
    "event_name": "song_played",
    "event_at": "2026-03-04 05:06:07.5",
    "received_at": "2026-03-04 06:00:00",
    "platform": "ios",
    "country": None,
    "app_version": "7",
    "source_user_id": "u1",
    "device_id": "d1",
    "source_session_id": "s1",
    "source_name": "app",
}
USER = "first_seen_at timestamp, is_identified boolean, active_days_last_28 bigint"


@pytest.fixture(scope="module")
def events() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    types = ", ".join(
        f"{name} {'timestamp' if name.endswith('_at') else 'varchar'}" for name in EVENT
    )
    connection.execute(f"create table events ({types}, properties json)")
    marks = ", ".join("?" for _ in range(len(EVENT) + 1))
    row = [*EVENT.values(), json.dumps(PROPERTIES)]
    connection.execute(f"insert into events values ({marks})", row)
    return connection


def value_of(
    events: duckdb.DuckDBPyConnection, text: str, kind: str = "scalar", scope: str = "event"
) -> Any:
    sql = compile_expression(text, kind=kind, scope=scope).sql
    row = events.execute(f"select {sql} from events").fetchone()
    assert row is not None
    return row[0]


CONDITIONS = {
    "platform = 'ios'": True,
    "Platform = 'ios'": True,
    "platform <> 'ios'": False,
    "platform != 'web' and event_name = 'song_played'": True,
    "platform = 'web' or app_version = '7'": True,
    "not platform = 'ios'": False,
    "not (platform = 'ios' and country is null)": False,
    "platform = 'web' and platform = 'ios' or platform = 'ios'": True,
    "platform = 'ios' or platform = 'ios' and platform = 'web'": True,
    "country = 'NO'": None,
    "country is null": True,
    "country is not null": False,
    "country is not distinct from null": "refused",
    "platform is distinct from 'web'": True,
    "platform in ('ios', 'web')": True,
    "platform not in ('ios', 'web')": False,
    "platform like 'i%'": True,
    "platform ilike 'IO_'": True,
    "platform not like '%z%'": True,
    "platform not like 'i%'": False,
    "platform not ilike 'I%'": False,
    "app_version not between 6 and 8": False,
    "app_version > 6.5": True,
    "platform > 6.5": None,
    "user_id = 'u1'": True,
    "session_id = 's1' and device_id = 'd1' and source_name = 'app'": True,
    "event_at >= '2026-03-04'": True,
    "event_at >= '2026-03-04T06:06:07.5+01:00'": True,
    "event_at > '2026-03-04T06:06:07.5+01:00'": False,
    "event_at < received_at": True,
    "event_at between date '2026-03-04' and timestamp '2026-03-04 05:06:08'": True,
    "cast(event_at as date) = '2026-03-04'": True,
    "year(event_at) = 2026 and extract(hour from event_at) = 5": True,
    "event_at in ('2026-03-04 05:06:07.5')": True,
    # properties
    "properties.seconds > 30": True,
    "30 < properties.seconds": True,
    "properties.seconds > 45.5": False,
    "properties.seconds between 45 and 46": True,
    "properties.seconds in (45.5, -1)": True,
    "properties.seconds = '45.5'": True,
    "properties.text_number >= 12": True,
    "properties.word > 0": None,
    "properties.nan > 0": None,
    "properties.inf > 0": None,
    "properties.missing > 0": None,
    "properties.missing = 'x'": None,
    "properties.missing is null": True,
    "properties.none is null": True,
    "properties.yes": True,
    "not properties.yes": False,
    "properties.yes = true": True,
    "properties.no is false": True,
    "properties.missing is true": False,
    "properties.missing is not true": True,
    "properties.truth": True,
    "properties.one = true": True,
    "properties.word": None,
    "properties.yes and properties.no": False,
    "properties.yes <> properties.no": True,
    "properties.kind = 'paid'": False,
    "lower(properties.kind) = 'paid'": True,
    "upper(properties.kind) in ('PAID')": True,
    "Properties.kind = 'Paid'": True,
    "properties.Kind = 'Paid'": None,
    "starts_with(properties.kind, 'Pa') and ends_with(properties.kind, 'id')": True,
    "contains(properties.kind, 'ai')": True,
    "length(properties.word) = 3": True,
    "length(trim(properties.padded)) = 1": True,
    "properties.\"a.b\" = 'dotted'": True,
    "properties.\"with space\" = 'spaced'": True,
    "properties.from = 'keyword'": True,
    "properties.\"select\" = 'sel'": True,
    "properties.\"$os\" = 'dollar'": True,
    "properties.ünï = 'umlaut'": True,
    "properties.\"it's\" = 'quoted'": True,
    'properties."say ""x""" = \'double\'': True,
    "properties.\"a/b~c\" = 'pointer'": True,
    "properties.\"0\" = 'zero'": True,
    "properties.\"back\\slash\" = 'bs'": True,
    "properties.\"*\" = 'star'": True,
    'properties."$.seconds" is null': True,
    'properties."nested/a" is null': True,
    "nullif(properties.kind, 'Paid') is null": True,
    "coalesce(properties.missing, properties.no)": False,
    "coalesce(properties.missing, true)": True,
    "case when properties.seconds > 30 then properties.yes else false end": True,
    "true": True,
}

SCALARS = {
    "platform": "ios",
    "properties.kind": "Paid",
    "properties.seconds": "45.5",
    "properties.yes": "true",
    "properties.nested": '{"a":1}',
    "properties.items": "[1,2]",
    "properties.seconds * 2 + 1": 92.0,
    "-properties.seconds": -45.5,
    "(properties.seconds + 4.5) / 10": 5.0,
    "1 / 0": None,
    "7 % 0": None,
    "7 % 4": 3.0,
    "2 - (3 - 4)": 3.0,
    "2 * (3 + 4)": 14.0,
    "9223372036854775807 + 1": 9223372036854775808.0,
    "properties.word + 1": None,
    "abs(-3)": 3.0,
    "round(properties.seconds / 7, 2)": 6.5,
    "coalesce(properties.missing, 0)": 0.0,
    "coalesce(properties.missing, '-')": "-",
    "coalesce(properties.missing, properties.kind)": "Paid",
    "properties.kind || '/' || platform": "Paid/ios",
    "properties.missing || 'x'": None,
    "concat(properties.missing, 'x', platform)": "xios",
    "substring(properties.word, 2)": "bc",
    "substring(properties.word, 2, 1)": "b",
    "cast(properties.text_number as integer)": 12,
    "try_cast(properties.word as double)": None,
    "properties.seconds::text": "45.5",
    "cast(properties.seconds + 1 as varchar)": "46.5",
    "cast(properties.truth as boolean)": True,
    "case properties.kind when 'Free' then 0 when 'Paid' then 1 end": 1,
    "case when platform = 'web' then 'w' end": None,
    "case when platform = 'ios' then null else 5 end": None,
    "nullif(properties.text_number, 12)": None,
    "month(event_at)": 3,
    "'it''s ; -- /* fine */ $1'": "it's ; -- /* fine */ $1",
}


@pytest.mark.parametrize(("text", "expected"), CONDITIONS.items(), ids=list(CONDITIONS))
def test_conditions(events: duckdb.DuckDBPyConnection, text: str, expected: object) -> None:
    if expected == "refused":
        with pytest.raises(ExpressionError):
            compile_expression(text, kind="boolean")
    else:
        assert value_of(events, text, "boolean") is expected


@pytest.mark.parametrize(("text", "expected"), SCALARS.items(), ids=list(SCALARS))
def test_scalars(events: duckdb.DuckDBPyConnection, text: str, expected: object) -> None:
    assert value_of(events, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("properties.seconds", 45.5),
        ("properties.text_number", 12.0),
        ("properties.huge", None),
        ("properties.nan", None),
        ("properties.word", None),
        ("1e308 * 10", None),
        ("length(platform)", 3.0),
        ("app_version", 7.0),
    ],
)
def test_a_number_is_a_finite_double_or_null(
    events: duckdb.DuckDBPyConnection, text: str, expected: float | None
) -> None:
    value = value_of(events, text, "number")
    assert value == expected and isinstance(value, float | None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("properties.one + 1", "2.0"), ("properties.yes", "true"), ("1 = 1", "true")],
)
def test_any_value_as_text(events: duckdb.DuckDBPyConnection, text: str, expected: str) -> None:
    assert value_of(events, text, "text") == expected


def test_what_is_read_is_reported() -> None:
    compiled = compile_expression(
        "user_id = 'x' and properties.b > 1 and properties.\"a c\" and platform = user_id",
        kind="boolean",
    )
    assert compiled.columns == ("source_user_id", "platform")
    assert compiled.properties == ("b", "a c")
    assert compiled.type == "boolean"


def test_the_same_text_after_a_fault_is_still_a_fault() -> None:
    for _ in range(2):
        with pytest.raises(ExpressionError, match="unknown column"):
            compile_expression("nope = 1", kind="boolean")


def test_columns_of_users() -> None:
    connection = duckdb.connect()
    connection.execute("create table events as select null::int x; alter table events rename to e")
    connection.execute(f"create table events ({USER})")
    connection.execute("insert into events values ('2026-01-01', true, 12)")
    text = "active_days_last_28 >= 12 and is_identified and first_seen_at < '2026-02-01'"
    assert value_of(connection, text, "boolean", "user") is True
    for wrong in ("platform = 'ios'", "properties.x"):
        with pytest.raises(ExpressionError):
            compile_expression(wrong, kind="boolean", scope="user")


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("platform", ("platform", "platform")),
        ("PLATFORM", ("platform", "platform")),
        ("properties.plan", ("plan", "JSON_EXTRACT_STRING(properties, '/plan')")),
        ('properties."a b"', ("a b", "JSON_EXTRACT_STRING(properties, '/a b')")),
        ("user_id", ("user_id", "source_user_id")),
    ],
)
def test_segments(text: str, segment: tuple[str, str]) -> None:
    assert segment_of(text) == segment


def test_spark_writes_the_same_in_its_own_words() -> None:
    sql = compile_expression(
        "properties.\"a b\" > 1 and platform = 'it''s a \\'", kind="boolean", dialect="spark"
    ).sql
    assert "GET_JSON_OBJECT(properties, '$[\\'a b\\']')" in sql
    assert "platform = 'it\\'s a \\\\'" in sql
    for name in ("it's", "a?", "*"):
        with pytest.raises(ExpressionError, match="Spark cannot read"):
            compile_expression(f'properties."{name}"', dialect="spark")


def test_long_chains_are_not_deep(events: duckdb.DuckDBPyConnection) -> None:
    text = " or ".join(["platform = 'web'"] * 400 + ["platform = 'ios'"])
    assert value_of(events, text, "boolean") is True
    listed = ", ".join(f"'{number}'" for number in range(1000))
    assert value_of(events, f"platform in ({listed})", "boolean") is False


@pytest.mark.parametrize(
    "text",
    [
        "nullif(" * 30 + "properties.kind" + ", 'x')" * 30,
        "cast(cast(" * 14 + "properties.one" + " as double) as text)" * 14,
        "case " * 20 + "properties.kind" + " when 'a' then 'b' when 'c' then 'd' end" * 20,
    ],
)
def test_nesting_does_not_multiply_the_sql(text: str) -> None:
    assert len(compile_expression(text).sql) < 20 * len(text)


printable = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters=[chr(c) for c in (*range(32), 127)]
    ),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(text=printable)
def test_any_literal_comes_back_as_it_is(text: str) -> None:
    quoted = text.replace("'", "''")
    sql = compile_expression(f"'{quoted}'").sql
    assert duckdb.execute(f"select {sql}").fetchall() == [(text,)]


@settings(max_examples=300, deadline=None)
@given(name=printable.filter(bool), value=printable)
def test_any_property_name_finds_its_own_value(name: str, value: str) -> None:
    quoted = name.replace('"', '""')
    sql = compile_expression(f'properties."{quoted}"').sql
    row = json.dumps({"decoy": "x", name: value})
    found = duckdb.execute(f"select {sql} from (select ?::json as properties)", [row]).fetchall()
    assert found == [(value,)]


@settings(max_examples=100, deadline=None)
@given(value=st.one_of(printable, st.floats(), st.integers(), st.booleans(), st.none()))
def test_no_value_of_a_property_is_an_error(value: object) -> None:
    row = json.dumps({"x": value}) if value == value and value not in (1e999, -1e999) else "{}"
    for text in (
        "properties.x > 5",
        "properties.x / properties.x = 1",
        "properties.x",
        "round(properties.x, 2) = 1",
        "cast(properties.x as integer) = 3",
        "abs(properties.x) * 2 < length(properties.x)",
        "substring(properties.x, 1, 2) = 'ab'",
    ):
        sql = compile_expression(text, kind="boolean").sql
        duckdb.execute(f"select {sql} from (select ?::json as properties)", [row]).fetchall()
