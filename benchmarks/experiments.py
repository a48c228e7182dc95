"""Many experiments at once: what their SQL costs in raw scans, and their Python per result.

Belongs here: the product with the experiments, its run, and the two figures. Does not belong here:
how a run is measured (``runs.py``); whether the statistics are right (``calibration``).

Statistics are kept for each arm and day that takes units in, so the length of the intake decides
how many there are. By default it is that of the experiments the methods are calibrated on: a
million people, 50 experiments and 3 arms are then 238 units an arm and day, and 300 are calibrated.
A longer intake spreads the same people over more days and costs more; the figures name its length.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from benchmarks.calibration.trials import DAYS as CALIBRATED_DAYS
from benchmarks.generator import FIRST_DAY, Scale, open_generator
from benchmarks.measuring import RawLimit, measure_raw_limit
from benchmarks.runs import less, run_home
from pm_pipeline.home import Home

METRICS, ARMS, WINDOW = 20, 3, 7
SHOWN = 1.2
"""Events of exposure a person (``sql/exposures.sql``)."""
STEP = "experiments"
"""The step of the run in which Python judges."""
SOURCE = """\
product: {name: Benchmark, segments: [platform, properties.plan, country, app_version]}
sources:
  - name: app
    path: "20*.parquet"
    format: parquet
    columns: {user_id: user_id, device_id: device_id, event_name: event_name, event_id: event_id,
              event_time: event_time, received_at: received_at, platform: platform,
              country: country, app_version: app_version}
    properties: [plan, screen, amount, referrer]
  - name: experiments
    id_space: app
    path: "exposures.parquet"
    format: parquet
    columns: {user_id: user_id, event_name: event_name, event_id: event_id,
              event_time: event_time, platform: platform, country: country,
              app_version: app_version}
    properties: [plan, experiment, variant]
"""
MODELS = {
    "int_exposure_events", "int_exposures", "int_experiment_periods", "int_experiment_unit_values",
    "exposures", "sufficient_statistics", "overlaps", "reach",
}  # fmt: skip
AT_MOST_SCANS, AT_MOST_MILLISECONDS = 3.0, 1.0


@dataclass(frozen=True)
class Found:
    """What a run with many experiments cost."""

    raw: RawLimit
    intake_days: int
    """Days that an experiment takes new units in."""
    exposed: int
    """Units of all experiments together."""
    statistics: int
    results: int
    models: dict[str, float]
    """CPU seconds of each SQL model, those of the same models without units subtracted."""
    judging_seconds: float

    @property
    def scans(self) -> float:
        """CPU seconds of all their SQL over those of a raw scan."""
        return sum(self.models.values()) / self.raw.cpu_seconds

    @property
    def milliseconds(self) -> float:
        """CPU milliseconds of Python a row of results."""
        return 1000 * self.judging_seconds / self.results


def product_text(experiments: int, days: int, intake_days: int = CALIBRATED_DAYS) -> str:
    """Return a product with so many experiments of 20 metrics, 3 arms and 4 break-downs."""
    lines = [SOURCE + "metrics:"]
    for number in range(1, 9):
        lines.append(f"  count_{number}: {{event: event_{number:02d}, aggregate: count}}")
    for number in range(1, 5):
        lines.append(
            f"  sum_{number}: {{event: event_{number:02d}, aggregate: sum, "
            "value: properties.amount, cap: 99%}"
        )
    for number in range(1, 4):
        lines.append(f"  days_{number}: {{event: event_{number:02d}, aggregate: unique_days}}")
        lines.append(f"  did_{number}: {{event: event_{number:02d}, aggregate: proportion}}")
    lines.append("  ratio_1: {numerator: sum_1, denominator: count_1}")
    lines.append("  ratio_2: {numerator: count_2, denominator: count_3}")
    names = [line.split(":")[0].strip() for line in lines[1:]]
    assert len(names) == METRICS
    lines.append("experiments:")
    for number in range(experiments):
        start = FIRST_DAY.toordinal() + number * _spread(days) // experiments
        shares = ", ".join(f"arm_{arm}: {1 / ARMS:.8f}" for arm in range(1, ARMS + 1))
        guardrails = ", ".join(f"{{metric: {name}, margin: 5%}}" for name in names[2:5])
        lines.append(
            f"  experiment_{number}:\n"
            "    exposure: {event: exposed, variant: properties.variant, "
            f"where: \"properties.experiment = 'experiment_{number}'\"}}\n"
            f"    variants: {{{shares}}}\n"
            f"    start: {FIRST_DAY.fromordinal(start)}\n"
            f"    end: {FIRST_DAY.fromordinal(start + intake_days)}\n"
            f"    metrics: {{primary: [{', '.join(names[:2])}], guardrails: [{guardrails}], "
            f"secondary: [{', '.join(names[5:])}]}}\n"
            f"    metric_window: {WINDOW} days\n"
        )
    return "\n".join(lines)


def _spread(days: int) -> int:
    """Return over how many days the starts of the experiments are spread."""
    return max(days - 3 * WINDOW, 1)


def measure_experiments(
    work: Path,
    scale: Scale,
    experiments: int,
    say: Callable[[str], None],
    *,
    intake_days: int = CALIBRATED_DAYS,
) -> Found:
    """Run a home of that scale with so many experiments; ``work`` is emptied first."""
    text = product_text(experiments, scale.days, intake_days)
    shutil.rmtree(work, ignore_errors=True)
    home, idle = Home(work / "experiments"), Home(work / "one-event")
    for each in (home, idle):
        each.landing.mkdir(parents=True)
        each.product_file.write_text(text, encoding="utf-8")
    say(f"making {scale.events:,} events of {scale.users_count:,} people")
    exposures = round(SHOWN * scale.users_count)
    others = replace(scale, events=scale.events - exposures)
    with open_generator(others, known_days=scale.days) as generator:
        generator.write_months(home.landing, scale.days)
        generator.write_exposures(
            home.landing / "exposures.parquet",
            experiments=experiments, arms=ARMS, spread=_spread(scale.days), running=intake_days,
        )  # fmt: skip
        generator.write_one(idle.landing / "2024.parquet", 0, received_day=0)
    say(f"{experiments} experiments without a unit: what dbt itself needs")
    start = run_home(idle, work)
    say(f"running {experiments} experiments")
    run = less(run_home(home, work), start)
    raw = measure_raw_limit(home)
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        exposed, statistics, results = (
            _count(connection, table) for table in ("exposures", "sufficient_statistics", "results")
        )
    return Found(
        raw,
        intake_days,
        exposed,
        statistics,
        results,
        {name: part.cpu_seconds for name, part in run.nodes.items() if name in MODELS},
        run.steps[STEP].cpu_seconds,
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    ((count,),) = connection.table(f"experiments.{table}").aggregate("count(*)").fetchall()
    return int(count)


def describe(found: Found) -> list[str]:
    """Return the figures, a line each."""
    models = ", ".join(f"{name} {seconds:.2f}" for name, seconds in found.models.items())
    return [
        f"{found.exposed:,} exposed units, each experiment taking them in over "
        f"{found.intake_days} days; {found.statistics:,} sufficient statistics, "
        f"{found.results:,} results",
        f"raw scan {found.raw.cpu_seconds:.2f} CPU s; SQL {sum(found.models.values()):.2f} CPU s = "
        f"{found.scans:.2f} raw scans (at most {AT_MOST_SCANS:g})",
        f"by model: {models}",
        f"Python {found.judging_seconds:.2f} CPU s = {found.milliseconds:.3f} ms a result "
        f"(at most {AT_MOST_MILLISECONDS:g})",
    ]


def as_document(found: Found) -> str:
    """Return everything as JSON."""
    figures = {"scans": found.scans, "milliseconds_a_result": found.milliseconds}
    return json.dumps(asdict(found) | figures, indent=2)
