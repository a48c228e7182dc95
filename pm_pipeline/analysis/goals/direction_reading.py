"""Problems, hypotheses and the roadmap with all that they name, read from definitions and marts.

Belongs here: queries over aggregates, and their rows as typed values. Does not belong here: what
is concluded of them.
"""

from __future__ import annotations

import duckdb

from pm_pipeline.analysis.goals.direction import Hypothesis, Item, Known, Problem, Verdict
from pm_pipeline.analysis.goals.reading import query_rows, read_goals, read_series


def read_problems(connection: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Return the problems of ``product.yml``."""
    return [Problem(*row) for row in query_rows(connection, "problems")]


def read_hypotheses(connection: duckdb.DuckDBPyConnection) -> list[Hypothesis]:
    """Return the hypotheses of ``product.yml``."""
    return [Hypothesis(*row) for row in query_rows(connection, "hypotheses")]


def read_roadmap(connection: duckdb.DuckDBPyConnection) -> list[Item]:
    """Return the roadmap of ``product.yml``."""
    return [Item(*row) for row in query_rows(connection, "roadmap")]


def read_known(connection: duckdb.DuckDBPyConnection) -> Known | None:
    """Return what is known of everything they name; None when there is no day at all."""
    ((last_date, _),) = query_rows(connection, "calendar")
    if last_date is None:
        return None
    series = read_series(connection)
    return Known(
        as_of_date=last_date,
        series=series,
        step_rates={(row[0], row[1]): row[2] for row in query_rows(connection, "step_rates")},
        goals={goal.name: goal for goal in read_goals(connection)},
        progress={row[0]: (row[1], row[2]) for row in query_rows(connection, "progress")},
        verdicts={name: Verdict(*verdict) for name, *verdict in query_rows(connection, "verdicts")},
        stages={row[0]: (row[1], row[2]) for row in query_rows(connection, "feature_stages")},
    )
