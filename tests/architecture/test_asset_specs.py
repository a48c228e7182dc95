"""What the catalog shows: every asset, check, job, schedule and sensor, against a snapshot.

A change of ``assets.json`` is a change of what people see. It is written anew with
``UPDATE_SNAPSHOTS=1 pytest tests/architecture/test_asset_specs.py``, and read before it is
committed.
"""

from __future__ import annotations

import json
import os
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from pm_pipeline.checks.registry import checks_of
from pm_pipeline.definitions import ANALYSES, CONCLUSIONS, build_definitions, defs
from pm_pipeline.ingest.assets import LAKE_EVENTS
from pm_pipeline.publish.assets import REPORT, WAREHOUSE
from pm_pipeline.resources import RunResource
from pm_pipeline.transform.translator import LAKE_EVENTS as LAKE_SOURCE
from tests.architecture.source_tree import REPOSITORY, relative, repository_files

SNAPSHOT = Path(__file__).with_name("assets.json")
GROUPS = ["ingest", "staging", "intermediate", "marts", "analysis", "publish"]
"""The rooms in the order of the flow."""
TABLES = ("marts", "analysis")
NOT_A_TABLE = {WAREHOUSE, REPORT}
MODELS = REPOSITORY / "dbt_project" / "models"


@cache
def graph() -> dg.AssetGraph:
    return defs.resolve_asset_graph()


@cache
def nodes() -> dict[str, Any]:
    return {key.to_user_string(): graph().get(key) for key in graph().get_all_asset_keys()}


def catalog() -> dict[str, Any]:
    """Everything the snapshot holds."""
    repository = defs.get_repository_def()
    return {
        "assets": {
            key: {
                "group": node.group_name,
                "kinds": sorted(node.kinds),
                "owners": sorted(node.owners),
                "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
                "is_described": bool(node.description),
                "columns": len(columns_of(node)),
            }
            for key, node in sorted(nodes().items())
        },
        "checks": sorted(
            f"{key.asset_key.to_user_string()}:{key.name}" for key in graph().asset_check_keys
        ),
        "jobs": sorted(name for name in repository.job_names if not name.startswith("__")),
        "schedules": {
            schedule.name: [schedule.cron_schedule, schedule.job_name]
            for schedule in repository.schedule_defs
        },
        "sensors": {
            sensor.name: [sensor.sensor_type.value, sensor.job_name]
            for sensor in repository.sensor_defs
        },
    }


def columns_of(node: Any) -> list[Any]:
    schema = node.metadata.get("dagster/column_schema")
    schema = getattr(schema, "value", schema)
    return list(schema.columns) if schema is not None else []


def test_the_catalog_is_the_one_in_the_snapshot() -> None:
    now = json.loads(json.dumps(catalog()))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    then = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert now == then


def test_names_of_the_contract() -> None:
    found = catalog()
    assert found["jobs"] == ["pm_pipeline"]
    assert found["schedules"] == {"daily": ["15 3 * * *", "pm_pipeline"]}
    assert found["sensors"] == {"new_landing_files": ["STANDARD", "pm_pipeline"]}
    assert {asset["group"] for asset in found["assets"].values()} == set(GROUPS)
    assert {key.count("/") for key in found["assets"]} == {1}


def test_a_models_file_name_and_key_agree() -> None:
    """Key = schema/table; a mart's schema is its folder, others' the room; a name is used once."""
    expected = set()
    for file in MODELS.rglob("*.sql"):
        room, *family = file.relative_to(MODELS).parent.parts
        expected.add(f"{family[0] if room == 'marts' else room}/{file.stem}")
    analysed = {key for analysis in [*ANALYSES, *CONCLUSIONS] for key in analysis.keys}
    others = {key.to_user_string() for key in (LAKE_EVENTS, WAREHOUSE, REPORT, *analysed)}
    assert set(nodes()) == expected | others


@pytest.mark.parametrize("what", ["owners", "description", "group_name", "kinds"])
def test_every_asset_has(what: str) -> None:
    assert [key for key, node in sorted(nodes().items()) if not getattr(node, what)] == []


def test_every_table_shows_its_columns_and_their_types() -> None:
    without = [
        key
        for key, node in sorted(nodes().items())
        if node.key not in NOT_A_TABLE and not columns_of(node)
    ]
    assert without == []
    undescribed = [
        f"{key}.{column.name}"
        for key, node in sorted(nodes().items())
        if node.group_name in TABLES
        for column in columns_of(node)
        if not (column.description and column.type)
    ]
    assert undescribed == []


def test_groups_stand_in_the_order_of_the_flow() -> None:
    """The graph draws them from left to right: nothing is made from what stands further right."""

    def place(node: Any) -> int:
        return GROUPS.index(node.group_name)

    backwards = [
        (key, parent.to_user_string())
        for key, node in sorted(nodes().items())
        for parent in node.parent_keys
        if place(nodes()[parent.to_user_string()]) > place(node)
    ]
    assert backwards == []


def test_no_asset_is_a_stub() -> None:
    """A key that is spelled wrong in a dependency would show up as an asset that nobody makes."""
    assert [key for key, node in sorted(nodes().items()) if not node.is_materializable] == []
    assert LAKE_EVENTS == LAKE_SOURCE
    roots = [key for key, node in nodes().items() if not node.parent_keys]
    assert roots == ["lake/events"]


def test_every_table_is_published() -> None:
    tables = {key for key, node in nodes().items() if node.group_name in TABLES}
    assert {parent.to_user_string() for parent in nodes()["published/warehouse"].parent_keys} == (
        tables
    )


def test_every_check_of_the_python_gates_is_in_the_catalog_and_blocks() -> None:
    specs = {key.name: graph().get_check_spec(key) for key in graph().asset_check_keys}
    for gate in ("A", "B", "C"):
        for check in checks_of(gate):  # type: ignore[arg-type]
            assert specs[check.name].blocking, check.name
            assert specs[check.name].description == check.description


def waits_for() -> dict[str, set[str]]:
    """By step of the job: all steps that must have ended before it begins."""
    direct = {
        node.alias or node.name: {
            upstream.node for entry in inputs.values() for upstream in entry.get_node_dependencies()
        }
        for node, inputs in defs.resolve_job_def("pm_pipeline").graph.dependencies.items()
    }
    behind: dict[str, set[str]] = {}
    for step in TopologicalSorter(direct).static_order():
        found = direct.get(step, set())
        behind[step] = found.union(*(behind[earlier] for earlier in found))
    return behind


def test_gates_stand_between_the_rooms() -> None:
    """A ends before any model is built, B before any analysis, C before anything is published."""
    lake, steps = "lake__events", waits_for()
    assert steps["gate_a"] == {lake}
    assert steps["models"] == {lake, "gate_a"}
    assert steps["gate_b"] == {lake, "gate_a", "models"}
    analyses = {analysis.node_def.name for analysis in ANALYSES}
    for analysis in analyses:
        assert {lake, "gate_a", "models", "gate_b"} <= steps[analysis]
    assert steps["gate_c"] == {lake, "gate_a", "models", "gate_b", *analyses}
    conclusions = {conclusion.node_def.name for conclusion in CONCLUSIONS}
    for conclusion in conclusions:
        assert "gate_c" in steps[conclusion]
    assert steps["publish"] == {*steps["gate_c"], "gate_c", *conclusions}


def test_a_part_can_be_replaced_for_tests() -> None:
    class Other(RunResource):
        """A resource of a test."""

    replaced = build_definitions({"run": Other()})
    assert isinstance(replaced.resources["run"], Other)  # type: ignore[index]
    assert isinstance(defs.resources["run"], RunResource)  # type: ignore[index]


def test_nothing_leaves_the_machine() -> None:
    settings = yaml.safe_load((REPOSITORY / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["telemetry"] == {"enabled": False}
    assert settings["nux"] == {"enabled": False}
    project = yaml.safe_load(
        (REPOSITORY / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8")
    )
    assert project["flags"]["send_anonymous_usage_stats"] is False


def test_every_model_is_described_beside_it() -> None:
    """The specs above come from these files: one entry a model, in the model's own folder."""
    described: dict[str, list[str]] = {}
    for file in repository_files():
        if MODELS in file.parents and file.suffix == ".yml":
            content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
            for model in content.get("models") or []:
                described.setdefault(model["name"], []).append(relative(file.parent))
    placed = {file.stem: [relative(file.parent)] for file in MODELS.rglob("*.sql")}
    assert described == placed
