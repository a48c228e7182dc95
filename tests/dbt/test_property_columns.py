"""What definitions read of `properties` is a column of the lake; older files answer from JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from compiled_models import build
from test_unit_tests import run_dbt

from pm_pipeline.home import Home
from pm_pipeline.ingest import ingest, ingest_rules
from pm_pipeline.product import Product, load_product, property_columns
from pm_pipeline.transform.run_window import RunWindow, prepare_database
from tests.conftest import age

BEFORE = """\
product: {name: Columns}
sources:
  - name: app
    path: "*.jsonl"
    format: jsonl
    columns: {user_id: user, event_name: name, event_time: {column: at, format: iso8601},
              event_id: id}
    properties: "*"
"""
ODD = "it's a/b~;\nb"
AFTER = BEFORE.replace(
    "name: Columns",
    "name: Columns, segments: [properties.plan, properties.Plan, "
    + json.dumps(f'properties."{ODD}"')
    + "]",
)
LOWER = BEFORE.replace("name: Columns", "name: Columns, segments: [properties.plan]")
READ_BELOW = ("stg_events", "int_events_identified", "int_events_segmented")
PROPERTIES: list[dict[str, object]] = [
    {"plan": "paid", "Plan": "upper", ODD: 1.50},
    {"plan": None, "Plan": ""},
    {"plan": {"name": "it's"}, ODD: [1, "two"]},
    {},
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose first file came before any definition read a property, the others after."""
    home = Home(tmp_path_factory.mktemp("columns"))
    home.landing.mkdir()
    for name, text in (("before", BEFORE), ("lower", LOWER), ("after", AFTER)):
        product = _write(home, text)
        lines = [
            json.dumps({"user": "u", "name": "seen", "at": "2026-03-01T10:00:00Z",
                        "id": f"{name}-{number}", **properties})
            for number, properties in enumerate(PROPERTIES)
        ]  # fmt: skip
        path = home.landing / f"{name}.jsonl"
        path.write_text("\n".join(lines), encoding="utf-8")
        age(path)
        ingest(home, ingest_rules(product), now=datetime(2026, 3, 2, tzinfo=UTC))
    window = RunWindow(
        run_id="run",
        database=home.working_database,
        as_of=datetime(2026, 3, 2, tzinfo=UTC),
        lake_restate_from=date(1, 1, 1),
        carried_restate_from=None,
        is_scratch=False,
        is_rebuild=True,
    )
    prepare_database(home, product, window)
    done = run_dbt(home, "compile", "--select", *READ_BELOW, "int_combination_segments")
    assert done.returncode == 0, done.stdout
    return home


def _write(home: Home, text: str) -> Product:
    home.product_file.write_text(text, encoding="utf-8")
    return load_product(home.product_file)


def test_a_property_gets_a_column_once_a_definition_reads_it(home: Home) -> None:
    product = load_product(home.product_file)
    # Plan and plan cannot be columns of one table.
    assert list(property_columns(product)) == ["properties.Plan", f"properties.{ODD}"]
    files = sorted((home.lake / "events").rglob("*.parquet"))
    kept = [
        [name for name, *_ in duckdb.read_parquet(str(file)).description if "." in name]
        for file in files
    ]
    assert sorted(kept) == [[], ["properties.Plan", f"properties.{ODD}"], ["properties.plan"]]


def test_a_document_of_definitions_holds_no_columns(tmp_path: Path) -> None:
    """The cohort lies in a table of SQL and in a document, where its letters are escaped."""
    where = json.dumps('properties."\u00fcn\u00ef" = 1')
    text = (
        f"{BEFORE}cohorts:\n  few: {{did: {{event: seen, where: {where}, at_least: 1}}}}\n"
        "funnels:\n  see: {steps: [{name: a, event: seen}, {name: b, event: done}], window: 1 day,"
        " segments: [cohorts.few]}\n"
    )
    assert list(property_columns(_write(Home(tmp_path), text))) == ["properties.\u00fcn\u00ef"]


def test_a_segment_may_have_any_name(home: Home) -> None:
    """Each of three segments and the total is named by a literal that can be read."""
    (compiled,) = (home.dbt / "compiled").rglob("models/**/int_combination_segments.sql")
    (statement,) = duckdb.extract_statements(compiled.read_text(encoding="utf-8"))
    assert ODD.replace("'", "''") in statement.query


def test_every_file_gives_the_same_values(home: Home) -> None:
    with duckdb.connect(str(home.working_database)) as connection:
        connection.execute("create schema staging; create schema intermediate")
        connection.execute(
            "create table intermediate.int_identities (device_id varchar, user_id varchar,"
            " valid_from timestamp, valid_to timestamp, is_quarantined boolean)"
        )
        build(home, connection, READ_BELOW)
        rows = connection.execute(
            "select source_event_id, segment_1, segment_2, segment_3"
            " from intermediate.int_events_segmented order by source_event_id"
        ).fetchall()
    expected = [
        ("paid", "upper", "1.5"),
        ("(none)", "", "(none)"),
        ('{"name":"it\'s"}', "(none)", '[1,"two"]'),
        ("(none)", "(none)", "(none)"),
    ]
    assert rows == [
        (f"{name}-{number}", *values)
        for name in ("after", "before", "lower")
        for number, values in enumerate(expected)
    ]
