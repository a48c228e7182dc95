"""What is concluded of experiments, as assets.

Belongs here: the assets around ``evaluate``. Does not belong here: reasoning.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from pm_pipeline.analysis.experiments.evaluation import evaluate
from pm_pipeline.analysis.experiments.reading import (
    read_clock,
    read_overlaps,
    read_plans,
    read_reach,
    read_statistics,
)
from pm_pipeline.analysis.experiments.result_tables import (
    DECISIONS,
    HEALTH,
    RESULTS,
    TIMELINE,
    contradictions,
    decision_rows,
    health_rows,
    result_rows,
    timeline_rows,
)
from pm_pipeline.analysis.result_assets import DATA_SCIENCE, result_spec, write_results
from pm_pipeline.analysis.tables import ResultTable
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource

TABLES = (RESULTS, HEALTH, TIMELINE, DECISIONS)


BASED_ON = ("experiments/sufficient_statistics", "experiments/overlaps", "experiments/reach")


@dg.multi_asset(
    name="experiments",
    specs=[result_spec(table, BASED_ON, owner=DATA_SCIENCE) for table in TABLES],
)
def experiments(
    context: dg.AssetExecutionContext, run: RunResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge every experiment at as-of, from its sufficient statistics alone."""
    window = run.window(context.run.run_id)
    with step("experiments") as current, duckdb.connect(str(window.database)) as connection:
        clock = read_clock(connection)
        evaluations = [
            evaluate(
                planned,
                read_statistics(connection, planned, clock),
                clock,
                overlaps=read_overlaps(connection, planned.plan.name),
                reach=read_reach(connection, planned.plan.name),
            )
            for planned in read_plans(connection)
        ]
        rows: dict[ResultTable, list[tuple[Any, ...]]] = {
            RESULTS: result_rows(evaluations),
            HEALTH: health_rows(evaluations),
            TIMELINE: timeline_rows(evaluations),
            DECISIONS: decision_rows(evaluations, clock),
        }
        results = write_results(
            connection, rows, {DECISIONS: {"contradictions": contradictions(rows[DECISIONS])}}
        )
        current.say(f"{len(evaluations)} experiments, {len(rows[RESULTS])} results")
    yield from results
