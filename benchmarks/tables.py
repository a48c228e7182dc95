"""How the results look: tables for a terminal, one JSON document for a file.

Belongs here: rows, columns and ratios. Does not belong here: measuring.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from collections.abc import Mapping
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Cost
from benchmarks.runs import TESTS, Part, Run
from benchmarks.scenarios import LARGE_DAY_EVENTS, LATE_DAYS, Results

STATE_MODELS = (
    "int_persons", "int_users", "int_user_segments", "users", "user_segments", "int_identities",
    "identities", "int_device_links",
)  # fmt: skip
"""They hold one row per person or device: what they cost grows with how many were ever seen."""
SMALLEST_SHOWN = 0.005


def print_results(console: Console, results: Results) -> None:
    """Print everything that was measured."""
    console.print(_full(results))
    console.print(_models(results))
    console.print(_days(results))
    console.print(_startup(results))


def _full(results: Results) -> Table:
    raw, full = results.raw, results.full
    table = _table(
        f"{raw.events:,} events, {raw.megabytes:,.0f} MB in {raw.files} lake files, "
        f"{results.scale.days} days; start-up subtracted",
        "step", "CPU s", "wall s", "events / wall s", "peak MB", "CPU / raw",
    )  # fmt: skip
    table.add_row(
        "raw limit: every column hashed",
        _seconds(raw.cpu_seconds),
        _seconds(raw.wall_seconds),
        f"{raw.events_per_second:,.0f}",
        "",
        "1.00",
    )
    for name, part in full.steps.items():
        table.add_row(f"  {name}", *_part(part, results))
    spine = _sum_of({name: full.nodes[name] for name in full.spine if name in full.nodes})
    table.add_row("  of models: the spine", *_part(spine, results), style="bold")
    table.add_row("  of models: all", *_part(_sum_of(_models_of(full)), results), style="bold")
    table.add_row("  of models: dbt tests", *_part(full.nodes[TESTS], results))
    whole = Part(full.cost.cpu_seconds, full.cost.wall_seconds, results.full_peak_bytes)
    table.add_row("the whole run", *_part(whole, results), style="bold")
    return table


def _models(results: Results) -> Table:
    table = _table(
        "models, all events at once; reach: the spine (*) together at most 4 raw scans",
        "model", "CPU s", "wall s", "events / wall s", "peak MB", "CPU / raw",
    )  # fmt: skip
    dearest = sorted(
        _models_of(results.full).items(), key=lambda item: item[1].cpu_seconds, reverse=True
    )
    for name, part in dearest:
        mark = " *" if name in results.full.spine else ""
        table.add_row(f"{name}{mark}", *_part(part, results))
    return table


def _days(results: Results) -> Table:
    histories = list(results.days)
    table = _table(
        f"one more day of {results.scale.events // results.scale.days:,} events, CPU s, "
        "start-up subtracted; reach: at most 1.2 times",
        "part", *(f"after {days} days" for days in histories),
        f"{histories[-1]} / {histories[0]}", f"one event {LATE_DAYS} days late",
    )  # fmt: skip
    late = day_parts(results.late) if results.late else {}
    by_history = [day_parts(run) for run in results.days.values()]
    for name in by_history[0]:
        seconds = [parts[name] for parts in by_history]
        ratio = f"{seconds[-1] / seconds[0]:.2f}" if seconds[0] > SMALLEST_SHOWN else ""
        table.add_row(
            name,
            *(_seconds(value) for value in seconds),
            ratio,
            _seconds(late[name]) if late else "",
            style="" if name.startswith(" ") else "bold",
        )
    return table


def day_parts(run: Run) -> dict[str, float]:
    """Return the CPU seconds of a day's run by part; indented parts are within the whole."""
    state = sum(run.nodes[name].cpu_seconds for name in STATE_MODELS if name in run.nodes)
    models = run.models_cpu_seconds
    parts = {
        "the whole run": run.cost.cpu_seconds,
        "the whole without per-person state and copy": run.cost.cpu_seconds
        - state
        - run.steps["publish"].cpu_seconds,
        "models without per-person state": models - state,
        "  per-person state models": state,
        "  publish (copy, report)": run.steps["publish"].cpu_seconds,
    }
    parts |= {
        f"  {name}": part.cpu_seconds
        for name, part in run.steps.items()
        if name not in {"publish", "models"}
    }
    parts["  dbt tests"] = run.nodes[TESTS].cpu_seconds
    parts["  dbt around models and tests"] = (
        run.steps["models"].cpu_seconds - models - run.nodes[TESTS].cpu_seconds
    )
    shown = sorted(_models_of(run), key=lambda name: -run.nodes[name].cpu_seconds)
    return parts | {f"    {name}": run.nodes[name].cpu_seconds for name in sorted(shown)}


def _startup(results: Results) -> Table:
    table = _table(
        "fixed start-up", "command", "CPU s", "wall s", "peak MB", "CPU / validate",
        "wall / validate", "reach",
    )  # fmt: skip
    rows: list[tuple[str, Cost | None, str]] = [
        ("dagster definitions validate", results.validate, ""),
        ("a run that finds nothing new", results.nothing_new, "2"),
        (
            f"a run that adds a day of {LARGE_DAY_EVENTS:,} events",
            results.large_day.cost if results.large_day else None,
            "7, aim 5",
        ),
        ("first run on a home with one event", results.first_startup.cost, ""),
        ("a run that adds one event to one event", results.daily_startup.cost, ""),
    ]
    for name, cost, reach in rows:
        if cost is None or results.validate is None:
            continue
        table.add_row(
            name,
            _seconds(cost.cpu_seconds),
            _seconds(cost.wall_seconds),
            f"{cost.peak_bytes / 1e6:,.0f}",
            f"{cost.cpu_seconds / results.validate.cpu_seconds:.2f}",
            f"{cost.wall_seconds / results.validate.wall_seconds:.2f}",
            reach,
        )
    for name, part in results.daily_startup.steps.items():
        table.add_row(
            f"  of it {name}",
            _seconds(part.cpu_seconds),
            _seconds(part.wall_seconds),
            f"{part.peak_bytes / 1e6:,.0f}" if part.peak_bytes else "",
        )
    return table


def _models_of(run: Run) -> dict[str, Part]:
    return {name: part for name, part in run.nodes.items() if name != TESTS}


def _sum_of(parts: Mapping[str, Part]) -> Part:
    return Part(
        sum(part.cpu_seconds for part in parts.values()),
        sum(part.wall_seconds for part in parts.values()),
        max(part.peak_bytes for part in parts.values()),
    )


def _part(part: Part, results: Results) -> tuple[str, ...]:
    speed = results.raw.events / part.wall_seconds if part.wall_seconds > SMALLEST_SHOWN else None
    return (
        _seconds(part.cpu_seconds),
        _seconds(part.wall_seconds),
        f"{speed:,.0f}" if speed else "",
        f"{part.peak_bytes / 1e6:,.0f}" if part.peak_bytes else "",
        f"{part.cpu_seconds / results.raw.cpu_seconds:.2f}",
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", no_wrap=number == 0)
    return table


def _seconds(value: float) -> str:
    return f"{value:.2f}"


def document(results: Results, machine: Mapping[str, Any]) -> str:
    """Return everything as JSON, with the machine it was measured on."""
    content = dataclasses.asdict(results)
    _drop_samples(content)
    content["raw"]["events_per_second"] = results.raw.events_per_second
    spine = sum(results.full.nodes[name].cpu_seconds for name in results.full.spine)
    content["spine_by_raw"] = spine / results.raw.cpu_seconds
    content["models_by_raw"] = results.full.models_cpu_seconds / results.raw.cpu_seconds
    content["day_parts"] = {days: day_parts(run) for days, run in results.days.items()}
    return json.dumps({"machine": dict(machine), **content}, indent=1)


def _drop_samples(content: Any) -> None:
    if isinstance(content, dict):
        content.pop("memory", None)
        for value in content.values():
            _drop_samples(value)


def describe_machine() -> dict[str, Any]:
    """Return what the numbers depend on: processors, versions, and how busy the machine is."""
    return {
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "load_average": os.getloadavg(),
    }
