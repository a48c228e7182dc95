"""A gate that fails stops the line: what lies behind did not run, the old publication stands.

Gate A is in ``test_command.py``. Three full runs here. One home has a bad day: a row of its working
database is spoilt (gate B), a run is killed, another is refused while the home is held, and a run
started as the UI starts it repairs and publishes it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pm_pipeline.home import Home
from pm_pipeline.lock import hold_home
from tests.conftest import REPOSITORY, Finished, command, copy_home, published
from tests.pipeline.dagster_homes import (
    FAILURE,
    STARTED,
    SUCCESS,
    add_late_events,
    check_statuses,
    claim_to_run,
    digest,
    environment,
    events_count,
    execute_job,
    history,
    last_run,
    publications,
    spoil,
    status_of,
    steps,
)

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
            {"resources": {"run": {"config": {"full_refresh": True, "as_of": "2026-10-20"}}}}
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
    assert failed == {
        "event_matrix_conserves_events",
        "event_usage_conserves_events",
        "segments_add_up_in_event_usage",
    }
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


# The gate after the analyses

LOSE_A_WEEK = """
import pm_pipeline.analysis.lifecycle.assets as assets
whole = assets.product_stages
assets.product_stages = lambda *given: whole(*given)[1:]
from pm_pipeline.cli import main
main(["run"])
"""


def test_gate_c_stops_the_line_and_the_publication_stands(demo_home: Home, tmp_path: Path) -> None:
    """An analysis that loses the stage of a week: nothing is published."""
    home = copy_home(demo_home, tmp_path / "home")
    before = digest(home)
    add_late_events(home)
    ended = subprocess.run(
        [sys.executable, "-c", LOSE_A_WEEK],
        env=environment(home), cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "product_stages_cover_every_week" in ended.stdout
    kept = check_statuses(home, last_run(home).run_id)
    assert {name for name, status in kept["C"].items() if status == "fail"} == {
        "product_stages_cover_every_week",
        "product_stages_follow_each_other",
    }
    assert set(kept["B"].values()) <= {"pass", "warn"}
    begun = steps(home, last_run(home).run_id, dg.DagsterEventType.STEP_START)
    assert "gate_c" in begun
    assert "publish" not in begun
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
