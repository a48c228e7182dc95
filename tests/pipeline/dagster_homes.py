"""Homes seen through Dagster: its own commands, its run history, and ways to spoil a home.

Belongs here: what the tests of whole runs need to look at a run. Does not belong here: tests.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb

from pm_pipeline.home import Home
from pm_pipeline.jobs import JOB_NAME
from pm_pipeline.state import open_state
from tests.conftest import REPOSITORY, Finished, age, published

GATE_STEPS = {
    "gate_a", "models", "gate_b", "lifecycle__product_stages", "goals_progress",
    "goals__anomalies", "experiments", "gate_c", "direction", "publish",
}  # fmt: skip
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
