"""Gate C: each rule fails on its poison and passes on the clean twin, which the analysis wrote."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from gate_c_poisons import GATE_C

from pm_pipeline.analysis.experiments.evaluation import evaluate
from pm_pipeline.analysis.experiments.result_tables import (
    DECISIONS,
    HEALTH,
    RESULTS,
    decision_rows,
    health_rows,
    result_rows,
)
from pm_pipeline.analysis.goals.anomaly_results import Observed, anomaly_rows
from pm_pipeline.analysis.goals.anomaly_table import ANOMALIES
from pm_pipeline.analysis.goals.progress import Goal, Progress, judge
from pm_pipeline.analysis.goals.results import progress_rows
from pm_pipeline.analysis.goals.series import Series
from pm_pipeline.analysis.goals.settings import AnomalySettings, GoalSettings, TreeSettings
from pm_pipeline.analysis.goals.table import METRIC_TREE, PROGRESS
from pm_pipeline.analysis.goals.tree import tree_of, tree_rows
from pm_pipeline.analysis.lifecycle.results import Followed, product_stages
from pm_pipeline.analysis.lifecycle.settings import LifecycleSettings
from pm_pipeline.analysis.lifecycle.stages import Subject
from pm_pipeline.analysis.lifecycle.table import PRODUCT_STAGES
from pm_pipeline.checks.gate_c import run_gate_c
from pm_pipeline.checks.registry import CHECKS, checks_of
from pm_pipeline.checks.results import CheckResult
from pm_pipeline.checks.settings import CheckSettings
from tests.fixtures.counted_experiments import Made

FIRST_WEEK = date(2025, 1, 6)
WEEKS = 52


def followed(kind: str, name: str, users: list[int]) -> Followed:
    subject = Subject(
        kind=kind,
        name=name,
        first_week=FIRST_WEEK,
        active_users=tuple(users),
        product_users=(4000,) * WEEKS,
        first_date=FIRST_WEEK,
        data_start=FIRST_WEEK,
    )
    return Followed(subject, new_users=(5,) * WEEKS, quick_ratios=(1.0,) * WEEKS)


def goal_progress() -> Progress:
    days = {FIRST_WEEK + timedelta(days=day): 100.0 + day % 7 for day in range(200)}
    series = Series("new_users", "sum", days, max(days))
    goal = Goal(
        "more_people", "new_users", 900.0, None, date(2025, 4, 1), date(2025, 9, 1), "week", True
    )
    return judge(goal, series, GoalSettings())


def observed() -> Observed:
    """Two metrics that halve on the last day, the one because of the other."""
    days = {FIRST_WEEK + timedelta(days=day): 1000.0 + day % 3 for day in range(100)}
    days[max(days)] = 500.0
    metrics = {"daily_active_users": days, "sessions": {day: 2 * n for day, n in days.items()}}
    return Observed(metrics, max(days))


def write_tree(connection: duckdb.DuckDBPyConnection) -> None:
    """A metric taken apart in three ways: as product, sum and ratio."""
    edges = [
        ("seconds", "product", "songs", None, None),
        ("seconds", "product", "seconds_per_song", None, None),
        ("songs", "sum", "web_songs", None, None),
        ("songs", "sum", "app_songs", None, None),
        ("seconds_per_song", "ratio", "all_seconds", None, None),
        ("seconds_per_song", "ratio", "all_songs", None, None),
    ]
    days = [FIRST_WEEK + timedelta(days=day) for day in range(20)]
    songs = {day: 90.0 + 7 * (place % 5) for place, day in enumerate(days)}
    seconds = {day: 3.1 * value + place for place, (day, value) in enumerate(songs.items())}
    metrics = {
        "seconds": seconds, "all_seconds": seconds, "all_songs": songs,
        "web_songs": {day: value / 3 for day, value in songs.items()},
        "app_songs": {day: value - value / 3 for day, value in songs.items()},
    }  # fmt: skip
    METRIC_TREE.write(connection, tree_rows(tree_of(edges), metrics, TreeSettings()))
    connection.execute(
        "create table definitions.metric_tree (node_name varchar, kind varchar, input_name varchar)"
    )
    connection.executemany(
        "insert into definitions.metric_tree values (?, ?, ?)", [edge[:3] for edge in edges]
    )


def write_experiment(connection: duckdb.DuckDBPyConnection) -> None:
    """A sound experiment that has ended: what was counted, and what is concluded of it."""
    made = Made()
    clock = made.clock()
    cells = made.cells(clock)
    connection.execute(
        "create table definitions.experiment_plans as select 'tried' as experiment_name,"
        """ '{"arms": [{"name": "control"}, {"name": "new"}], "control": "control"}' as plan;"""
        " create schema experiments; create table experiments.sufficient_statistics"
        " (experiment_name varchar, metric_name varchar, variant varchar, analysis_set varchar,"
        " segment_name varchar, segment_value varchar, users_count bigint)"
    )
    connection.executemany(
        "insert into experiments.sufficient_statistics values ('tried', ?, ?, ?, ?, ?, ?)",
        [
            [
                cell.key.metric_name, cell.variant, cell.key.analysis_set, cell.key.segment_name,
                cell.key.segment_value, cell.moments.count,
            ]
            for cell in cells
        ],
    )  # fmt: skip
    evaluated = [evaluate(made.planned(), cells, clock)]
    RESULTS.write(connection, result_rows(evaluated))
    HEALTH.write(connection, health_rows(evaluated))
    DECISIONS.write(connection, decision_rows(evaluated, clock))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A steady product and a feature that falls in its second half: all that gate C reads."""
    database = tmp_path_factory.mktemp("analysed") / "analysed.duckdb"
    falling = [round(1000 * 0.97 ** max(week - 20, 0)) for week in range(WEEKS)]
    subjects = [
        followed("product", "product", [4000 + week % 3 for week in range(WEEKS)]),
        followed("feature", "radio", falling),
    ]
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema growth; create table growth.accounting (subject_kind varchar,"
            ' subject_name varchar, "interval" varchar, period_start date, active_users bigint,'
            " new_users bigint, quick_ratio double, is_complete boolean)"
        )
        for each in subjects:
            for index, users in enumerate(each.subject.active_users):
                connection.execute(
                    "insert into growth.accounting values (?, ?, 'week', ?, ?, 5, 1, true)",
                    [each.subject.kind, each.subject.name, each.subject.week(index), users],
                )
        PRODUCT_STAGES.write(connection, product_stages(subjects, LifecycleSettings()))
        connection.execute(
            "create schema definitions; create table definitions.goals as"
            " select 'more_people' as goal_name"
        )
        PROGRESS.write(connection, progress_rows([goal_progress()]))
        write_tree(connection)
        ANOMALIES.write(connection, anomaly_rows(observed(), AnomalySettings()))
        write_experiment(connection)
    return database


@pytest.fixture
def analysed(template: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The clean tables, to be harmed."""
    database = shutil.copy(template, tmp_path / "analysed.duckdb")
    with duckdb.connect(str(database)) as connection:
        yield connection


def judged(connection: duckdb.DuckDBPyConnection) -> dict[str, CheckResult]:
    return {result.check_name: result for result in run_gate_c(connection, CheckSettings())}


def test_clean_analyses_pass_every_check(analysed: duckdb.DuckDBPyConnection) -> None:
    results = judged(analysed)
    assert {name: result.status for name, result in results.items()} == {
        check.name: "pass" for check in checks_of("C")
    }
    stages = analysed.execute("select distinct stage from lifecycle.product_stages").fetchall()
    assert {stage for (stage,) in stages} == {"insufficient_data", "maturity", "decline"}


@pytest.mark.parametrize("name", GATE_C)
def test_poisoned_analyses_fail_the_check(analysed: duckdb.DuckDBPyConnection, name: str) -> None:
    statements, observed = GATE_C[name]
    analysed.execute(statements)
    result = judged(analysed)[name]
    assert (result.status, result.observed) == ("fail", observed)
    assert result.blocks
    assert result.table_name == CHECKS[name].table


def test_without_the_table_every_check_is_broken(analysed: duckdb.DuckDBPyConnection) -> None:
    analysed.execute(
        "drop schema lifecycle cascade; drop schema goals cascade; drop schema experiments cascade"
    )
    results = judged(analysed).values()
    assert {(result.status, result.blocks) for result in results} == {("error", True)}
