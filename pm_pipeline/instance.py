"""The Dagster instance of a home: run history, schedules, events.

Belongs here: making it, opening it, and marking runs that died. Does not belong here: assets.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import dagster as dg

from pm_pipeline.home import HOME_VARIABLE, Home

INSTANCE_SETTINGS = Path(__file__).resolve().parents[1] / "dagster.yaml"
EVENT_LOG = """
event_log_storage:
  module: pm_pipeline.event_log
  class: EventLog
  config:
    base_dir: {folder}
"""
UNFINISHED = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def prepare_instance(home: Home) -> None:
    """Make ``<home>/.dagster`` with the project's settings, and point this process at it."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    events = json.dumps(str(home.dagster / "history" / "runs"))  # as YAML quotes it too
    (home.dagster / "dagster.yaml").write_text(
        INSTANCE_SETTINGS.read_text(encoding="utf-8") + EVENT_LOG.format(folder=events),
        encoding="utf-8",
    )
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ[HOME_VARIABLE] = str(home.root)


def mark_orphans(instance: dg.DagsterInstance, *, except_run: str | None = None) -> int:
    """Mark runs failed that no process can be running; return how many.

    Only the holder of the home's lock may call it: whatever else claims to run is dead.
    """
    runs = instance.get_runs(filters=dg.RunsFilter(statuses=UNFINISHED))
    dead = [run for run in runs if run.run_id != except_run]
    for run in dead:
        instance.report_run_failed(run, "The process of this run ended without a word.")
    return len(dead)
