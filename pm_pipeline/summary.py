"""What the command line says of a run and of a home, in a few lines.

Belongs here: reading the published warehouse and the state for a person. Does not belong here:
numbers that neither of them holds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pm_pipeline.figures import last_week
from pm_pipeline.home import Home
from pm_pipeline.lock import is_busy
from pm_pipeline.state import open_state

if TYPE_CHECKING:  # Dagster is dear to import, and status does without it
    from pm_pipeline.execution import Outcome

QUERIES = Path(__file__).with_name("summary.sql")


def print_run_summary(console: Console, home: Home, outcome: Outcome) -> None:
    """Say how a run ended, what it found and what to do next."""
    console.print()
    with open_state(home, read_only=True) as state:
        _print_ledger(console, state)
        _print_checks(console, state, outcome.run_id)
        restated = state.execute(_query("restated")).fetchall() if outcome.published else []
    for name, message in outcome.failures:
        console.print(f"[red]{escape(name)} broke:[/red] {escape(message)}")
    if not outcome.succeeded:
        console.print("[red]Nothing was published;[/red] the previous publication stands.")
        console.print(f"The whole story: {home.dagster / 'last_run.log'}")
        return
    if not outcome.published:
        console.print("Nothing new: the publication stands.")
    if restated:
        count = sum(number for _, number in restated)
        causes = ", ".join(f"{number:,} {cause}" for cause, number in restated)
        console.print(
            f"restated   {count:,} published past numbers changed ({causes}): see "
            "quality.restatements"
        )
    _print_last_week(console, home)
    console.print(f"warehouse  {home.published_database}")
    console.print(f"report     {home.report_page}")
    console.print(
        "next       "
        f"python -c \"import duckdb; print(duckdb.connect('{home.published_database}', "
        "read_only=True).sql('from engagement.active_users order by activity_date desc limit 7'))\""
    )


def print_status(console: Console, home: Home) -> None:
    """Say what is published, how fresh it is, what failed and what was not read."""
    if is_busy(home):
        console.print("A run holds this home at the moment.")
    if not home.state_database.exists():
        console.print(f"{home.root}: nothing has run here yet. Next: pm-pipeline run")
        return
    try:
        with open_state(home, read_only=True) as state:
            _print_publication(console, state)
            _print_ledger(console, state)
            last_run = state.execute(_query("last_run")).fetchone()
            if last_run:
                _print_checks(console, state, last_run[0])
    except duckdb.IOException:
        console.print("The run is writing its state; try again in a moment.")
    if home.published_database.exists():
        _print_tables(console, home)


def _print_publication(console: Console, state: duckdb.DuckDBPyConnection) -> None:
    row = state.execute(_query("last_publication")).fetchone()
    if row is None:
        console.print("Nothing is published yet.")
        return
    published_at, as_of, events, last_event_at = row
    console.print(f"published  {published_at:%F %R} UTC, as of {as_of:%F %R} UTC")
    if last_event_at:
        age = datetime.now(UTC).replace(tzinfo=None) - last_event_at
        console.print(
            f"freshness  newest event {last_event_at:%F %R} UTC, {age.days} days "
            f"{age.seconds // 3600} hours ago"
        )
    console.print(f"events     {events:,}")


def _print_ledger(console: Console, state: duckdb.DuckDBPyConnection) -> None:
    row = state.execute(_query("ledger")).fetchone()
    if row:
        files, records, accepted, duplicate, rejected, excluded = row
        console.print(
            f"files      {files:,} with {records:,} records: {accepted:,} accepted "
            f"({excluded:,} excluded), {duplicate:,} duplicate, {rejected:,} rejected"
        )
    unread = state.execute(_query("unread")).fetchall()
    for path, reason, detail in unread:
        console.print(f"[yellow]not read[/yellow]   {escape(path)}: {reason}: {escape(detail)}")


def _print_checks(console: Console, state: duckdb.DuckDBPyConnection, run_id: str) -> None:
    counts = dict(state.execute(_query("check_counts"), [run_id]).fetchall())
    if not counts:
        return
    words = ", ".join(f"{count} {status}" for status, count in counts.items())
    console.print(f"checks     {words}")
    for gate, name, table, status, observed, expected in state.execute(
        _query("checks_to_show"), [run_id]
    ).fetchall():
        color = "yellow" if status == "warn" else "red"
        console.print(
            f"[{color}]{status}[/{color}]       gate {gate}: {name} on {table}: "
            f"{escape(observed or '')}; expected {escape(expected or '')}"
        )


def _print_last_week(console: Console, home: Home) -> None:
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        figures = last_week(connection)
    if not figures:
        console.print("No events yet: put files into landing/ and run again.")
        return
    table = Table(title=f"the 7 days to {figures[0].last_date}", title_justify="left", box=None)
    table.add_column("")
    table.add_column("last week", justify="right")
    table.add_column("week before", justify="right")
    for figure in figures:
        before = "" if figure.value_before is None else f"{figure.value_before:,}"
        table.add_row(figure.name, f"{figure.value:,}", before)
    console.print(table)


def _print_tables(console: Console, home: Home) -> None:
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        rows = connection.execute(_query("tables")).fetchall()
    table = Table(title="tables", title_justify="left", box=None)
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, count in rows:
        table.add_row(name, f"{count:,}")
    console.print(table)


def _query(name: str) -> str:
    """Return one statement of ``summary.sql``, found by the name in the comment above it."""
    for part in QUERIES.read_text(encoding="utf-8").split("-- name: ")[1:]:
        heading, _, statement = part.partition("\n")
        if heading.strip() == name:
            return statement
    raise KeyError(name)
