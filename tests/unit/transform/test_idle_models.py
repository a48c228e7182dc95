"""Models are left out of a run only when they have nothing to do: none defined, nothing left."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from pm_pipeline.home import Home
from pm_pipeline.product.definitions.registry import FAMILIES
from pm_pipeline.transform.idle_models import idle_models
from pm_pipeline.transform.project import MANIFEST, parents_first, parsed_project

ALL_KINDS = set(FAMILIES)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parsed_project(Home(tmp_path_factory.mktemp("parsed"))) / MANIFEST


@pytest.fixture
def database(manifest: Path, tmp_path: Path) -> Path:
    """The tables of all models with a tag, without a row."""
    path = tmp_path / "working.duckdb"
    with duckdb.connect(str(path)) as connection:
        for node in json.loads(manifest.read_text())["nodes"].values():
            if node.get("tags") and node["config"]["materialized"] != "view":
                connection.execute(f"create schema if not exists {node['schema']}")
                connection.execute(f"create table {node['schema']}.{node['name']} (day date)")
    return path


def test_a_tag_is_a_kind_of_definition(manifest: Path) -> None:
    nodes = json.loads(manifest.read_text())["nodes"].values()
    tags = {tag for node in nodes for tag in node["tags"]}
    assert {"attribution", "funnel", "path", "retention"} <= tags <= ALL_KINDS


def test_all_models_of_a_kind_without_definitions_are_left_out(
    manifest: Path, database: Path
) -> None:
    idle = idle_models(manifest, database, ALL_KINDS - {"path"})
    assert idle == {
        "model.pm_pipeline.int_path_edges": "path",
        "model.pm_pipeline.path_edges": "path",
    }


def test_nothing_is_left_out_that_is_defined(manifest: Path, database: Path) -> None:
    assert idle_models(manifest, database, ALL_KINDS) == {}


def test_rows_of_what_is_no_longer_defined_are_taken_away(manifest: Path, database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("insert into intermediate.int_path_edges values ('2026-10-01')")
    assert idle_models(manifest, database, ALL_KINDS - {"path"}) == {}


def test_tables_that_are_not_there_are_made(manifest: Path, database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop table engagement.path_edges")
    assert idle_models(manifest, database, ALL_KINDS - {"path"}) == {}


def test_a_model_comes_after_all_that_it_depends_on(manifest: Path) -> None:
    order = {key: place for place, key in enumerate(parents_first(manifest))}
    nodes = json.loads(manifest.read_text())["nodes"]
    assert len(order) >= len(nodes)
    for key, node in nodes.items():
        assert all(order[parent] < order[key] for parent in node["depends_on"]["nodes"])
