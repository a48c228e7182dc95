"""A ``product.yml`` is read whole, or refused with the line, key and cure of every fault."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from product_files import MINIMAL

from pm_pipeline.product import Fault, ProductFileError, load_product

HERE = "#<-"  # marks the line on which a fault is expected

SUPPORTED = (
    MINIMAL
    + """\
  - name: old-clicks
    path: "clicks/**/*.jsonl.gz"
    id_space: app
    format: jsonl
    columns:
      device_id: {column: browser}
      event_name: {value: clicked}
      event_time: {column: at, format: epoch_ms}
      received_at: {column: seen, format: "%d/%m/%Y %H:%M", timezone: America/Lima}
    properties: [price, cart id]
  - {name: rest, path: "rest.csv", format: csv, delimiter: "\\t", properties: "*",
     columns: {user_id: u, event_name: e, event_time: t}}
identity: {anonymous_window: 0, ignore_ids: ["null", "007"], max_links: 7}
exclude: ["properties.is_bot = true", "country = 'NO'"]
features:
  search: {events: [searched, "on", "no"], owner: growth}
checks: {rejected_share: {limit: 5%, severity: warn}, volume: {limit: 3}}
"""
)


def test_minimal_file_has_the_documented_defaults(load) -> None:
    product = load(MINIMAL)
    settings = product.product
    assert (settings.timezone, settings.week_starts_on, settings.vision) == ("UTC", "monday", None)
    assert settings.session_timeout == timedelta(minutes=30)
    assert settings.active_events is None
    assert settings.segments == ()
    assert product.identity.anonymous_window == timedelta(days=30)
    assert product.identity.max_links == 20
    source = product.sources[0]
    assert source.columns is not None and source.columns.user_id is not None
    assert source.columns.user_id.column == "uid"
    assert source.columns.event_time.column == "ts"
    assert (source.event_id_space, source.csv_delimiter, source.properties) == ("app", ",", ())


def test_everything_this_version_carries_out_is_read(load) -> None:
    product = load(SUPPORTED)
    _, clicks, rest = product.sources
    assert clicks.columns is not None and clicks.columns.received_at is not None
    assert clicks.columns.event_name.value == "clicked"
    assert clicks.columns.event_time.format == "epoch_ms"
    assert clicks.columns.received_at.timezone == "America/Lima"
    assert clicks.properties == ("price", "cart id")
    assert clicks.event_id_space == "app"
    assert (rest.csv_delimiter, rest.properties) == ("\t", None)
    assert product.identity.anonymous_window == timedelta(0)
    assert product.identity.ignore_ids == ("null", "007")
    assert product.features["search"].events == ("searched", "on", "no")
    assert product.checks["rejected_share"].limit == pytest.approx(0.05)
    assert product.checks["volume"].limit == 3


def test_yaml_words_are_text_unless_they_are_true_or_false(load) -> None:
    product = load(MINIMAL.replace("user_id: uid", "user_id: on\n      country: no"))
    columns = product.sources[0].columns
    assert columns is not None and columns.user_id is not None and columns.country is not None
    assert (columns.user_id.column, columns.country.column) == ("on", "no")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1 second", 1),
        ("90 seconds", 90),
        ("30 minutes", 1800),
        ("1 hour", 3600),
        ("2 weeks", 1209600),
    ],
)
def test_durations(load, written: str, seconds: int) -> None:
    product = load(MINIMAL.replace("name: Larder", f"name: L\n  session_timeout: {written}"))
    assert product.product.session_timeout == timedelta(seconds=seconds)


def test_a_date_and_a_byte_order_mark(load) -> None:
    product = load("\ufeff" + MINIMAL.replace("Larder", "L\n  earliest_event: 2019-06-01"))
    assert product.product.earliest_event == date(2019, 6, 1)


def with_settings(*lines: str) -> str:
    return MINIMAL.replace(
        "  name: Larder\n", "  name: Larder\n" + "".join(f"  {line}\n" for line in lines)
    )


def with_source(old: str, new: str) -> str:
    assert old in MINIMAL
    return MINIMAL.replace(old, new)


CASES = {
    # unknown and missing keys
    "unknown section": (
        MINIMAL + f"sauces: []  {HERE}\n",
        "sauces",
        "unknown key, did you mean 'sources'?",
    ),
    "unknown key": (
        with_source("format: csv", f"formt: csv {HERE}"),
        "sources[0].formt",
        "unknown key, did you mean 'format'?",
    ),
    "unknown key, nothing close": (
        with_settings(f"zzzz: 1 {HERE}"),
        "product.zzzz",
        "unknown key; expected name, vision, timezone, ",
    ),
    "unknown column key": (
        with_source("event_time: ts", f"event_time: {{column: ts, zone: UTC}} {HERE}"),
        "sources[0].columns.event_time.zone",
        "unknown key, did you mean 'timezone'?",
    ),
    "missing key": (
        with_source("  - name: app\n    path: app/*.csv\n", f"  - name: app {HERE}\n"),
        "sources[0].path",
        "this key is required, but not there",
    ),
    "missing section": (
        f"product: {{name: x}} {HERE}\n",
        "sources",
        "this key is required, but not there",
    ),
    "empty key": (
        with_settings(f"vision: {HERE}"),
        "product.vision",
        "nothing stands after this key; give a value or remove the key",
    ),
    "no sources": (
        f"product: {{name: x}}\nsources: [] {HERE}\n",
        "sources",
        "expected at least 1 entry, got 0",
    ),
    # types
    "number for text": (
        with_source("user_id: uid", f"user_id: 5 {HERE}"),
        "sources[0].columns.user_id",
        "expected text, got 5 (write it in quotes)",
    ),
    "truth for text": (
        with_source("name: Larder", f"name: true {HERE}"),
        "product.name",
        "expected text, got true (write it in quotes)",
    ),
    "blank text": (
        with_source("name: Larder", f"name: ' ' {HERE}"),
        "product.name",
        "expected text, got an empty one",
    ),
    "list for mapping": (
        MINIMAL + f"identity: [1] {HERE}\n",
        "identity",
        "expected a mapping (key: value), got a list",
    ),
    "text for mapping": (
        MINIMAL + f"features: search {HERE}\n",
        "features",
        "expected a mapping (key: value), got 'search'",
    ),
    "text for list": (
        MINIMAL + f"exclude: properties.bot {HERE}\n",
        "exclude",
        "expected a list, got 'properties.bot'",
    ),
    "item in a list": (
        MINIMAL + f"identity:\n  ignore_ids:\n    - a\n    - 7 {HERE}\n",
        "identity.ignore_ids[1]",
        "expected text, got 7 (write it in quotes)",
    ),
    "null in a list": (
        MINIMAL + f"identity: {{ignore_ids: [null]}} {HERE}\n",
        "identity.ignore_ids[0]",
        "expected text, got nothing",
    ),
    "whole number": (
        MINIMAL + f"identity: {{max_links: 2.5}} {HERE}\n",
        "identity.max_links",
        "expected a whole number, got 2.5",
    ),
    "number too small": (
        MINIMAL + f"identity: {{max_links: 0}} {HERE}\n",
        "identity.max_links",
        "expected at least 1, got 0",
    ),
    # values
    "duration": (
        with_settings(f"session_timeout: abc {HERE}"),
        "product.session_timeout",
        "expected a duration such as '30 minutes' or '7 days', got 'abc'",
    ),
    "duration without unit": (
        with_settings(f"session_timeout: 30 {HERE}"),
        "product.session_timeout",
        "expected a duration such as '30 minutes' or '7 days', got 30",
    ),
    "duration of nothing": (
        with_settings(f"session_timeout: 0 {HERE}"),
        "product.session_timeout",
        "expected a duration longer than 0, got 0",
    ),
    "duration too long": (
        MINIMAL + f"identity: {{anonymous_window: 999999 days}} {HERE}\n",
        "identity.anonymous_window",
        "(longer than 100 years)",
    ),
    "zone": (
        with_settings(f"timezone: Europe/Berln {HERE}"),
        "product.timezone",
        "got 'Europe/Berln', did you mean 'Europe/Berlin'?",
    ),
    "zone as a path": (
        with_settings(f"timezone: ../etc/passwd {HERE}"),
        "product.timezone",
        "expected an IANA time zone",
    ),
    "zone of a column": (
        with_source("event_time: ts", f"event_time: {{column: ts, timezone: Mars/One}} {HERE}"),
        "sources[0].columns.event_time.timezone",
        "expected an IANA time zone",
    ),
    "choice": (
        with_settings(f"week_starts_on: sundy {HERE}"),
        "product.week_starts_on",
        "expected monday or sunday, got 'sundy', did you mean 'sunday'?",
    ),
    "format": (
        with_source("format: csv", f"format: cvs {HERE}"),
        "sources[0].format",
        "got 'cvs', did you mean 'csv'?",
    ),
    "date": (
        with_settings(f"earliest_event: 2026-02-30 {HERE}"),
        "product.earliest_event",
        "expected a date such as 2026-01-31, got '2026-02-30'",
    ),
    "date as number": (
        with_settings(f"earliest_event: 2026 {HERE}"),
        "product.earliest_event",
        "expected a date such as 2026-01-31, got 2026",
    ),
    "active events": (
        with_settings(f"active_events: all {HERE}"),
        "product.active_events",
        "expected any or a list of event names, got 'all'",
    ),
    "active event twice": (
        with_settings(f"active_events: [a, a] {HERE}"),
        "product.active_events",
        "'a' is listed twice",
    ),
    "time format": (
        with_source("event_time: ts", f"event_time: {{column: ts, format: epch_ms}} {HERE}"),
        "sources[0].columns.event_time.format",
        "or a pattern such as '%d/%m/%Y %H:%M', got 'epch_ms', did you mean 'epoch_ms'?",
    ),
    "time pattern": (
        with_source("event_time: ts", f"event_time: {{column: ts, format: '%Y-%Q'}} {HERE}"),
        "sources[0].columns.event_time.format",
        "unknown part '%Q' in the time pattern '%Y-%Q'",
    ),
    "zone of an epoch": (
        with_source(
            "event_time: ts", f"event_time: {{column: ts, format: epoch_s, timezone: UTC}} {HERE}"
        ),
        "sources[0].columns.event_time",
        "timezone is only for times that are written without a zone",
    ),
    "column and value": (
        with_source("user_id: uid", f"user_id: {{column: a, value: b}} {HERE}"),
        "sources[0].columns.user_id",
        "expected exactly one of column or value",
    ),
    "constant time": (
        with_source("event_time: ts", f"event_time: {{column: ts, value: now}} {HERE}"),
        "sources[0].columns.event_time.value",
        "unknown key",
    ),
    "nobody": (
        with_source("    columns:\n      user_id: uid\n", f"    columns: {HERE}\n"),
        "sources[0].columns",
        "expected user_id or device_id",
    ),
    "columns missing": (
        f"product: {{name: x}}\nsources:\n  - {{name: a, path: b, format: csv}} {HERE}\n",
        "sources[0]",
        "format csv needs columns",
    ),
    "delimiter": (
        with_source("format: csv", f"format: csv\n    delimiter: ab {HERE}"),
        "sources[0].delimiter",
        "expected one character such as ',' or ';', got 'ab'",
    ),
    "delimiter of jsonl": (
        with_source("  - name: app\n", f"  - name: app {HERE}\n").replace(
            "format: csv", "format: jsonl\n    delimiter: ';'"
        ),
        "sources[0]",
        "delimiter is only for csv",
    ),
    "path outside": (
        with_source("path: app/*.csv", f"path: ../app/*.csv {HERE}"),
        "sources[0].path",
        "expected a pattern below landing/",
    ),
    "path absolute": (
        with_source("path: app/*.csv", f"path: /etc/* {HERE}"),
        "sources[0].path",
        "expected a pattern below landing/",
    ),
    "properties": (
        with_source("format: csv", f"format: csv\n    properties: all {HERE}"),
        "sources[0].properties",
        "expected \"*\" or a list of columns, got 'all'",
    ),
    "limit": (
        MINIMAL + f"checks: {{volume: {{limit: much}}}} {HERE}\n",
        "checks.volume.limit",
        "expected a number or a percent such as 5%, got 'much'",
    ),
    "limit below 0": (
        MINIMAL + f"checks: {{volume: {{limit: -5%}}}} {HERE}\n",
        "checks.volume.limit",
        "expected a limit of at least 0, got '-5%'",
    ),
    "limit not finite": (
        MINIMAL + f"checks: {{volume: {{limit: .inf}}}} {HERE}\n",
        "checks.volume.limit",
        "expected a number or a percent",
    ),
    "severity": (
        MINIMAL + f"checks: {{volume: {{severity: eror}}}} {HERE}\n",
        "checks.volume.severity",
        "expected warn or error, got 'eror', did you mean 'error'?",
    ),
    # names and references
    "source name": (
        with_source("- name: app", f"- name: My App {HERE}"),
        "sources[0].name",
        "expected a name of lower-case letters, digits, _ and -, beginning with a letter",
    ),
    "feature name": (
        MINIMAL + f"features: {{Search: {{events: [a]}}}} {HERE}\n",
        "features.Search",
        "expected a name of lower-case letters, digits and _",
    ),
    "feature without events": (
        MINIMAL + f"features: {{search: {{events: []}}}} {HERE}\n",
        "features.search.events",
        "expected at least 1 entry, got 0",
    ),
    "feature event twice": (
        MINIMAL + f"features: {{search: {{events: [a, a]}}}} {HERE}\n",
        "features.search.events",
        "'a' is listed twice",
    ),
    "ignored id twice": (
        MINIMAL + f"identity: {{ignore_ids: [a, a]}} {HERE}\n",
        "identity.ignore_ids",
        "'a' is listed twice",
    ),
    "unknown check": (
        MINIMAL + f"checks: {{rejected_shar: {{limit: 1}}}} {HERE}\n",
        "checks.rejected_shar",
        "unknown check 'rejected_shar', did you mean 'rejected_share'?",
    ),
    "segment twice": (
        with_settings(f"segments: [platform, properties.platform] {HERE}"),
        "product.segments",
        "two segments are named 'platform'",
    ),
    "segment named like the total": (
        with_settings(f"segments: [properties.all] {HERE}"),
        "product.segments[0]",
        "a segment cannot be named 'all'",
    ),
    "segment of a time": (
        with_settings(f"segments: [event_at] {HERE}"),
        "product.segments[0]",
        "expected a text column, properties.<name> or cohorts.<name>",
    ),
    "segment by expression": (
        with_settings(f"segments: [lower(platform)] {HERE}"),
        "product.segments[0]",
        "expected a text column, properties.<name> or cohorts.<name>",
    ),
    "segment unknown": (
        with_settings(f"segments: [platfrm] {HERE}"),
        "product.segments[0]",
        "unknown column 'platfrm', did you mean 'platform'?",
    ),
    "exclude": (
        MINIMAL + f"exclude:\n  - \"country = 'NO'\"\n  - plan = 'a' {HERE}\n",
        "exclude[1]",
        "unknown column 'plan'",
    ),
    "exclude is no condition": (
        MINIMAL + f"exclude: [platform] {HERE}\n",
        "exclude[0]",
        "expected true or false, but platform is text",
    ),
    # YAML itself
    "duplicate key": (
        with_settings(f"name: Other {HERE}"),
        "product.name",
        "this key is there twice; the first stands on line 2",
    ),
    "alias": (
        with_settings("vision: &x hello", f"timezone: *x {HERE}"),
        "",
        "aliases such as *x are not allowed",
    ),
    "tag": (
        with_source("name: Larder", f"name: !!python/object/apply:os.system ['true'] {HERE}"),
        "product.name",
        "the tag !!python/object/apply:os.system is not allowed",
    ),
    "merge key": (with_settings(f"<<: {{vision: x}} {HERE}"), "product.<<", "unknown key"),
    "tab": (f"product:\n\tname: x {HERE}\n", "", "a tab is not allowed as indentation; use spaces"),
    "colon": (with_settings(f"vision: one: two {HERE}"), "", "not valid YAML: a ':' too many"),
    "quote": (f"product:\n  name: 'x\n{HERE}", "", "not valid YAML: a quote is not closed"),
    "second document": (MINIMAL + f"--- {HERE}\na: 1\n", "", "a second document begins here"),
    "control character": (
        with_source("name: Larder", f"name: a\x01b {HERE}"),
        "",
        "the character U+0001 is not allowed",
    ),
    "deep": (f"a: {'[' * 60}{']' * 60} {HERE}\n", "", "nested more than 50 deep"),
    "list at the top": (
        f"- a {HERE}\n",
        "",
        "expected keys with values; it begins with product: and sources:",
    ),
    "empty file": ("", "", "the file is empty; it begins with product: and sources:"),
    "comment only": (
        "# nothing yet\n",
        "",
        "the file is empty; it begins with product: and sources:",
    ),
}


@pytest.mark.parametrize(("text", "key", "message"), CASES.values(), ids=CASES.keys())
def test_one_fault(faults_of, text: str, key: str, message: str) -> None:
    lines = text.split("\n")
    line = next((n for n, content in enumerate(lines, 1) if HERE in content), 1)
    faults = faults_of(text, {"rejected_share", "volume"})
    assert [(fault.line, fault.key) for fault in faults] == [(line, key)], faults
    assert message in faults[0].message
    assert str(faults[0]).startswith(f"product.yml:{line}: {key}")


def test_two_sources_of_one_name_are_both_named(faults_of) -> None:
    text = MINIMAL + MINIMAL[MINIMAL.index("  - name: app") :]
    faults = faults_of(text)
    assert [(fault.line, fault.key, fault.message) for fault in faults] == [
        (4, "sources[0].name", "2 sources are named 'app'"),
        (11, "sources[1].name", "2 sources are named 'app'"),
    ]


def test_all_faults_at_once_by_line(faults_of) -> None:
    text = """\
product:
  nam: X
  timezone: Europe/Berln
sources:
  - name: a
    path: b
    format: cvs
exclude: [getenv('HOME')]
identity: {max_links: none}
funnels: {f: {window: soon}}
"""
    faults = faults_of(text)
    assert [(fault.line, fault.key) for fault in faults] == [
        (2, "product.nam"),
        (3, "product.timezone"),
        (7, "sources[0].format"),
        (8, "exclude[0]"),
        (9, "identity.max_links"),
        (10, "funnels.f.steps"),
        (10, "funnels.f.window"),
    ]


def test_not_utf8_names_the_line(faults_of) -> None:
    faults = faults_of(b"product:\n  name: caf\xe9\n")
    assert [(fault.line, fault.message) for fault in faults] == [
        (2, "not UTF-8 text; save the file as UTF-8")
    ]


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "product.yml", "there is no such file"),
        (tmp_path, "cannot be read: Is a directory"),
    ):
        with pytest.raises(ProductFileError, match=message) as refused:
            load_product(path)
        assert refused.value.faults[0].line == 0


def test_faults_are_distinct_and_sorted() -> None:
    second, first = Fault(9, "b", "x"), Fault(2, "a", "y")
    error = ProductFileError([second, first, second])
    assert error.faults == [first, second]
    assert str(error) == "product.yml:2: a: y\nproduct.yml:9: b: x"
