"""What dbt hands to the project's macros while it runs, for the linter, which has no database.

Belongs here: the smallest answers that make every branch of the models render. Does not belong
here: SQL, or anything that a run uses.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

execute = True
invocation_id = "lint"
graph: dict[str, Any] = {}
"""What all models of a run share; here all that one linter asks for."""

PROPERTY = "json_extract_string(properties, '/plan')"
_ANSWERS: dict[str, list[dict[str, Any]]] = {
    "product": [
        {
            "timezone": "Europe/Berlin",
            "week_starts_on": "sunday",
            "session_timeout_seconds": 1800,
            "anonymous_window_seconds": 2592000,
            "max_links": 20,
            "all_events_active": False,
        }
    ],
    "session_timeouts": [{"platform": "ios", "timeout_seconds": 300}],
    "personas": [{"persona_name": "fan", "condition": "active_days_last_28 >= 12"}],
    "attributions": [
        {
            "attribution_name": "sales",
            "conversion_event": "buy",
            "conversion_expression": None,
            "value_expression": "1",
            "touch_event": "visit",
            "touch_expression": "platform = 'web'",
            "look_back_seconds": 86400,
            "half_life_seconds": 21600.0,
            "first_weight": 0.4,
            "middle_weight": 0.2,
            "last_weight": 0.4,
            "first_of_two_weight": 0.5,
            "last_of_two_weight": 0.5,
        }
    ],
    "attribution_channels": [
        {
            "attribution_name": "sales",
            "position": 1,
            "channel": "search",
            "expression": "platform = 'web'",
            "is_direct": False,
        }
    ],
    "attribution_models": [{"attribution_name": "sales", "model": "first"}],
    "segments": [{"segment_name": "platform", "position": 1, "expression": "platform"}],
    "paths": [
        {
            "path_name": name,
            "direction": direction,
            "event_name": "sign_up",
            "condition": "platform = 'ios'",
            "within_seconds": within,
            "steps": 20,
            "interval": "week",
            "collapse_repeats": within is None,
        }
        for name, direction, within in (("after", "from", 3600), ("to", "to", None))
    ],
    "cohorts": [
        {
            "cohort_name": name,
            "kind": kind,
            "depth": depth,
            "rests_on_persona": persona is not None,
            "persona": persona,
            "event_name": "song_played",
            "condition": "platform = 'ios'",
            "then_event_name": "sign_up",
            "then_condition": None,
            "at_least": 2,
            "within_seconds": 86400,
            "lasts_seconds": lasts,
        }
        for name, kind, depth, persona, lasts in (
            ("did", "did", 0, None, 86400),
            ("ever", "did", 0, None, None),
            ("did_not", "did_not", 0, None, 86400),
            ("never", "did_not", 0, None, None),
            ("sequence", "sequence", 0, None, 86400),
            ("fans", "persona", 0, "fan", None),
            ("some", "any_of", 1, None, None),
            ("all", "all_of", 1, "fan", None),
        )
    ],
    "cohort_parts": [
        {"cohort_name": "all", "part_name": "did", "is_excepted": False},
        {"cohort_name": "some", "part_name": "did", "is_excepted": False},
        {"cohort_name": "some", "part_name": "ever", "is_excepted": True},
    ],
    "segment_cohorts": [{"cohort_name": "did", "described": "[]"}],
    "path_events": [{"path_name": "after", "event_name": "song_played"}],
    "funnels": [
        {
            "funnel_name": name,
            "event_order": order,
            "reach_days": 2,
            "required_count": 2,
            "experiment_name": experiment,
        }
        for name, order, experiment in (("first", "ordered", None), ("next", "strict", "onboarding"))
    ],
    "funnel_steps": [
        {
            "funnel_name": name,
            "step_index": step,
            "required_index": required,
            "event_name": "played",
            "condition": condition,
        }
        for name in ("first", "next")
        for step, required, condition in ((1, 1, None), (2, None, "platform = 'ios'"), (3, 2, None))
    ],
    "funnel_exclusions": [
        {"funnel_name": "first", "position": 1, "event_name": None, "condition": "platform = 'web'"}
    ],
    "funnel_holds": [
        {"funnel_name": name, "position": position, "expression": expression, "pointer": pointer}
        for name, position, expression, pointer in (
            ("first", 1, None, None),
            ("first", 2, "platform", None),
            ("next", 1, "json_extract_string(properties, '/cart')", "/cart"),
        )
    ],
    "funnel_segments": [
        {
            "funnel_name": "first",
            "position": 1,
            "segment_name": "platform",
            "expression": "platform",
        }
    ],
    "retentions": [
        {
            "retention_name": f"{interval}_{clock}_{is_first_time}",
            "start_event": "sign_up",
            "start_where": "platform = 'ios'" if clock == "calendar" else None,
            "is_first_time": is_first_time,
            "return_event": None if is_first_time else "play",
            "return_where": None if is_first_time else "platform = 'ios'",
            "at_least": 1 if interval == "day" else 2,
            "interval": interval,
            "periods": 3,
            "clock": clock,
        }
        for interval in ("day", "month")
        for clock in ("calendar", "rolling")
        for is_first_time in (True, False)
    ],
    "metrics": [
        {
            "metric_name": aggregate,
            "event": "play",
            "condition": "platform = 'ios'" if aggregate == "sum" else None,
            "value": "events_count" if aggregate == "sum" else None,
            "aggregate": aggregate,
            "cap": 5 if aggregate == "sum" else None,
        }
        for aggregate in ("count", "sum", "unique_days", "proportion")
    ],
    "rate_metrics": [
        {
            "metric_name": name,
            "kind": kind,
            "numerator": "count",
            "denominator": "sum",
            "retention_name": "day_calendar_True",
            "interval": "day",
            "clock": "calendar",
            "period_index": 1,
            "funnel_name": "first",
            "step_index": 2,
            "known_after_days": 2,
        }
        for name, kind in (("each", "ratio"), ("back", "retention"), ("done", "funnel"))
    ],
    "followed_metrics": [
        {
            "followed_name": f"day_{clock}_True/{metric}",
            "retention_name": f"day_{clock}_True",
            "metric_name": metric,
        }
        for clock in ("calendar", "rolling")
        for metric in ("count", "sum", "unique_days", "proportion")
    ],
    "retention_brackets": [
        {"retention_name": f"day_{clock}_True", "first_period": 1, "last_period": 2}
        for clock in ("calendar", "rolling")
    ],
    "experiments": [
        {
            "experiment_name": "onboarding",
            "unit_kind": "user",
            "unit_expression": "user_id",
            "exposure_event": "shown",
            "exposure_condition": "platform = 'ios'",
            "variant_expression": "app_version",
            "starts_on": date(2026, 1, 1),
            "ends_on": None,
            "window_days": 7,
            "pre_exposure_days": 7,
            "is_triggered": True,
        }
    ],
    "experiment_variants": [
        {"experiment_name": "onboarding", "variant": variant, "position": position}
        for position, variant in enumerate(("control", "short"), start=1)
    ],
    "experiment_values": [
        {
            "experiment_name": "onboarding",
            "value_name": "songs",
            "event": "play",
            "condition": "platform = 'ios'",
            "value": None,
            "aggregate": "count",
            "cap_share": 0.99,
        },
        {
            "experiment_name": "onboarding",
            "value_name": "reached",
            "aggregate": "reached",
            "cap_share": None,
            "funnel_name": "next",
        },
    ],
    "surveys": [
        {
            "survey_name": kind,
            "kind": kind,
            "event": "answered",
            "condition": "platform = 'ios'",
            "score": "events_count",
            "period": period,
        }
        for kind, period in (("nps", "week"), ("csat", "month"))
    ],
    "property_columns": [{"expression": PROPERTY, "column_name": '"properties.plan"'}],
    "run": [{"as_of": datetime(2026, 1, 1), "lake_restate_from": date(2026, 1, 1)}],
}


class _Row(dict[str, Any]):
    """A row of a query's answer: by name, or by position."""

    def __getitem__(self, key: str | int) -> Any:
        return list(self.values())[key] if isinstance(key, int) else super().__getitem__(key)


class _Answer:
    """A query's answer, as dbt's run_query gives it."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = [_Row(row) for row in rows]


class _Relation:
    """Builds relations by name."""

    @staticmethod
    def create(database: object, schema: str, identifier: str) -> str:
        return f"{schema}.{identifier}"


class api:  # noqa: N801 (dbt's own name)
    """The part of dbt's api that macros use."""

    Relation = _Relation


def run_query(query: str) -> _Answer:
    """Answer the macros' questions about definitions, lake files and the run's window."""
    for table, rows in _ANSWERS.items():
        if f"from definitions.{table} " in query:
            return _Answer(rows)
    if "string_agg" in query:
        columns = {PROPERTY: "properties.plan"}
        files = {"paths": "'lake/file.parquet'", "property_columns": json.dumps(columns)}
        return _Answer([files])
    return _Answer([{"restate_from": "2026-01-01"}])


def load_relation(relation: object) -> object:
    """Say that the relation exists."""
    return relation


def render(text: str) -> str:
    """Leave a text as it is: only the incremental strategy renders one."""
    return text


def local_md5(text: str) -> str:
    """Hash a text, as dbt's own function does."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
