"""Whether the figures can be trusted: files, records, checks, publications.

Belongs here: what the ``quality`` tables say about the data. Does not belong here: judging; the
checks have judged already.
"""

from __future__ import annotations

from dataclasses import dataclass

from pm_pipeline.publish.report_page import charts, words
from pm_pipeline.publish.report_page.figures import Figures, Row
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Table,
    definitions,
    numbers,
)

SHORT_RUN_ID = 8
RECORD_COLUMNS = ["records_count", "accepted_count", "duplicate_count", "rejected_count"]


@dataclass(frozen=True)
class Trust:
    """The section about data quality."""

    answer: str
    state: str
    """``good``, ``look`` (something warned) or ``bad`` (something failed or broke)."""
    facts: list[tuple[str, str]]
    arrivals: Picture | None
    sources: Table | None
    files: Table | None
    reasons: Table | None
    open_checks: Table | None
    passed_checks: Table | None
    publications: Table | None
    definitions: list[tuple[str, str]]


def trust(figures: Figures, timezone: str) -> Trust:
    """Return what is known about the data behind the page."""
    checks = figures.checks
    open_checks = [check for check in checks if check["status"] != "pass"]
    passed = [check for check in checks if check["status"] == "pass"]
    answer, state = _verdict(open_checks, passed)
    return Trust(
        answer=answer,
        state=state,
        facts=_facts(figures),
        arrivals=_arrivals(figures),
        sources=_sources(figures, timezone),
        files=_files(figures, timezone),
        reasons=_reasons(figures),
        open_checks=_checks(open_checks, "Checks that did not pass"),
        passed_checks=_checks(passed, "Checks that passed"),
        publications=_publications(figures, timezone),
        definitions=definitions(
            figures,
            "quality.ingested_files",
            [*RECORD_COLUMNS, "excluded_count"],
        ),
    )


def _verdict(open_checks: list[Row], passed: list[Row]) -> tuple[str, str]:
    total = len(open_checks) + len(passed)
    if total == 0:
        return "No check results are kept in this warehouse.", "look"
    if not open_checks:
        return f"All {words.count(total)} checks of the last run passed.", "good"
    broken = sum(1 for check in open_checks if check["status"] in ("fail", "error"))
    warned = len(open_checks) - broken
    parts = []
    if broken:
        parts.append(f"{words.count(broken)} failed")
    if warned:
        parts.append(f"{words.count(warned)} asked for a look")
    return (
        f"Of {words.count(total)} checks of the last run, {' and '.join(parts)}.",
        "bad" if broken else "look",
    )


def _facts(figures: Figures) -> list[tuple[str, str]]:
    totals = {
        column: sum(row[column] or 0 for row in figures.sources)
        for column in ["files_count", *RECORD_COLUMNS]
    }
    records = totals["records_count"]

    def with_share(column: str) -> str:
        if not records:
            return words.count(totals[column])
        return f"{words.count(totals[column])} ({words.rate(totals[column] / records)})"

    return [
        ("Files", words.count(totals["files_count"])),
        ("Records", words.count(records)),
        ("Accepted", with_share("accepted_count")),
        ("Duplicate", with_share("duplicate_count")),
        ("Rejected", with_share("rejected_count")),
    ]


def _arrivals(figures: Figures) -> Picture | None:
    days = figures.complete_days
    if not days:
        return None
    silent = sum(1 for day in days if not day["events_count"])
    last = days[-1]
    answer = (
        f"{words.count(last['events_count'])} events on {words.weekday(last['activity_date'])}; "
        + (
            "no day since the first is without events."
            if not silent
            else f"{words.count(silent)} of {words.count(len(days))} days are without events."
        )
    )
    return Picture(
        key="arrivals",
        title="Does data arrive every day?",
        answer=answer,
        chart=charts.arrivals(days, f"Bars of events a day. {answer}"),
        definitions=definitions(figures, "engagement.active_users", ["events_count"]),
    )


def _sources(figures: Figures, timezone: str) -> Table | None:
    if not figures.sources:
        return None
    return Table(
        caption="Records by source",
        columns=[
            Column("Source"),
            *numbers("Files", "Records", "Accepted", "Duplicate", "Rejected", "Excluded"),
            Column("Newest event"),
        ],
        rows=[
            [
                row["source_name"] or words.ABSENT,
                words.count(row["files_count"]),
                words.count(row["records_count"]),
                words.count(row["accepted_count"]),
                words.count(row["duplicate_count"]),
                words.count(row["rejected_count"]),
                words.count(row["excluded_count"]),
                words.instant(row["last_event_at"], timezone),
            ]
            for row in figures.sources
        ],
    )


def _files(figures: Figures, timezone: str) -> Table | None:
    if not figures.files:
        return None
    return Table(
        caption="Files: those with rejected records, then those read last",
        columns=[
            Column("File"),
            Column("Format"),
            *numbers("Records", "Accepted", "Duplicate", "Rejected"),
            Column("Read"),
        ],
        rows=[
            [
                row["path"],
                row["format"] or words.ABSENT,
                *[words.count(row[column]) for column in RECORD_COLUMNS],
                words.instant(row["ingested_at"], timezone),
            ]
            for row in figures.files
        ],
        states=["look" if row["rejected_count"] else "" for row in figures.files],
    )


def _reasons(figures: Figures) -> Table | None:
    if not figures.reasons:
        return None
    return Table(
        caption="Why records were rejected",
        columns=[Column("Reason"), Column("Field"), *numbers("Records"), Column("For example")],
        rows=[
            [
                row["reason"],
                row["field"] or words.ABSENT,
                words.count(row["records_count"]),
                _place(row),
            ]
            for row in figures.reasons
        ],
    )


def _place(row: Row) -> str:
    if row["example_line"] is None:
        return str(row["example_path"])
    return f"{row['example_path']}:{row['example_line']}"


def _checks(checks: list[Row], caption: str) -> Table | None:
    if not checks:
        return None
    return Table(
        caption=caption,
        columns=[
            Column("Status"),
            Column("Check"),
            Column("Table"),
            Column("Gate"),
            Column("Observed"),
            Column("Expected"),
        ],
        rows=[
            [
                check["status"],
                check["check_name"],
                check["table_name"],
                check["gate"],
                check["observed"] or words.ABSENT,
                check["expected"] or words.ABSENT,
            ]
            for check in checks
        ],
        states=[check["status"] for check in checks],
    )


def _publications(figures: Figures, timezone: str) -> Table | None:
    if not figures.publications:
        return None
    return Table(
        caption="The last publications",
        columns=[
            Column("Published"),
            Column("As of"),
            *numbers("Events"),
            Column("Newest event"),
            *numbers("Past numbers restated"),
            Column("Why"),
            Column("Run"),
        ],
        rows=[
            [
                words.instant(row["published_at"], timezone),
                words.instant(row["as_of"], timezone),
                words.count(row["events_count"]),
                words.instant(row["last_event_at"], timezone),
                words.count(row["restated_count"]),
                (row["restated_causes"] or words.ABSENT).replace("_", " "),
                row["run_id"][:SHORT_RUN_ID],
            ]
            for row in figures.publications
        ],
    )
