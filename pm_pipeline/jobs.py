"""When the line runs: the job, its schedule and its sensor.

Belongs here: triggers. Does not belong here: assets, or anything that a run does.
"""

from collections.abc import Iterator

import dagster as dg

from pm_pipeline.alerts import tell_of_failure
from pm_pipeline.home import Home
from pm_pipeline.ingest import landing_fingerprint
from pm_pipeline.lock import is_busy

JOB_NAME = "pm_pipeline"
SENSOR_SECONDS = 60


@dg.failure_hook(name="tell_of_failure")
def on_failure(context: dg.HookContext) -> None:
    """Tell of a step that failed, whoever started the run; what lies behind it is skipped."""
    tell_of_failure(
        Home.locate(),
        run_id=context.run_id,
        step=context.op.name,
        problem=context.op_exception,
    )


pipeline_job = dg.define_asset_job(
    JOB_NAME,
    selection=dg.AssetSelection.all(),
    description="Landing files to published warehouse: ingest, build, check, publish.",
    executor_def=dg.in_process_executor,
    hooks={on_failure},
)

daily_schedule = dg.ScheduleDefinition(
    name="daily",
    job=pipeline_job,
    cron_schedule="15 3 * * *",
    description="Every night at 03:15 UTC. A night without new files is recorded as skipped steps.",
)


@dg.sensor(
    name="new_landing_files",
    job=pipeline_job,
    minimum_interval_seconds=SENSOR_SECONDS,
    description="Runs when a file in landing/ is new or changed; waits while a run holds the home.",
)
def new_landing_files(
    context: dg.SensorEvaluationContext,
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for a run once per state of the landing folder."""
    home = Home.locate()
    if is_busy(home):
        yield dg.SkipReason("A run holds the home; looking again at the next tick.")
        return
    fingerprint = landing_fingerprint(home)
    if fingerprint == context.cursor:
        yield dg.SkipReason("Nothing in landing/ has changed.")
        return
    context.update_cursor(fingerprint)
    yield dg.RunRequest()
