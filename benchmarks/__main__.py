"""The command ``python -m benchmarks``, which ``make bench`` calls.

Belongs here: its flags. Does not belong here: what is measured (``scenarios.py``).
"""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from benchmarks.calibration.trials import DAYS as CALIBRATED_DAYS
from benchmarks.experiments import as_document, describe, measure_experiments
from benchmarks.generator import Scale
from benchmarks.scenarios import Bench
from benchmarks.tables import describe_machine, document, print_results

WORK = Path(__file__).with_name(".work")
SHORT_HISTORIES = (30, 90)
NARROWEST = 110
"""Columns of the tables, also where no terminal says how wide it is."""


@click.command()
@click.option("--events", type=click.IntRange(min=1_000), default=10_000_000, show_default=True)
@click.option("--days", type=click.IntRange(min=31), default=363, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--format", "suffix", type=click.Choice(["parquet", "jsonl"]), default="parquet",
    show_default=True, help="Format of the landing files.",
)  # fmt: skip
@click.option(
    "--repeats", type=click.IntRange(min=1), default=3, show_default=True,
    help="Runs of each scenario; their median counts.",
)  # fmt: skip
@click.option("--users", type=click.IntRange(min=1), help="People; by default one for 70 events.")
@click.option(
    "--experiments", type=click.IntRange(min=0), default=0,
    help="Measure so many experiments of 20 metrics, 3 arms and 4 break-downs instead.",
)  # fmt: skip
@click.option(
    "--intake-days", type=click.IntRange(min=1), default=CALIBRATED_DAYS, show_default=True,
    help="Days that each experiment takes new people in.",
)  # fmt: skip
@click.option(
    "--work", type=click.Path(file_okay=False, path_type=Path), default=WORK,
    help="Where homes and results go; emptied first. Default benchmarks/.work.",
)  # fmt: skip
def main(
    events: int, days: int, seed: int, suffix: str, repeats: int, users: int | None,
    experiments: int, intake_days: int, work: Path,
) -> None:  # fmt: skip
    """Measure what the pipeline costs, as ratios to one raw scan of the same events."""
    console = Console(highlight=False)
    console.width = max(console.width, NARROWEST)
    scale = Scale(events, days, seed, users)

    def say(line: str) -> None:
        console.print(f"[dim]{line} ...[/dim]", soft_wrap=True)

    if experiments:
        found = measure_experiments(
            work.resolve() / "homes", scale, experiments, say, intake_days=intake_days
        )
        (work.resolve() / "experiments.json").write_text(as_document(found), encoding="utf-8")
        for line in describe(found):
            console.print(line, soft_wrap=True)
        return
    machine = describe_machine()
    bench = Bench(
        work.resolve() / "homes",
        scale,
        suffix=f".{suffix}",
        repeats=repeats,
        say=say,
    )
    results = bench.go([*(short for short in SHORT_HISTORIES if short < days), days])
    machine["load_average_after"] = describe_machine()["load_average"]
    target = work.resolve() / "results.json"
    target.write_text(document(results, machine), encoding="utf-8")
    print_results(console, results)
    console.print(
        f"{machine['processors']} processors, DuckDB {machine['duckdb']}, load average "
        f"{machine['load_average'][0]:.1f} before and {machine['load_average_after'][0]:.1f} "
        f"after: with a load above 1 trust CPU seconds to about 25 %, wall seconds not at all.",
        soft_wrap=True,
    )
    console.print(str(target), soft_wrap=True)


main(prog_name="python -m benchmarks")
