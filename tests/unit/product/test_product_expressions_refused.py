"""Whatever is more than one value over the event's columns is refused, with a reason."""

from __future__ import annotations

import logging

import pytest

from pm_pipeline.product import ExpressionError, compile_expression, segment_of

REFUSED = {
    # files, settings, the machine
    "read_csv('/etc/passwd')": "function 'read_csv' is not allowed",
    "read_text('/etc/passwd') = 'x'": "function 'read_text' is not allowed",
    "read_blob('x')": "function 'read_blob' is not allowed",
    "read_parquet('x')": "is not allowed",
    "read_json('x')": "is not allowed",
    "glob('*')": "is not allowed",
    "getenv('HOME') = 'x'": "function 'getenv' is not allowed",
    "current_setting('home_directory')": "is not allowed",
    "getvariable('x')": "is not allowed",
    "sniff_csv('x')": "is not allowed",
    "parquet_metadata('x')": "is not allowed",
    "lower(read_text('/etc/passwd')) = 'a'": "function 'read_text' is not allowed",
    "case when true then getenv('HOME') end": "function 'getenv' is not allowed",
    "coalesce(null, query('select 1'))": "is not allowed",
    "query_table('events')": "is not allowed",
    "duckdb_secrets()": "is not allowed",
    "pg_sleep(10)": "is not allowed",
    "system('ls')": "is not allowed",
    "eval('1')": "is not allowed",
    "json_execute_serialized_sql('x')": "is not allowed",
    "nextval('s')": "is not allowed",
    "random() > 0.5": "is not allowed",
    "uuid()": "is not allowed",
    "now() > event_at": "is not allowed",
    "current_date = '2026-01-01'": "is not allowed",
    "current_user = 'x'": "is not allowed",
    "version()": "is not allowed",
    "repeat('x', 1000000000)": "is not allowed",
    "regexp_matches(platform, 'a')": "is not allowed",
    # statements
    "select 1": "cannot be read as one expression",
    "attach 'x.db'": "cannot be read as one expression",
    "ATTACH 'x.db' AS y": "cannot be read as one expression",
    "copy events to 'x.csv'": "cannot be read as one expression",
    "COPY (select 1) TO 'x'": "cannot be read as one expression",
    "pragma database_list": "cannot be read as one expression",
    "install httpfs": "cannot be read as one expression",
    "load httpfs": "cannot be read as one expression",
    "set memory_limit = '1GB'": "cannot be read as one expression",
    "drop table events": "cannot be read as one expression",
    "export database 'x'": "cannot be read as one expression",
    "call pragma_version()": "cannot be read as one expression",
    "insert into events values (1)": "cannot be read as one expression",
    "create macro f() as 1": "cannot be read as one expression",
    "from events": "cannot be read as one expression",
    "values (1)": "cannot be read as one expression",
    "true; drop table events": "; is not allowed",
    "true;": "; is not allowed",
    "true) union select (true": "cannot be read as one expression",
    "true from events": "cannot be read as one expression",
    "true limit 1": "cannot be read as one expression",
    "platform = 'a' group by 1": "cannot be read as one expression",
    "platform, country": "cannot be read as one expression",
    "platform as p": "cannot be read as one expression",
    # subqueries
    "(select true)": "subqueries are not allowed",
    "exists (select 1)": "subqueries are not allowed",
    "platform in (select 'ios')": "in needs a list",
    "platform = (select max(platform) from events)": "subqueries are not allowed",
    "platform = any(select 'ios')": "is not allowed",
    "(from read_csv('x'))": "subqueries are not allowed",
    "array(select 1)": "is not allowed",
    "platform in events": "in needs a list",
    "platform in (country, 'x')": "in takes literals only",
    "platform in (lower('x'))": "in takes literals only",
    "platform in unnest(['ios'])": "in needs a list",
    # comments
    "true -- comment": "comments are not allowed",
    "true /* comment */": "comments are not allowed",
    "/* comment */ true": "comments are not allowed",
    "/*+ hint */ true": "comments are not allowed",
    "true -- \n or false": "comments are not allowed",
    "-- only": "got nothing",
    "{# jinja #} true": "not allowed",
    "{{ env_var('HOME') }}": "not allowed",
    "{% raw %}": "cannot be read",
    # stars, windows, lambdas, parameters, names of tables
    "*": "* is not allowed",
    "count(*) > 1": "is not allowed",
    "columns(*)": "* is not allowed",
    "properties.*": "* is not allowed",
    "sum(1) over ()": "window functions are not allowed",
    "row_number() over (order by platform)": "window functions are not allowed",
    "max(platform)": "is not allowed",
    "list_filter([1], x -> x > 0)": "is not allowed",
    "x -> x": "-> is not allowed",
    "properties -> '$.x'": "-> is not allowed",
    "properties ->> 'x' = 'y'": "-> is not allowed",
    "properties['x']": "[ ] is not allowed",
    "platform[1]": "[ ] is not allowed",
    "$1": "parameters are not allowed",
    "? = 1": "parameters are not allowed",
    "platform = :name": "parameters are not allowed",
    "#1": "parameters are not allowed",
    "events.platform": "expected a column or properties.<name>",
    "main.events.platform": "expected a column or properties.<name>",
    "information_schema.tables": "expected a column or properties.<name>",
    "main.lower(platform)": "is not allowed",
    "my_macro(platform)": "function 'my_macro' is not allowed",
    "[1, 2]": "is not allowed",
    "{'a': 1}": "is not allowed",
    "(platform, country)": "is not allowed",
    "interval 1 day": "is not allowed",
    "platform collate nocase = 'x'": "is not allowed",
    "event_at at time zone 'utc'": "is not allowed",
    "platform similar to 'x'": "is not allowed",
    "platform ~ 'x'": "is not allowed",
    "platform glob 'x'": "is not allowed",
    "2 ** 3": "is not allowed",
    "2 // 3": "is not allowed",
    "1 << 40": "is not allowed",
    "$$text$$": "is not allowed",
    "e'\\n' = platform": "is not allowed",
    "properties": "unknown column 'properties'",
    # forms of allowed functions that are not
    "lower(distinct platform)": "is not allowed",
    "lower(platform order by 1)": "is not allowed",
    "lower(platform) filter (where true)": "is not allowed",
    "lower(platform) over ()": "window functions are not allowed",
    "trim(both 'x' from platform)": "this form is not allowed",
    "platform like 'a' escape 'b'": "is not allowed",
    "cast(platform as json)": "a cast to json is not allowed",
    "cast(platform as integer[])": "is not allowed",
    "cast(platform as struct(a int))": "is not allowed",
    "platform::blob": "a cast to blob is not allowed",
    "substring(platform, 99999999999)": "expected a whole number from 1 to 1000000",
    "substring(platform, length(platform))": "expected a whole number",
    "round(1, 400)": "expected a whole number from 0 to 15",
    "extract(epoch from event_at)": "expected one of the date parts",
    # names and types
    "platfrm = 'ios'": "unknown column 'platfrm', did you mean 'platform'?",
    'platform = "ios"': "text is written in single quotes: 'ios'",
    "properties.a.b": 'a name that has a dot is written properties."a.b"',
    'properties."" = 1': "got an empty name",
    "platform": "expected true or false, but platform is text",
    "1": "expected true or false, but 1 is a number",
    "platform = null": "write is null",
    "platform = true": "expected true or false, but platform is text",
    "properties.a > true": "compared with = or <> only",
    "length(platform) = 'three'": "expected a number, but 'three' is text",
    "lower(5) = 'x'": "expected text, but 5 is a number",
    "event_at > 5": "expected a number, but event_at is a time",
    "event_at > 'yesterday'": "expected a time such as '2026-01-31 12:00:00', got 'yesterday'",
    "event_at > properties.x": "is property",
    "platform is 5": "is needs null, true or false",
    "1e999 > 1": "is too large",
    "case when true then 'a' else 5 end = 'a'": "expected a number, but 'a' is text",
    "case when true then null end": "expected a value besides null",
    # broken text
    "": "got nothing",
    "   ": "got nothing",
    "platform =": "cannot be read",
    "platform = 'ios": "cannot be read",
    "(platform = 'ios'": "cannot be read",
    "platform = 'ios')": "cannot be read",
    "platform platform": "cannot be read as one expression near 'platform'",
    "platform = 'a\x00b'": "the character U+0000 is not allowed",
    "platform = 'a\ud800'": "the character U+D800 is not allowed",
    "(" * 5000 + "true" + ")" * 5000: "at most 10000 characters",
    "(" * 2000 + "true" + ")" * 2000: "nested too deeply",
    "not " * 200 + "true": "nested more than 60 deep",
    "-" + " -" * 2000 + "1 = 1": "nested",
}


@pytest.mark.parametrize(
    ("text", "reason"), REFUSED.items(), ids=[f"{n}-{t[:40]}" for n, t in enumerate(REFUSED)]
)
def test_refused(text: str, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(ExpressionError) as refused:
        compile_expression(text, kind="boolean")
    assert reason in str(refused.value)
    assert len(str(refused.value)) < 400
    assert not caplog.records, "the parser must not warn on the user's screen"


def test_null_is_no_value() -> None:
    with pytest.raises(ExpressionError, match="expected a value, got null"):
        compile_expression("null")


@pytest.mark.parametrize("text", ["lower(platform)", "event_at", "'ios'", "properties.all", "1"])
def test_segments_are_columns_or_properties(text: str) -> None:
    with pytest.raises(ExpressionError):
        segment_of(text)
