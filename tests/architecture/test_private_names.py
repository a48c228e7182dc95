"""Private names of other packages that we lean on: an upgrade that drops one fails here first."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from pm_pipeline.checks.great_expectations_adapter import load_great_expectations


def test_dbt_reads_its_parsed_project() -> None:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    assert "decoder" in inspect.signature(Manifest.from_msgpack).parameters
    assert callable(extended_mashumuro_decoder)
    assert callable(Manifest.build_flat_graph)


def test_dbt_can_let_go_of_its_database() -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    assert callable(DuckDBConnectionManager.close_all_connections)
    DuckDBConnectionManager.close_all_connections()  # also when it holds none


def test_dbt_runs_on_a_manifest_and_tells_of_nodes() -> None:
    from dbt.cli.main import dbtRunner
    from dbt.events.types import NodeFinished

    assert {"manifest", "callbacks"} <= set(inspect.signature(dbtRunner).parameters)
    assert NodeFinished.__name__ == "NodeFinished"


def test_dbt_leaves_its_results_to_be_written() -> None:
    from dbt.artifacts.schemas.run import RunExecutionResult

    assert list(inspect.signature(RunExecutionResult.write).parameters) == ["self", "path"]


def test_great_expectations_keeps_duckdb_connections() -> None:
    load_great_expectations()
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    kept = [dialect for dialect in engine._PERSISTED_CONNECTION_DIALECTS if dialect == "duckdb"]
    assert [dialect.value for dialect in kept] == ["duckdb"]


def test_great_expectations_without_its_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    monkeypatch.delattr(engine, "_PERSISTED_CONNECTION_DIALECTS")
    with pytest.raises(RuntimeError, match="_PERSISTED_CONNECTION_DIALECTS"):
        load_great_expectations()


def test_dagster_dbt_translator_and_decorator(tmp_path: Path) -> None:
    from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

    for name in ("get_asset_key", "get_group_name", "get_description"):
        assert list(inspect.signature(getattr(DagsterDbtTranslator, name)).parameters) == [
            "self", "dbt_resource_props",
        ]  # fmt: skip
    assert DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
    assert {"manifest", "dagster_dbt_translator", "exclude", "name"} <= set(
        inspect.signature(dbt_assets).parameters
    )
