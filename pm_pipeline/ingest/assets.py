"""The lake as an asset: the landing folder read into it.

Belongs here: the asset around ``ingest``. Does not belong here: anything that reads a record.
"""

from collections.abc import Iterator

import dagster as dg

from pm_pipeline.ingest import IngestSummary, ingest, ingest_rules
from pm_pipeline.ingest.lake import LAKE_COLUMNS
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource

LAKE_EVENTS = dg.AssetKey(["lake", "events"])


class UnreadFilesError(Exception):
    """Files in landing/ that could not be read, in a run that was told to be strict."""


@dg.asset(
    key=LAKE_EVENTS,
    group_name="ingest",
    owners=["team:data-engineering"],
    kinds={"duckdb", "parquet"},
    metadata={
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(name, kind) for name, kind in LAKE_COLUMNS.items()]
        )
    },
    output_required=False,
    description=(
        "Which events do we have? Every record of the landing folder, typed and deduplicated, as "
        "immutable Parquet files under a manifest: accepted, duplicate or rejected with a reason, "
        "never lost. Not materialized when there is nothing new; the steps behind it are then "
        "skipped."
    ),
)
def lake_events(context: dg.AssetExecutionContext, run: RunResource) -> Iterator[dg.Output[None]]:
    """Read new and changed landing files into the lake."""
    product = run.product
    with step("ingest") as current:
        summary = ingest(run.location, ingest_rules(product), now=run.now, progress=current.say)
        current.say(summary_line(summary))
    if run.strict and summary.unread:
        raise UnreadFilesError(", ".join(sorted(file.path for file in summary.unread)))
    if run.is_up_to_date():
        context.log.info("Nothing new: the publication stands, the steps behind are skipped.")
        return
    yield dg.Output(
        None,
        metadata={
            "files read": summary.files_read,
            "files unread": len(summary.unread),
            "events": summary.present.events,
            "duplicates": summary.present.duplicate,
            "rejected": summary.present.rejected,
        },
    )


def summary_line(summary: IngestSummary) -> str:
    """Return what a run read, in one line."""
    read = summary.read
    files = summary.files_read + summary.files_unchanged + len(summary.unread)
    return (
        f"{summary.files_read} of {files} files read, {read.records:,} records: "
        f"{read.accepted:,} accepted, {read.duplicate:,} duplicate, {read.rejected:,} rejected"
    )
