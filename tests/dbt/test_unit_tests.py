"""The dbt unit tests: the worked examples of the definitions, run by one command.

Belongs here: the tiny home that gives dbt the parents' column types, and that no model with a rule
goes without a test. Does not belong here: the examples, which lie beside the models.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import duckdb
import pytest

from pm_pipeline.home import Home
from pm_pipeline.product import Product, definition_tables
from pm_pipeline.state import open_state
from pm_pipeline.transform.project import PROJECT_DIRECTORY, dbt_environment

MODELS = PROJECT_DIRECTORY / "models"
AT_LEAST = 65

# What makes a model one with a window, case or date rule.
RULES = re.compile(
    r"\bover\b|\bcase\b|\blag\(|\blead\(|row_number\(|date_trunc|product_date\(|period_start\("
    r"|last_date\(|as_of\(|events_since\(|restate_from\(|arg_min\(|arg_max\(|asof\b|interval \d"
    r"|is_incremental\("
)
# Models that only hand a macro on: the macro holds the rule.
RULES_IN_MACROS = {"stg_events", "int_events_identified", "int_events_segmented"}

# One segment, as the fixtures of the examples have, three funnels, of which an experiment follows
# one, and no other named definition: those families are empty.
STEPS = [{"name": name.lower(), "event": name} for name in "ABC"]
PRODUCT = Product.model_validate(
    {
        "product": {"name": "Tiny", "segments": ["platform"]},
        "sources": [
            {
                "name": "none", "path": "*.csv", "format": "csv",
                "columns": {"user_id": "u", "event_name": "e", "event_time": "t"},
            }
        ],
        "funnels": {
            "tiny": {"steps": STEPS, "window": "1 hour", "exclude": [{"event": "X"}]},
            "sets": {"steps": STEPS, "window": "1 hour", "order": "unordered"},
            "strict": {"steps": STEPS, "window": "1 hour", "order": "strict"},
        },
        "metrics": {"came": {"funnel": "tiny", "step": "b"}},
        "experiments": {
            "short": {
                "exposure": {"event": "shown", "variant": "app_version"},
                "variants": {"control": 0.5, "short": 0.5},
                "start": "2026-01-05",
                "metric_window": "1 day",
                "metrics": {"primary": ["came"]},
            }
        },
    }
)  # fmt: skip
RUN = """
    create table definitions.windows (kind varchar, name varchar, is_changed boolean);
    create table definitions.property_columns (expression varchar, column_name varchar);
    create table definitions.run as select
        'tiny' as run_id, timestamp '2026-01-01' as as_of, date '0001-01-01' as lake_restate_from,
        null::date as carried_restate_from, '' as lake_directory;
"""


def write_definitions(connection: duckdb.DuckDBPyConnection, product: Product) -> None:
    """Write schema ``definitions`` of a product whose run has no event before it."""
    connection.execute("create schema definitions")
    for name, table in definition_tables(product).items():
        columns = ", ".join(f'"{column}" {kind}' for column, kind in table.columns)
        connection.execute(f"create table definitions.{name} ({columns})")
        marks = ", ".join("?" for _ in table.columns)
        for row in table.rows:
            connection.execute(f"insert into definitions.{name} values ({marks})", list(row))
    connection.execute(RUN)


@dataclass(frozen=True)
class UnitTestRun:
    """What one ``dbt test --select test_type:unit`` gave."""

    output: str
    statuses: dict[str, str]
    tested_models: set[str]
    built_columns: set[tuple[str, str]]
    declared_columns: set[tuple[str, str]]


def run_dbt(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real dbt on ``home``."""
    command = [sys.executable, "-m", "dbt.cli.main", *arguments]
    command += ["--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(PROJECT_DIRECTORY)]
    command += ["--target-path", str(home.dbt), "--log-path", str(home.dbt)]
    return subprocess.run(
        command,
        env=os.environ | dbt_environment(home, home.working_database),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def unit_tests(tmp_path_factory: pytest.TempPathFactory) -> UnitTestRun:
    home = Home(tmp_path_factory.mktemp("tiny"))
    home.warehouse.mkdir()
    with open_state(home):
        pass
    with duckdb.connect(str(home.working_database)) as connection:
        write_definitions(connection, PRODUCT)
    built = run_dbt(home, "run")
    assert built.returncode == 0, built.stdout
    tested = run_dbt(home, "test", "--select", "test_type:unit")
    results = json.loads((home.dbt / "run_results.json").read_text())["results"]
    manifest = json.loads((home.dbt / "manifest.json").read_text())
    definitions = manifest["unit_tests"]
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    names = {node["name"] for node in models}
    with duckdb.connect(str(home.working_database)) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where not internal and schema_name != 'definitions'"
        ).fetchall()
    return UnitTestRun(
        tested.stdout + tested.stderr,
        {result["unique_id"]: result["status"] for result in results},
        {definitions[result["unique_id"]]["model"] for result in results},
        {(table, column) for table, column in columns if table in names},
        {(node["name"], column) for node in models for column in node["columns"]},
    )


def models_with_a_rule() -> set[str]:
    """Return the models whose SQL holds a window, a case, a date rule or an incremental branch."""
    return RULES_IN_MACROS | {
        file.stem for file in MODELS.rglob("*.sql") if RULES.search(file.read_text())
    }


def test_every_dbt_unit_test_passes(unit_tests: UnitTestRun) -> None:
    failed = {name: status for name, status in unit_tests.statuses.items() if status != "pass"}
    assert not failed, unit_tests.output
    assert len(unit_tests.statuses) >= AT_LEAST


def test_every_model_with_a_rule_has_a_unit_test(unit_tests: UnitTestRun) -> None:
    forgotten = models_with_a_rule() - unit_tests.tested_models
    assert not forgotten, f"without a dbt unit test: {sorted(forgotten)}"


def test_every_column_that_a_model_builds_is_declared(unit_tests: UnitTestRun) -> None:
    # Columns of the product's own making: segment_1, segment_2, ... and what a funnel holds.
    own = re.compile(r"segment_\d+|hold_constant_value")
    built, declared = (
        {(table, column) for table, column in columns if not own.fullmatch(column)}
        for columns in (unit_tests.built_columns, unit_tests.declared_columns)
    )
    assert built == declared


def test_the_scan_for_rules_finds_the_models_known_to_have_one() -> None:
    known = {"int_person_sessions", "int_device_days", "active_users", "accounting"}
    assert known <= models_with_a_rule()


def test_unit_tests_lie_beside_their_model() -> None:
    for file in MODELS.rglob("*__unit_tests.yml"):
        model = file.stem.removeprefix("_").removesuffix("__unit_tests")
        assert file.with_name(f"{model}.sql").exists(), file
        assert set(re.findall(r"^    model: (\w+)$", file.read_text(), re.M)) == {model}, file
