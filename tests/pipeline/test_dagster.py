"""The line as Dagster runs it: the same job whoever starts it, one history, gates that hold.

Three full runs in all. One home has a bad day: a row of its working database is spoilt (gate B),
a run is killed, another is refused while the home is held, and a run started as the UI starts it
repairs and publishes it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from pm_pipeline.checks.registry import checks_of
from pm_pipeline.cli import run as run_command
from pm_pipeline.definitions import defs
from pm_pipeline.figures import last_week
from pm_pipeline.home import Home
from pm_pipeline.jobs import JOB_NAME, new_landing_files
from pm_pipeline.lock import hold_home
from pm_pipeline.resources import RunResource
from pm_pipeline.state import open_state
from tests.conftest import REPOSITORY, Finished, age, command, copy_home, published

GATE_STEPS = {"gate_a", "models", "gate_b", "publish"}
LATE_DAY = "late.jsonl.gz"
SUCCESS, FAILURE, STARTED = (
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.STARTED,
)


def dagster(home: Home, *arguments: str) -> Finished:
    """Run Dagster's own command on a home, as ``pm-pipeline ui`` and its daemon do."""
    done = subprocess.run(
        [sys.executable, "-m", "dagster", *arguments],
        env=environment(home),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Finished(done.returncode, done.stdout + done.stderr)


def environment(home: Home) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PM_")}
    return kept | {"PM_PIPELINE_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster)}


def execute_job(home: Home, *arguments: str) -> Finished:
    return dagster(
        home, "job", "execute", "-m", "pm_pipeline.definitions", "-j", JOB_NAME, *arguments
    )


@contextmanager
def history(home: Home) -> Iterator[dg.DagsterInstance]:
    """The home's run history."""
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        yield instance


def steps(home: Home, run_id: str, kind: dg.DagsterEventType) -> set[str | None]:
    """The steps of a run that have an event of a kind."""
    with history(home) as instance:
        return {
            entry.dagster_event.step_key
            for entry in instance.all_logs(run_id, of_type=kind)
            if entry.dagster_event
        }


def last_run(home: Home) -> dg.DagsterRun:
    with history(home) as instance:
        return instance.get_runs(limit=1)[0]


def status_of(home: Home, run_id: str) -> dg.DagsterRunStatus:
    with history(home) as instance:
        found = instance.get_run_by_id(run_id)
    assert found is not None
    return found.status


def claim_to_run(home: Home) -> str:
    """Leave a run in the history that says it is running, as a killed one does."""
    with history(home) as instance:
        return instance.add_run(dg.DagsterRun(JOB_NAME, status=STARTED)).run_id


def add_late_events(home: Home) -> Path:
    """Bring two new events of a day that is long published."""
    path = home.landing / "app" / LATE_DAY
    at = 1_790_000_000_000
    lines = [
        {"id": f"late-{number}", "event": "song_played", "ts": at + number, "received": at + 9}
        | {"user": "u000013", "device": "late-device"}
        for number in range(2)
    ]
    path.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    return age(path)


def publications(home: Home) -> int:
    with open_state(home, read_only=True) as state:
        row = state.execute("select count(*) from publications").fetchone()
    assert row is not None
    return int(row[0])


def check_statuses(home: Home, run_id: str) -> dict[str, dict[str, str]]:
    """By gate: the status of each check of a run, as the state keeps it."""
    with open_state(home, read_only=True) as state:
        rows = state.execute(
            "select gate, check_name, status from check_results where run_id = ?", [run_id]
        ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for gate, name, status in rows:
        found.setdefault(gate, {})[name] = status
    return found


def digest(home: Home) -> str:
    return hashlib.sha256(home.published_database.read_bytes()).hexdigest()


def spoil(database: Path, statement: str) -> None:
    """Change rows behind the pipeline's back; the statement must change at least one."""
    with duckdb.connect(str(database)) as connection:
        assert len(connection.execute(f"{statement} returning *").fetchall()) >= 1


def events_count(home: Home) -> int:
    with published(home) as connection:
        row = connection.execute("select count(*) from core.events").fetchone()
    assert row is not None
    return int(row[0])


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
        check.name for gate in ("A", "B") for check in checks_of(gate)
    }
    assert set(kept) == {"A", "dbt", "B"}
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


def tick(home: Home, cursor: str | None) -> tuple[dg.SensorResult | object, str | None]:
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
    assert second.run_requests[0].run_key != first.run_requests[0].run_key


# A home on a bad day


@dataclass(frozen=True)
class BadDay:
    """What was seen on the way."""

    home: Home
    before: str
    """Digest of the publication that stood at first."""
    events_before: int
    gate_b: Finished
    gate_b_run: str
    after_gate_b: str
    killed_run: str
    claiming_run: str
    refused: Finished
    refused_run: str
    claim_while_refused: dg.DagsterRunStatus
    repaired: Finished
    repaired_run: str


@pytest.fixture(scope="module")
def bad_day(demo_home: Home, tmp_path_factory: pytest.TempPathFactory) -> BadDay:
    home = copy_home(demo_home, tmp_path_factory.mktemp("bad-day") / "home")
    before, events_before = digest(home), events_count(home)
    spoil(
        home.working_database,
        "update engagement.event_usage set events_count = events_count + 1"
        " where segment_name = 'all'"
        " and activity_date = (select min(activity_date) from engagement.event_usage)",
    )
    add_late_events(home)
    gate_b = command("run", home=home)
    gate_b_run, after_gate_b = last_run(home).run_id, digest(home)

    killed = subprocess.Popen(
        [sys.executable, "-m", "pm_pipeline", "run"],
        env=environment(home), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert killed.stdout is not None
    for line in killed.stdout:
        if "ingest" in line:
            break
    killed.send_signal(signal.SIGKILL)
    assert killed.wait(60) == -signal.SIGKILL
    killed_run = last_run(home).run_id
    assert status_of(home, killed_run) == STARTED

    claiming_run = claim_to_run(home)
    with hold_home(home):
        refused = execute_job(home)
        refused_run = last_run(home).run_id
        claim_while_refused = status_of(home, claiming_run)

    config = home.root / "run.yaml"
    config.write_text(
        yaml.safe_dump(
            {
                "resources": {
                    "run": {"config": {"full_refresh": True, "as_of": "2026-10-20"}}
                }
            }
        )
    )
    repaired = execute_job(home, "-c", str(config))
    return BadDay(
        home, before, events_before, gate_b, gate_b_run, after_gate_b, killed_run, claiming_run,
        refused, refused_run, claim_while_refused, repaired, last_run(home).run_id,
    )  # fmt: skip


def test_gate_b_stops_the_line_and_the_publication_stands(bad_day: BadDay) -> None:
    assert bad_day.gate_b.code == 1, bad_day.gate_b.output
    assert "event_usage_conserves_events" in bad_day.gate_b.output
    assert "Traceback" not in bad_day.gate_b.output
    kept = check_statuses(bad_day.home, bad_day.gate_b_run)
    failed = {name for names in kept.values() for name, status in names.items() if status == "fail"}
    assert failed == {"event_usage_conserves_events", "segments_add_up_in_event_usage"}
    assert set(kept["A"].values()) == {"pass"}
    begun = steps(bad_day.home, bad_day.gate_b_run, dg.DagsterEventType.STEP_START)
    assert begun == {"lake__events", "gate_a", "models", "gate_b"}
    assert status_of(bad_day.home, bad_day.gate_b_run) == FAILURE
    assert bad_day.after_gate_b == bad_day.before


def test_a_run_is_refused_while_the_home_is_held(bad_day: BadDay) -> None:
    assert bad_day.refused.code != 0
    assert f"another run holds {bad_day.home.root} (process {os.getpid()}" in bad_day.refused.output
    assert status_of(bad_day.home, bad_day.refused_run) == FAILURE
    assert steps(bad_day.home, bad_day.refused_run, dg.DagsterEventType.STEP_START) == set()
    assert bad_day.claim_while_refused == STARTED, "it may be the one that holds the home"


def test_dead_runs_are_marked_by_the_next(bad_day: BadDay) -> None:
    assert status_of(bad_day.home, bad_day.killed_run) == FAILURE
    assert status_of(bad_day.home, bad_day.claiming_run) == FAILURE
    with history(bad_day.home) as instance:
        words = [entry.message for entry in instance.all_logs(bad_day.killed_run)]
        unfinished = instance.get_runs(filters=dg.RunsFilter(statuses=[STARTED]))
    assert any("without a word" in word for word in words)
    assert unfinished == []


def test_a_run_of_the_ui_repairs_and_publishes(bad_day: BadDay) -> None:
    """With its run config: built from nothing, as of an earlier day than the last."""
    assert bad_day.repaired.code == 0, bad_day.repaired.output
    assert status_of(bad_day.home, bad_day.repaired_run) == SUCCESS
    assert publications(bad_day.home) == 2
    assert events_count(bad_day.home) == bad_day.events_before + 2
    with published(bad_day.home) as connection:
        assert connection.execute(
            "select run_id, as_of::varchar from quality.publications"
            " order by published_at desc limit 1"
        ).fetchall() == [(bad_day.repaired_run, "2026-10-19 22:00:00")]
        assert connection.execute(
            "select max(activity_date)::varchar from engagement.active_users"
        ).fetchone() == ("2026-10-19",)
    assert {
        status
        for names in check_statuses(bad_day.home, bad_day.repaired_run).values()
        for status in names.values()
    } <= {"pass", "warn"}


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


# The gate between the models


def test_dbt_tests_stop_the_line_and_the_publication_stands(
    demo_home: Home, tmp_path: Path
) -> None:
    home = copy_home(demo_home, tmp_path / "home")
    before = digest(home)
    spoil(home.state_database, "update rejected_records set record_encoding = 'latin1'")
    add_late_events(home)
    ended = command("run", home=home)
    assert ended.code == 1, ended.output
    assert "accepted_values" in ended.output
    assert "Traceback" not in ended.output
    run = last_run(home)
    assert run.status == FAILURE
    assert steps(home, run.run_id, dg.DagsterEventType.STEP_START) == {
        "lake__events", "gate_a", "models",
    }  # fmt: skip
    kept = check_statuses(home, run.run_id)
    assert set(kept) == {"A", "dbt"}, "gate B was not judged"
    failed = [name for name, status in kept["dbt"].items() if status == "fail"]
    assert len(failed) == 1
    assert "record_encoding" in failed[0]
    assert (digest(home), publications(home)) == (before, 1)
    log = home.dagster / "last_run.log"
    assert str(log) in ended.output
    assert "record_encoding" in log.read_text(encoding="utf-8")
