"""The line as Dagster shows it: it loads, one history for all who start it, figures, the sensor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pm_pipeline.checks.registry import checks_of
from pm_pipeline.cli import run as run_command
from pm_pipeline.definitions import defs
from pm_pipeline.figures import last_week
from pm_pipeline.home import Home
from pm_pipeline.jobs import JOB_NAME, new_landing_files
from pm_pipeline.lock import hold_home
from pm_pipeline.resources import RunResource
from tests.conftest import age, command, copy_home, published
from tests.pipeline.dagster_homes import (
    GATE_STEPS,
    SUCCESS,
    check_statuses,
    dagster,
    digest,
    history,
    last_run,
    publications,
    steps,
)

# Loading


def test_definitions_are_valid(demo_home: Home) -> None:
    ended = dagster(demo_home, "definitions", "validate", "-w", "workspace.yaml")
    assert ended.code == 0, ended.output
    assert "pm_pipeline.definitions" in ended.output


def test_run_config_has_the_names_of_the_flags() -> None:
    flags = {parameter.name for parameter in run_command.params} - {"directory"}
    assert set(RunResource.model_fields) == flags
    job = defs.resolve_job_def(JOB_NAME)
    settings = {"as_of": "2026-10-01", "full_refresh": True, "rebuild_from": "2026-09-01"}
    config = {"resources": {"run": {"config": settings | {"strict": True}}}}
    assert dg.validate_run_config(job, config)["resources"]["run"]["config"] == (
        settings | {"strict": True}
    )
    with pytest.raises(dg.DagsterInvalidConfigError):
        dg.validate_run_config(job, {"resources": {"run": {"config": {"as_off": "2026-10-01"}}}})


# The history of a command-line run


def test_a_command_line_run_is_in_the_history(demo_home: Home) -> None:
    run = last_run(demo_home)
    assert (run.job_name, run.status) == (JOB_NAME, SUCCESS)
    done = steps(demo_home, run.run_id, dg.DagsterEventType.STEP_SUCCESS)
    assert done == GATE_STEPS | {"lake__events"}
    with published(demo_home) as connection:
        assert connection.execute("select run_id from quality.publications").fetchall() == [
            (run.run_id,)
        ]


def test_results_of_all_gates_are_asset_checks(demo_home: Home) -> None:
    run = last_run(demo_home)
    with history(demo_home) as instance:
        evaluations = [
            entry.dagster_event.asset_check_evaluation_data
            for entry in instance.all_logs(
                run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
            )
            if entry.dagster_event
        ]
    shown = {(entry.asset_key.to_user_string(), entry.check_name): entry for entry in evaluations}
    kept = check_statuses(demo_home, run.run_id)
    assert {name for _, name in shown} == {name for names in kept.values() for name in names}
    assert {name for _, name in shown} >= {
        check.name for gate in ("A", "B", "C") for check in checks_of(gate)
    }
    assert set(kept) == {"A", "dbt", "B", "C"}
    for (_, name), entry in shown.items():
        status = next(names[name] for names in kept.values() if name in names)
        assert entry.passed == (status == "pass"), name
        assert entry.passed or entry.severity == dg.AssetCheckSeverity.WARN


def test_marts_show_their_rows_and_the_last_week(demo_home: Home) -> None:
    with published(demo_home) as connection:
        figures = {f"last week: {figure.name}": figure.value for figure in last_week(connection)}
        counts = {
            f"{schema}/{table}": connection.execute(
                f'select count(*) from {schema}."{table}"'
            ).fetchall()[0][0]
            for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables() where schema_name != 'quality'"
            ).fetchall()
        }
    assert len(figures) == 4
    assert len(counts) >= 7
    shown = {}
    with history(demo_home) as instance:
        for key in counts:
            event = instance.get_latest_materialization_event(dg.AssetKey(key.split("/")))
            assert event is not None, key
            assert event.asset_materialization is not None
            shown[key] = {
                name: entry.value for name, entry in event.asset_materialization.metadata.items()
            }
    assert {key: metadata["dagster/row_count"] for key, metadata in shown.items()} == counts
    for key in ("core/users", "engagement/active_users", "engagement/event_usage",
                "growth/accounting"):  # fmt: skip
        assert {name: shown[key].get(name) for name in figures} == figures


# The sensor


def tick(home: Home, cursor: str | None) -> tuple[Any, str | None]:
    context = dg.build_sensor_context(cursor=cursor)
    result = new_landing_files.evaluate_tick(context)
    return result, context.cursor


def test_the_sensor_asks_once_for_each_state_of_landing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PM_PIPELINE_HOME", str(home.root))
    age_of = home.landing / "a.jsonl"
    age_of.write_text("{}\n")
    age(age_of)
    first, cursor = tick(home, None)
    assert len(first.run_requests) == 1
    again, cursor = tick(home, cursor)
    assert again.run_requests == []
    assert "has changed" in again.skip_message
    other = home.landing / "deep" / "b.jsonl"
    other.parent.mkdir()
    other.write_text("{}\n")
    fresh, cursor = tick(home, cursor)
    assert fresh.run_requests == [], "a file that is being written waits"
    age(other)
    with hold_home(home):
        busy, cursor = tick(home, cursor)
    assert busy.run_requests == []
    assert "holds the home" in busy.skip_message
    second, cursor = tick(home, cursor)
    assert len(second.run_requests) == 1
    assert first.run_requests[0].run_key is None, "an earlier state of landing/ asks again"


# Nothing new


def test_a_run_that_finds_nothing_new_records_its_steps_as_skipped(
    demo_home: Home, tmp_path: Path
) -> None:
    home = copy_home(demo_home, tmp_path / "home")
    before = digest(home)
    ended = command("run", home=home)
    assert ended.code == 0, ended.output
    run = last_run(home)
    assert run.status == SUCCESS
    assert steps(home, run.run_id, dg.DagsterEventType.STEP_SKIPPED) == GATE_STEPS
    assert steps(home, run.run_id, dg.DagsterEventType.STEP_SUCCESS) == {"lake__events"}
    assert check_statuses(home, run.run_id) == {}
    assert (digest(home), publications(home)) == (before, 1)
