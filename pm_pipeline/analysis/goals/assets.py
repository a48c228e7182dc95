"""Goals, anomalies and the way from problem to outcome as assets.

Belongs here: the assets around ``judge``, ``anomaly_rows`` and ``direction``. Does not belong
here: reasoning.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from pm_pipeline.analysis.goals.anomaly_reading import read_observed
from pm_pipeline.analysis.goals.anomaly_results import anomaly_rows
from pm_pipeline.analysis.goals.anomaly_table import ANOMALIES
from pm_pipeline.analysis.goals.direction import hypothesis_rows, problem_rows, roadmap_rows
from pm_pipeline.analysis.goals.direction_reading import (
    read_hypotheses,
    read_known,
    read_problems,
    read_roadmap,
)
from pm_pipeline.analysis.goals.direction_tables import HYPOTHESES, PROBLEMS, ROADMAP
from pm_pipeline.analysis.goals.progress import judge
from pm_pipeline.analysis.goals.reading import read_goals, read_series, read_tree
from pm_pipeline.analysis.goals.results import progress_rows, trajectory_rows
from pm_pipeline.analysis.goals.settings import (
    AnomalySettings,
    DirectionSettings,
    GoalSettings,
    TreeSettings,
)
from pm_pipeline.analysis.goals.table import METRIC_TREE, PROGRESS, TRAJECTORY
from pm_pipeline.analysis.goals.tree import tree_rows
from pm_pipeline.analysis.result_assets import result_spec, write_results
from pm_pipeline.analysis.tables import ResultTable
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource

METRICS = ("engagement/active_users", "goals/metric_values")
"""What is checked before: the built-in metrics are columns of active users."""
DIRECTED_BY = (
    "experiments/decisions", "funnels/conversion", "goals/metric_values", "goals/progress",
    "lifecycle/product_stages",
)  # fmt: skip


@dg.multi_asset(
    name="goals_progress",
    specs=[result_spec(table, METRICS) for table in (PROGRESS, TRAJECTORY, METRIC_TREE)],
)
def goals_progress(
    context: dg.AssetExecutionContext, run: RunResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge every goal at as-of, and take the metrics apart that are made of others."""
    window = run.window(context.run.run_id)
    with step("goals") as current, duckdb.connect(str(window.database)) as connection:
        series = read_series(connection)
        goals = [goal for goal in read_goals(connection) if goal.metric_name in series]
        judged = [judge(goal, series[goal.metric_name], GoalSettings()) for goal in goals]
        values = {name: each.values for name, each in series.items()}
        rows = {
            PROGRESS: progress_rows(judged),
            TRAJECTORY: trajectory_rows(judged),
            METRIC_TREE: tree_rows(read_tree(connection), values, TreeSettings()),
        }
        results = write_results(connection, rows)
        current.say(f"{len(judged)} goals")
    yield from results


@dg.multi_asset(
    name="goals__anomalies",
    specs=[result_spec(ANOMALIES, [*METRICS, "engagement/event_usage"])],
)
def goals_anomalies(
    context: dg.AssetExecutionContext, run: RunResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge every day of every metric by what was known on that day."""
    window = run.window(context.run.run_id)
    with step("anomalies") as current, duckdb.connect(str(window.database)) as connection:
        observed = read_observed(connection)
        rows = anomaly_rows(observed, AnomalySettings()) if observed else []
        now = [row for row in rows if observed and row[1] == observed.last_date and row[7]]
        results = write_results(
            connection, {ANOMALIES: rows}, {ANOMALIES: {"alerts on the last day": len(now)}}
        )
        current.say(f"{len(now)} on the last day")
    yield from results


@dg.multi_asset(
    name="direction",
    specs=[result_spec(table, DIRECTED_BY) for table in (PROBLEMS, HYPOTHESES, ROADMAP)],
)
def direction(
    context: dg.AssetExecutionContext, run: RunResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Follow every problem to its hypotheses, and these to what was built and what it did."""
    window = run.window(context.run.run_id)
    with step("direction") as current, duckdb.connect(str(window.database)) as connection:
        problems, hypotheses = read_problems(connection), read_hypotheses(connection)
        items, known = read_roadmap(connection), read_known(connection)
        rows: dict[ResultTable, list[tuple[Any, ...]]] = {
            PROBLEMS: [], HYPOTHESES: [], ROADMAP: []
        }  # fmt: skip
        if known is not None:
            settings = DirectionSettings()
            rows = {
                PROBLEMS: problem_rows(problems, hypotheses, known),
                HYPOTHESES: hypothesis_rows(hypotheses, known, settings),
                ROADMAP: roadmap_rows(items, problems, hypotheses, known, settings),
            }
        stand_out = {
            table: {"stand out": sum(row[-1] is not None for row in own)}
            for table, own in rows.items()
        }
        results = write_results(connection, rows, stand_out)
        current.say(f"{len(problems)} problems, {len(hypotheses)} hypotheses, {len(items)} items")
    yield from results
