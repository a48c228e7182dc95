"""What the stages are made from, read from the marts.

Belongs here: queries over aggregates, and their rows as typed values. Does not belong here: what
is concluded of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pm_pipeline.analysis.lifecycle.letters import Experiment, Share
from pm_pipeline.analysis.lifecycle.results import Decision, Followed
from pm_pipeline.analysis.lifecycle.settings import LifecycleSettings
from pm_pipeline.analysis.lifecycle.stages import Subject

QUERIES = Path(__file__).with_name("sql")
PRODUCT = ("product", "product")
Key = tuple[str, str]


def read_settings(connection: duckdb.DuckDBPyConnection) -> LifecycleSettings:
    """Return the settings with what ``product.yml`` says of them."""
    defaults = LifecycleSettings()
    ((minimum,),) = _rows(connection, "minimum_weekly_users")
    return replace(defaults, stage=replace(defaults.stage, minimum_weekly_users=minimum))


def read_followed(connection: duckdb.DuckDBPyConnection) -> list[Followed]:
    """Return the product and every feature that was ever used, with all that was counted."""
    weeks: dict[Key, list[tuple[Any, ...]]] = defaultdict(list)
    for kind, name, *week in _rows(connection, "weeks"):
        weeks[kind, name].append(tuple(week))
    if PRODUCT not in weeks:
        return []
    plans = {row[0]: row[1:] for row in _rows(connection, "plans")}
    survival = _dated(connection, "survival")
    cohorts = _dated(connection, "cohorts")
    exclusive = _dated(connection, "exclusive")
    decisions = {(row[0], row[1]): Decision(*row[2:]) for row in _rows(connection, "decisions")}
    experiments: dict[Key, list[Experiment]] = defaultdict(list)
    for name, *experiment in _rows(connection, "experiments"):
        experiments["feature", name].append(Experiment(*experiment))
    data_start = weeks[PRODUCT][0][0]
    product_users = {week[1]: week[2] for week in weeks[PRODUCT]}
    return [
        replace(
            _followed(
                key,
                of_subject,
                product_users,
                data_start,
                plans.get(key[1]) if key[0] == "feature" else None,
                survival[key],
                cohorts[key],
                exclusive[key],
            ),
            experiments=tuple(experiments[key]),
            decision=decisions.get(key),
        )
        for key, of_subject in sorted(weeks.items())
    ]


def _followed(
    key: Key,
    weeks: list[tuple[Any, ...]],
    product_users: dict[date, int],
    data_start: date,
    plan: tuple[Any, ...] | None,
    survival: list[tuple[date, Share]],
    cohorts: list[tuple[date, Share]],
    exclusive: list[tuple[date, Share]],
) -> Followed:
    launched_on, target_users, monthly_value, monthly_cost = plan or (None, None, None, None)
    first_dates, starts, active_users, new_users, quick_ratios = zip(*weeks, strict=True)
    return Followed(
        Subject(
            kind=key[0],
            name=key[1],
            first_week=starts[0],
            active_users=active_users,
            product_users=tuple(product_users.get(start, 0) for start in starts),
            first_date=first_dates[0],
            data_start=data_start,
            launched_on=launched_on,
            target_users=target_users,
        ),
        new_users=new_users,
        quick_ratios=quick_ratios,
        monthly_value=monthly_value,
        monthly_cost=monthly_cost,
        survival=survival,
        cohorts=cohorts,
        exclusive=dict(exclusive),
    )


def _dated(
    connection: duckdb.DuckDBPyConnection, query: str
) -> dict[Key, list[tuple[date, Share]]]:
    """Return shares of a number of people by subject, each with a day."""
    found: dict[Key, list[tuple[date, Share]]] = defaultdict(list)
    for kind, name, day, users, kept in _rows(connection, query):
        found[kind, name].append((day, Share(users, kept)))
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute((QUERIES / f"{query}.sql").read_text(encoding="utf-8")).fetchall()
