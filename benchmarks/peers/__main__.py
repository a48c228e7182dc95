"""The command ``python -m benchmarks.peers``, which ``make bench-peers`` calls.

Belongs here: its flags, the order of the runs, the printed table. Does not belong here: what is
compared and how (``comparing.py``).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.generator import Scale, open_generator
from benchmarks.measuring import RawLimit, measure_raw_limit
from benchmarks.peers.comparing import (
    HERE,
    MODELS,
    NOTHING,
    WAYS,
    Way,
    compare_rows,
    own_ways,
    run_way,
    write_events,
)
from benchmarks.runs import Run, less, run_home
from benchmarks.scenarios import PRODUCT_FILE
from benchmarks.tables import describe_machine
from pm_pipeline.home import Home

WORK = HERE.parent / ".work" / "peers"
NARROWEST = 110
SMALLEST_COMPARED = 0.1
"""CPU seconds: below, start-up and chance are most of it."""
OURS, SHARED, TOTAL = "ours", "shared", "together"


@click.command()
@click.option("--events", type=click.IntRange(min=1_000), default=10_000_000, show_default=True)
@click.option("--days", type=click.IntRange(min=31), default=363, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--repeats", type=click.IntRange(min=1), default=3, show_default=True)
@click.option(
    "--python", default=sys.executable, help="An interpreter that has the extra peers installed."
)
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), default=WORK)
def main(events: int, days: int, seed: int, repeats: int, python: str, work: Path) -> None:
    """Make the same tables by ClickHouse and polars, check that all agree, and compare costs."""
    console = Console(highlight=False)
    console.width = max(console.width, NARROWEST)
    if subprocess.run([python, "-c", f"import {', '.join(WAYS)}"], check=False).returncode:
        raise click.UsageError(f"{python} lacks the extra peers; make bench-peers installs it")
    work = work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with open_generator(Scale(events, days, seed)) as generator:
        fixed = []
        for number in range(2):
            home = _home(work, f"one-event-{number}")
            generator.write_one(home.landing / "first.parquet", 0, received_day=0)
            fixed.append(run_home(home, work))
        home = _home(work, "all")
        generator.write_months(home.landing, days)
    console.print(f"[dim]running all {events:,} events ...[/dim]")
    # The first of all may have parsed the dbt project and compiled bytecode.
    run = less(run_home(home, work), fixed[1])
    raw = measure_raw_limit(home)
    given = work / "events.parquet"
    count = write_events(home, given)
    ways: dict[str, dict[str, Way]] = {OURS: own_ways(run)}
    results: dict[str, dict[str, Path]] = {table: {} for table in MODELS}
    for way in WAYS:
        console.print(f"[dim]{way} ...[/dim]")
        ways[way] = _costs(way, python, given, repeats, results, work)
    for table, paths in results.items():
        rows = compare_rows(home, table, paths)
        console.print(f"{table}: {rows:,} rows, the same by {', '.join([OURS, *paths])}")
    console.print(_table(ways, run, raw, count))
    console.print(
        "Ours makes more: break-downs of funnels and retention, attempts with the time of every "
        "step, series by day and week, curves, growth of 3 features, and state from which the "
        "next day is added; its memory is that of the whole process. The others are given events "
        "without duplicates, with persons resolved and break-downs as columns, and read them once "
        "for each table.",
        soft_wrap=True,
    )
    document = {
        "machine": describe_machine(), "events": count, "raw_cpu_seconds": raw.cpu_seconds,
        "ways": {way: {name: vars(cost) for name, cost in costs.items()}
                 for way, costs in ways.items()},
    }  # fmt: skip
    (work / "results.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    console.print(str(work / "results.json"), soft_wrap=True)


def _home(work: Path, name: str) -> Home:
    home = Home(work / name)
    home.landing.mkdir(parents=True)
    shutil.copyfile(PRODUCT_FILE, home.product_file)
    return home


def _costs(
    way: str,
    python: str,
    events: Path,
    repeats: int,
    results: dict[str, dict[str, Path]],
    work: Path,
) -> dict[str, Way]:
    def run(table: str, target: Path) -> Way:
        cost = run_way(way, table, python=python, events=events, result=target, repeats=repeats)
        return Way(cost.cpu_seconds, cost.peak_bytes)

    started = run(NOTHING, work / f"{way}-{NOTHING}.parquet")
    costs = {}
    for table in MODELS:
        target = work / f"{way}-{table}.parquet"
        cost = run(table, target)
        costs[table] = Way(cost.cpu_seconds - started.cpu_seconds, cost.peak_bytes)
        results[table][way] = target
    return costs


def _table(ways: dict[str, dict[str, Way]], run: Run, raw: RawLimit, events: int) -> Table:
    table = Table(
        title=f"{events:,} events; CPU seconds without start-up, peak MB; one raw scan "
        f"{raw.cpu_seconds:.2f} s, all our models {run.models_cpu_seconds:.2f} s",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("table", no_wrap=True)
    for way in ways:
        table.add_column(f"{way} CPU s", justify="right")
    for way in WAYS:
        table.add_column(f"{OURS} / {way}", justify="right")
    for way in ways:
        table.add_column(f"{way} MB", justify="right")
    for name in MODELS:
        _row(table, name, {way: costs[name] for way, costs in ways.items()})
    _row(table, SHARED, {OURS: ways[OURS][SHARED]})
    totals = {
        way: Way(
            sum(cost.cpu_seconds for cost in costs.values()),
            max(cost.peak_bytes for cost in costs.values()),
        )
        for way, costs in ways.items()
    }
    _row(table, TOTAL, totals)
    return table


def _row(table: Table, name: str, costs: dict[str, Way]) -> None:
    def seconds(way: str) -> str:
        return f"{costs[way].cpu_seconds:.2f}" if way in costs else ""

    def ratio(way: str) -> str:
        if way not in costs or costs[way].cpu_seconds < SMALLEST_COMPARED:
            return ""
        return f"{costs[OURS].cpu_seconds / costs[way].cpu_seconds:.2f}"

    def megabytes(way: str) -> str:
        return f"{costs[way].peak_bytes / 1e6:,.0f}" if way in costs else ""

    everybody = (OURS, *WAYS)
    table.add_row(
        name,
        *(seconds(way) for way in everybody),
        *(ratio(way) for way in WAYS),
        *(megabytes(way) for way in everybody),
        style="bold" if name == TOTAL else "",
    )


main(prog_name="python -m benchmarks.peers")
