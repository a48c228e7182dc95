"""Tables by the pipeline and by the peers: equal rows, and what each way costs.

Belongs here: which models make a table, running the ways, comparing what they give. Does not belong
here: the queries (``sql/``, ``polars_way.py``), flags and printing (``__main__.py``).
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.measuring import Cost, measure
from benchmarks.runs import TESTS, Part, Run
from pm_pipeline.home import Home

HERE = Path(__file__).parent
WAYS = ("chdb", "polars")
NOTHING = "none"
"""The table that is the start-up alone."""
MODELS: dict[str, tuple[str, ...]] = {
    "event_usage": ("event_usage",),
    "active_users": ("active_users", "int_new_users", "int_user_segment_days"),
    "sessions": ("int_person_sessions", "int_sessions", "sessions"),
    "funnels": ("int_funnel_", "attempts", "conversion"),
    "retention": (
        "int_retention_", "int_user_metric_days", "cohorts", "curve", "brackets",
        "usage_intervals", "value_by_age",
    ),
    "growth": ("int_subject_", "accounting"),
}  # fmt: skip
"""The models that serve one table alone; a name that ends in _ stands for all that begin so."""
SHARED = ("int_event", "int_person", "int_user_", "int_segment_values", "int_combination_")
"""What the tables rest on together: events as numbers, persons, days."""


@dataclass(frozen=True)
class Way:
    """What one engine needs for one table; start-up subtracted from the CPU seconds."""

    cpu_seconds: float
    peak_bytes: int


class DifferentError(RuntimeError):
    """Two ways give different rows."""


def table_of(model: str) -> str | None:
    """Return which compared table a model serves; ``shared`` for several, None for none."""
    for table, names in MODELS.items():
        if any(model == name or (name.endswith("_") and model.startswith(name)) for name in names):
            return table
    return "shared" if model.startswith(SHARED) else None


def own_ways(run: Run) -> dict[str, Way]:
    """Return the pipeline's costs by table, and of what they share."""
    parts: dict[str, list[Part]] = {}
    for model, part in run.nodes.items():
        table = None if model == TESTS else table_of(model)
        if table is not None:
            parts.setdefault(table, []).append(part)
    return {
        table: Way(sum(part.cpu_seconds for part in found), max(part.peak_bytes for part in found))
        for table, found in parts.items()
    }


def write_events(home: Home, target: Path) -> int:
    """Write the events that the peers are given; return how many."""
    query = (HERE / "sql" / "events.sql").read_text(encoding="utf-8")
    with _published(home) as connection:
        (count,) = connection.execute(
            f"copy ({query}) to '{_quoted(target)}' (format parquet, row_group_size 200000)"
        ).fetchall()[0]
    return int(count)


def run_way(way: str, table: str, *, python: str, events: Path, result: Path, repeats: int) -> Cost:
    """Run one way ``repeats`` times; CPU seconds are the median, memory the most.

    Raises ``CommandFailedError`` when it fails.
    """
    command = [python, str(HERE / f"{way}_way.py"), table, str(events), str(result)]
    costs = []
    for _ in range(repeats):
        result.unlink(missing_ok=True)
        costs.append(measure(command, {}, result.with_suffix(".log")))
    return Cost(
        statistics.median(cost.cpu_seconds for cost in costs),
        statistics.median(cost.wall_seconds for cost in costs),
        # What the kernel says of an ended process begins with the memory of the one it came from.
        max(size for cost in costs for _, size in cost.memory),
    )


def compare_rows(home: Home, table: str, results: Mapping[str, Path]) -> int:
    """Return how many rows a published table has; the peers must give the very same ones.

    Raises ``DifferentError`` with the first rows that only one of them has.
    """
    ours = (HERE / "sql" / "ours" / f"{table}.sql").read_text(encoding="utf-8")
    with _published(home) as connection:
        connection.execute(f"create temp table ours as {ours}")
        columns = ", ".join(
            f'"{name}"' for name, *_ in connection.execute("describe ours").fetchall()
        )
        for way, result in results.items():
            theirs = f"(select {columns} from '{_quoted(result)}')"
            differing = connection.execute(
                f"select 'ours', * from (from ours except all from {theirs}) union all "
                f"select '{way}', * from (from {theirs} except all from ours) order by all limit 6"
            ).fetchall()
            if differing:
                raise DifferentError(f"{table}: {way} differs: {differing}")
        (count,) = connection.execute("select count(*) from ours").fetchall()[0]
    return int(count)


def _published(home: Home) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(home.published_database), read_only=True)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
