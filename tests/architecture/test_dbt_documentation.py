"""The dbt project's shape: everything described, names by the rules, data moving one way.

Belongs here: what dbt's manifest and the files of the models show. Does not belong here: what the
models compute (``tests/dbt``).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pm_pipeline.home import Home
from pm_pipeline.transform.project import PROJECT_DIRECTORY, parsed_project

ROOMS = ("staging", "intermediate", "marts")
PREFIXES = {"staging": r"stg(_[a-z]+)+", "intermediate": r"int(_[a-z]+)+"}
# The published view depends on staging only so that it is built after the lake is known.
MAY_REF_STAGING = {"events"}
Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = Home(tmp_path_factory.mktemp("parsed"))
    return json.loads((parsed_project(home) / "manifest.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> dict[str, Node]:
    nodes = manifest["nodes"].values()
    found = {node["unique_id"]: node for node in nodes if node["resource_type"] == "model"}
    assert len(found) >= 25
    return found


def room(model: Node) -> str:
    """Return the room of a model: the first folder of its path."""
    return Path(model["path"]).parts[0]


def test_every_model_is_described_and_owned(models: dict[str, Node]) -> None:
    undescribed = {node["name"] for node in models.values() if len(node["description"]) < 20}
    assert not undescribed
    unowned = {
        node["name"]
        for node in models.values()
        if not node["config"]["meta"].get("dagster", {}).get("owners")
    }
    assert not unowned


def test_every_declared_column_is_described(models: dict[str, Node]) -> None:
    undescribed = [
        f"{node['name']}.{name}"
        for node in models.values()
        for name, column in node["columns"].items()
        if len(column["description"].strip()) < 5
    ]
    assert not undescribed


def test_every_mart_has_an_enforced_contract_with_typed_columns(models: dict[str, Node]) -> None:
    # With the contract, dbt itself refuses a column that is not declared, so all are described.
    for node in models.values():
        if room(node) == "marts":
            assert node["config"]["contract"]["enforced"], node["name"]
            assert node["columns"], node["name"]
            assert all(column["data_type"] for column in node["columns"].values()), node["name"]


def test_data_moves_one_way(models: dict[str, Node]) -> None:
    for node in models.values():
        own = ROOMS.index(room(node))
        for parent_id in node["depends_on"]["nodes"]:
            parent = models.get(parent_id)
            if parent is None:
                assert parent_id.startswith("source."), parent_id
                continue
            assert ROOMS.index(room(parent)) <= own, f"{node['name']} reads {parent['name']}"


def test_marts_read_events_through_intermediate(models: dict[str, Node]) -> None:
    readers = {
        node["name"]
        for node in models.values()
        if room(node) == "marts"
        and any(parent.endswith(".stg_events") for parent in node["depends_on"]["nodes"])
    }
    assert readers <= MAY_REF_STAGING


def test_only_staging_and_quality_read_the_state(models: dict[str, Node]) -> None:
    for node in models.values():
        parents = node["depends_on"]["nodes"]
        if any(parent.startswith("source.") for parent in parents):
            may = room(node) == "staging" or node["schema"] == "quality"
            assert may or node["name"] in MAY_REF_STAGING, node["name"]


def test_names_follow_the_rooms(models: dict[str, Node]) -> None:
    for node in models.values():
        pattern = PREFIXES.get(room(node), r"(?!stg_|int_)[a-z]+(_[a-z]+)*")
        assert re.fullmatch(pattern, node["name"]), node["name"]


def test_schema_and_table_are_folder_and_file(models: dict[str, Node]) -> None:
    for node in models.values():
        # Marts lie in the folder of their family; the models of other rooms may lie in folders too.
        file = Path(node["path"])
        schema = file.parent.name if room(node) == "marts" else room(node)
        assert (node["schema"], node["alias"]) == (schema, file.stem)


def test_no_alias_of_one_letter() -> None:
    alias = re.compile(r"\bas ([a-z])\b|(?:\bfrom|\bjoin) [\w.]+ ([a-z])\b")
    for file in sql_files():
        found = alias.findall(without_comments(file.read_text()))
        assert not found, f"{file.name}: {found}"


def test_the_search_for_aliases_finds_one() -> None:
    # The linter knows too (aliasing.length); a macro's SQL it does not see.
    alias = re.compile(r"\bas ([a-z])\b|(?:\bfrom|\bjoin) [\w.]+ ([a-z])\b")
    assert alias.findall("select e.user_id from events e")
    assert alias.findall("select e.user_id from events as e")


def test_every_dated_model_declares_what_it_sees(models: dict[str, Node]) -> None:
    for node in models.values():
        config = node["config"]
        if config["materialized"] == "incremental":
            if config["incremental_strategy"] == "replace_from":
                assert config["sees_until"], node["name"]
            else:
                # Rows without a date are compact state, merged for the keys touched.
                assert config["unique_key"], node["name"]


def test_every_sees_until_is_sql(models: dict[str, Node]) -> None:
    columns = (
        "event_date", "first_date", "activity_date", "session_date", "period_start", "state_date",
        "as_of_date", "sees_until", "changed_on", "start_date", "return_date", "week_start",
        "entry_date",
    )  # fmt: skip
    source = ", ".join(f"date '2026-01-01' as {column}" for column in columns)
    row = f"(select {source}, 'week' as interval, '2' as features_key)"
    for node in models.values():
        rule = node["config"].get("sees_until")
        if rule:
            rendered = re.sub(r"\{\{.*?\}\}", "2", rule)
            with duckdb.connect() as connection:
                answer = connection.execute(f"select {rendered} >= date '2026-01-01' from {row}")
                assert answer.fetchone() == (True,), node["name"]


def test_every_dated_model_knows_the_run_window(models: dict[str, Node]) -> None:
    """Its incremental strategy asks for the window, which dbt allows only of what is named."""
    forgotten = [
        node["name"]
        for node in models.values()
        if node["config"].get("sees_until")
        and node["config"].get("restate", "events") == "events"
        and "model.pm_pipeline.int_run_window" not in node["depends_on"]["nodes"]
    ]
    assert forgotten == [], "call restate_from() in the model"


def sql_files() -> list[Path]:
    """Return the SQL of models, macros and tests."""
    return [
        file
        for folder in ("models", "macros", "tests")
        for file in sorted((PROJECT_DIRECTORY / folder).rglob("*.sql"))
    ]


def without_comments(sql: str) -> str:
    """Return ``sql`` without comments of Jinja and of SQL."""
    return re.sub(r"--.*", "", re.sub(r"\{#.*?#\}", "", sql, flags=re.S))
