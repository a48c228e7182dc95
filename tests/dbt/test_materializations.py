"""How a model becomes a table or a view: in place, whatever had its name, or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pm_pipeline.transform.project import PROJECT_DIRECTORY

PROJECT = """\
name: small
version: "1.0.0"
profile: pm_pipeline
models:
  small: {+materialized: table}
"""
GROWN = """\
models:
  - name: grown
    description: What 'grows'
    config:
      contract: {enforced: true}
      persist_docs: {relation: true, columns: true}
    columns:
      - {name: number, data_type: integer, description: "Which $one$"}
      - {name: name, data_type: varchar}
"""
APPENDED = (
    "{{ config(materialized='incremental', incremental_strategy='append',"
    " on_schema_change='fail') }} "
)
VIEW = "{{ config(materialized='view') }} "
FIRST = {
    "changes": "select 1 as number",
    "stays": VIEW + "select 1 as number",
    "breaks": "select 1 as number",
    "grown": APPENDED + "select 'one' as name, 1 as number",
    "loose": APPENDED.replace("fail", "ignore") + "select 1 as number",
}
SECOND = {
    "changes": VIEW + "select 2 as number",
    "stays": "select 2 as number",
    "breaks": "select error('broken') as number",
    "grown": APPENDED + "select 'two' as name, 2 as number",
    "loose": APPENDED.replace("fail", "ignore") + "select 'new' as more, 2 as number",
}


class Small:
    """A project of dbt with these materializations and models of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.database = folder, folder / "small.duckdb"
        (folder / "models").mkdir(parents=True)
        (folder / "macros").mkdir()
        shutil.copy(PROJECT_DIRECTORY / "macros" / "materializations.sql", folder / "macros")
        (folder / "dbt_project.yml").write_text(PROJECT)
        (folder / "models" / "models.yml").write_text(GROWN)

    def run(self, models: dict[str, str]) -> str:
        for name, sql in models.items():
            (self.folder / "models" / f"{name}.sql").write_text(sql)
        command = [sys.executable, "-m", "dbt.cli.main", "run", "--project-dir", str(self.folder)]
        return subprocess.run(
            [*command, "--profiles-dir", str(PROJECT_DIRECTORY)],
            env=os.environ | {"PM_PIPELINE_WORKING_DATABASE": str(self.database)},
            cwd=self.folder, capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    small = Small(tmp_path_factory.mktemp("small") / "project")
    assert "PASS=5 " in small.run(FIRST)
    second = small.run(SECOND)
    assert "PASS=4 " in second and "broken" in second
    return small


def test_a_table_replaces_a_view_and_a_view_a_table(small: Small) -> None:
    assert small.rows("select * from changes union all select * from stays") == [(2,), (2,)]
    assert small.rows("select view_name from duckdb_views() where not internal") == [("changes",)]


def test_a_model_that_breaks_leaves_what_was_there(small: Small) -> None:
    assert small.rows("select * from breaks") == [(1,)]


def test_new_rows_come_to_those_that_are_there(small: Small) -> None:
    assert small.rows("select * from grown order by number") == [(1, "one"), (2, "two")]
    assert small.rows("select * from loose order by number") == [(1,), (2,)]


def test_comments_are_those_of_the_model(small: Small) -> None:
    assert small.rows(
        "select comment from duckdb_tables() where table_name = 'grown'"
    ) == [("What 'grows'",)]  # fmt: skip
    assert small.rows(
        "select column_name, comment from duckdb_columns() where table_name = 'grown' order by 1"
    ) == [("name", ""), ("number", "Which $one$")]  # fmt: skip


def test_nothing_is_left_under_another_name(small: Small) -> None:
    assert small.rows(
        "select table_name from duckdb_tables() order by 1"
    ) == [("breaks",), ("grown",), ("loose",), ("stays",)]  # fmt: skip


def test_a_contract_stops_other_columns(small: Small) -> None:
    wrong = {"grown": APPENDED + "select 'three' as name, 3.5 as number"}
    assert "contract" in small.run(wrong)
    (small.folder / "models" / "models.yml").write_text(
        GROWN.replace("persist", "#").replace("enforced: true", "enforced: false")
    )
    assert "out of sync" in small.run(wrong)
    assert small.rows("select count(*) from grown") == [(2,)]
