"""The tables that dbt reads, and the fingerprints that say when something must be done again."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from product_files import EVERYTHING, MINIMAL

from pm_pipeline.product import (
    base_sha256,
    definition_tables,
    definitions_sha256,
    exclude_sql,
    ingest_rules_sha256,
    named_sha256s,
)
from pm_pipeline.product.loading import read_product

FULL = (
    MINIMAL.replace(
        "  name: Larder\n",
        """\
  name: Larder
  vision: No waste
  timezone: Europe/Lisbon
  week_starts_on: sunday
  session_timeout: {default: 5 minutes, web: 1 hour, iOS: 1 minute}
  active_events: [b, a]
  segments: [platform, properties."house hold"]
""",
    )
    + """\
identity: {anonymous_window: 2 days, max_links: 3}
features: {search: {events: [searched, found], launched_on: 2026-02-01}, buy: {events: [bought]}}
personas: {zealot: {where: "active_days_last_28 >= 12"}, guest: {where: not is_identified}}
exclude: ["properties.is_bot = true", "country = 'NO'"]
"""
)


def test_tables_of_a_minimal_file(load) -> None:
    tables = definition_tables(load(MINIMAL))
    assert tables["product"].rows == (("UTC", "monday", 1800, 30 * 86400, 20, True),)
    empty = ("session_timeouts", "active_events", "segments", "features", "personas")
    assert [tables[name].rows for name in empty] == [()] * 5


def test_tables_of_a_full_file_fit_their_types(load) -> None:
    tables = definition_tables(load(FULL))
    connection = duckdb.connect()
    for name, table in tables.items():
        columns = ", ".join(f'"{column}" {type_}' for column, type_ in table.columns)
        connection.execute(f"create table {name} ({columns})")
        marks = ", ".join("?" for _ in table.columns)
        for row in table.rows:
            connection.execute(f"insert into {name} values ({marks})", row)
        assert connection.execute(f"select * from {name}").fetchall() == list(table.rows)
    assert tables["product"].rows == (("Europe/Lisbon", "sunday", 300, 172800, 3, False),)
    assert tables["session_timeouts"].rows == (("ios", 60), ("web", 3600))
    assert tables["active_events"].rows == (("a",), ("b",))
    assert tables["segments"].rows == (
        ("platform", 1, "platform"),
        ("house hold", 2, "JSON_EXTRACT_STRING(properties, '/house hold')"),
    )
    assert tables["personas"].rows == (
        ("personas", 1, "zealot", "active_days_last_28 >= 12"),
        ("personas", 2, "guest", "NOT is_identified"),
    )
    assert tables["features"].rows == (
        ("buy", "bought", None),
        ("search", "found", "2026-02-01"),
        ("search", "searched", "2026-02-01"),
    )


def test_plans_of_features_are_typed_and_rebuild_nothing(load) -> None:
    planned = FULL.replace(
        "buy: {events: [bought]}",
        "buy: {events: [bought], target_users: 9, monthly_value: 5.5}",
    )
    product = load(planned + "lifecycle: {minimum_weekly_users: 7}\n")
    tables = definition_tables(product)
    assert tables["feature_plans"].rows == (
        ("buy", None, 9, 5.5, None),
        ("search", "2026-02-01", None, None, None),
    )
    assert tables["lifecycle"].rows == ((7,),)
    assert definition_tables(load(FULL))["lifecycle"].rows == ((50,),)
    assert named_sha256s(product) == named_sha256s(load(FULL))
    assert base_sha256(product) == base_sha256(load(FULL))
    assert definitions_sha256(product) != definitions_sha256(load(FULL))


def test_exclude_is_never_null(load) -> None:
    assert exclude_sql(load(MINIMAL)) is None
    condition = exclude_sql(load(FULL))
    rows = duckdb.execute(
        f"""
        select {condition} from (values
            ('NO', '{{"is_bot": false}}'), ('DE', '{{"is_bot": true}}'),
            ('DE', '{{"is_bot": "maybe"}}'), (null, null)
        ) as events (country, properties_text), lateral (select properties_text::json as properties)
        """
    ).fetchall()
    assert rows == [(True,), (True,), (False,), (False,)]


@pytest.mark.parametrize(
    ("old", "new", "definitions_change", "ingest_changes"),
    [
        ("name: Larder", "name: Larder\n  week_starts_on: monday", False, False),
        ("name: Larder", "name: Larder\n  week_starts_on: sunday", True, False),
        ("name: Larder", "name: Larder\n  segments: [platform]", True, False),
        ("name: Larder", "name: L\n  session_timeout: {default: 30 minutes}", False, False),
        ("name: Larder", "name: L\n  session_timeout: {default: 1 hour}", True, False),
        (
            "name: Larder",
            "name: L\n  session_timeout: {default: 30 minutes, tv: 1 day}",
            True,
            False,
        ),
        ("name: Larder", "name: Larder\n  earliest_event: 2020-01-01", False, True),
        ("format: csv", "format: csv\n    delimiter: ','", False, False),
        ("format: csv", "format: csv\n    id_space: app", False, False),
        ("format: csv", "format: csv\n    delimiter: ';'", False, True),
        ("format: csv", "format: csv\n    properties: [a]", False, True),
        ("user_id: uid", "user_id: {column: uid}", False, False),
        ("sources:", "identity: {ignore_ids: [guest]}\nsources:", False, True),
        ("sources:", "identity: {max_links: 5}\nsources:", True, False),
        ("sources:", "exclude: [properties.bot]\nsources:", False, True),
        ("sources:", "features: {f: {events: [a]}}\nsources:", True, False),
        ("sources:", "features: {f: {events: [a], owner: me}}\nsources:", True, False),
        ("sources:", "checks: {c: {limit: 1}}\nsources:", False, False),
    ],
)
def test_fingerprints_change_with_what_they_cover(
    load, old: str, new: str, definitions_change: bool, ingest_changes: bool
) -> None:
    before, after = load(MINIMAL), load(MINIMAL.replace(old, new))
    assert (definitions_sha256(before) != definitions_sha256(after)) is definitions_change
    first, second = before.sources[0], after.sources[0]
    changed = ingest_rules_sha256(before, first) != ingest_rules_sha256(after, second)
    assert changed is ingest_changes


def test_a_named_definition_has_a_fingerprint_of_its_own(load) -> None:
    before = load(MINIMAL + "features: {f: {events: [a, b]}, g: {events: [c]}}\n")
    after = load(MINIMAL + "features: {g: {events: [d]}, f: {events: [b, a]}, h: {events: [c]}}\n")
    assert base_sha256(before) == base_sha256(after)
    first, second = named_sha256s(before), named_sha256s(after)
    assert first.keys() == {("feature", "f"), ("feature", "g")}
    assert second.keys() == first.keys() | {("feature", "h")}
    assert first["feature", "f"] == second["feature", "f"]
    assert first["feature", "g"] != second["feature", "g"]


BEHAVIOUR = """\
metrics:
  times: {event: any, aggregate: count}
  spent: {event: bought, aggregate: sum, value: properties.price, where: "country = 'NO'", cap: 9}
retention:
  all: {start: {event: any, first_time: true}, return: {event: any}, interval: day, periods: 30}
  some:
    start: {event: a, where: "country = 'NO'"}
    return: {event: b, at_least: 2}
    interval: month
    periods: 2
    clock: rolling
    brackets: [[2, 3], [1, 1]]
    metrics: [spent]
"""


def test_retentions_and_what_they_follow(load) -> None:
    tables = definition_tables(load(MINIMAL + BEHAVIOUR))
    no = "country = 'NO'"
    assert tables["retentions"].rows == (
        ("all", None, None, True, None, None, 1, "day", 30, "calendar"),
        ("some", "a", no, False, "b", None, 2, "month", 2, "rolling"),
    )
    assert tables["retention_brackets"].rows == (("some", 1, 1), ("some", 2, 3))
    name, event, condition, value, aggregate, cap = tables["metrics"].rows[0]
    assert (name, event, condition, aggregate, cap) == ("spent", "bought", no, "sum", 9.0)
    assert "'/price'" in str(value)
    assert tables["metrics"].rows[1] == ("times", None, None, None, "count", None)
    followed = [row[0] for row in tables["followed_metrics"].rows]
    assert followed == ["all/spent", "all/times", "some/spent"]


def test_metrics_of_every_kind() -> None:
    """What is summed by age without being named is what adds up."""
    tables = definition_tables(read_product(EVERYTHING, refuse_later_work=False))
    kinds = [dict(zip((name for name, _ in tables["metric_kinds"].columns), row, strict=True))
             for row in tables["metric_kinds"].rows]  # fmt: skip
    given = [{name: value for name, value in kind.items() if value is not None} for kind in kinds]
    up = {"direction": "higher_is_better"}
    assert given == [
        {"metric_name": "additions", "kind": "events", **up},
        {"metric_name": "came_back", "kind": "retention", "direction": "lower_is_better",
         "retention_name": "cooks", "period_index": 4},
        {"metric_name": "first_meal", "kind": "funnel", "funnel_name": "onboarding",
         "step_index": 3, **up},
        {"metric_name": "grams", "kind": "events", "cap_percentile": 0.99, **up},
        {"metric_name": "grams_each", "kind": "ratio", "numerator": "grams",
         "denominator": "additions", **up},
    ]  # fmt: skip
    assert [row[5] for row in tables["metrics"].rows] == [None, None]
    assert [row[2:4] for row in tables["followed_metrics"].rows] == [
        ("additions", "higher_is_better")
    ]


def test_only_what_adds_up_is_summed_by_age(tmp_path: Path) -> None:
    path = tmp_path / "product.yml"
    path.write_text(EVERYTHING.read_text().replace("    metrics: [additions]\n", ""))
    tables = definition_tables(read_product(path, refuse_later_work=False))
    assert [row[0] for row in tables["followed_metrics"].rows] == ["cooks/additions"]


def test_a_changed_metric_changes_what_follows_it_and_no_retention(load) -> None:
    before = named_sha256s(load(MINIMAL + BEHAVIOUR))
    after = named_sha256s(load(MINIMAL + BEHAVIOUR.replace("cap: 9", "cap: 8")))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed == {
        ("metric", "spent"),
        ("followed_metric", "all/spent"),
        ("followed_metric", "some/spent"),
    }
