"""Progress of the goals as an asset.

Belongs here: the asset around ``judge``. Does not belong here: reasoning.
"""

import dagster as dg
import duckdb

from pm_pipeline.analysis.goals.progress import judge
from pm_pipeline.analysis.goals.reading import read_goals, read_series
from pm_pipeline.analysis.goals.results import progress_rows
from pm_pipeline.analysis.goals.settings import GoalSettings
from pm_pipeline.analysis.goals.table import PROGRESS
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource


@dg.asset(
    key=PROGRESS.path,
    # What is checked before: the metrics are columns of it.
    deps=[dg.AssetKey(["engagement", "active_users"]), dg.AssetKey(["goals", "metric_values"])],
    group_name="analysis",
    owners=["team:product"],
    kinds={"python", "duckdb"},
    description=PROGRESS.description,
    metadata={
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn(column.name, column.kind, column.description)
                for column in PROGRESS.columns
            ]
        )
    },
)
def goals_progress(
    context: dg.AssetExecutionContext, run: RunResource
) -> dg.MaterializeResult[None]:
    """Judge every goal at as-of."""
    window = run.window(context.run.run_id)
    with step("goals") as current, duckdb.connect(str(window.database)) as connection:
        series = read_series(connection)
        goals = [goal for goal in read_goals(connection) if goal.metric_name in series]
        judged = [judge(goal, series[goal.metric_name], GoalSettings()) for goal in goals]
        PROGRESS.write(connection, progress_rows(judged))
        current.say(f"{len(judged)} goals")
    return dg.MaterializeResult(metadata={"dagster/row_count": len(judged)})
