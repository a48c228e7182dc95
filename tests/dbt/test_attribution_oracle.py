"""Attribution against a plain-Python oracle that looks at every conversion by itself."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from compiled_models import build, compiled_home

PEOPLE = 4_000
ZONE = "America/New_York"
START = datetime(2026, 3, 1)  # the clocks change on March 8
AS_OF = datetime(2026, 3, 21, 4)
MODELS = (
    "int_attribution_events", "int_attribution_pairs", "int_attribution_credits", "attribution",
)  # fmt: skip

PRODUCT = f"""
product: {{name: Shop, timezone: {ZONE}}}
sources:
  - name: shop
    path: "*.csv"
    format: csv
    columns: {{user_id: u, event_name: e, event_time: {{column: t, format: epoch_s}}}}
attribution:
  sales:
    conversion: {{event: buy, where: properties.price > 0, value: properties.price}}
    touches: {{event: visit}}
    look_back: 7 days
    channels:
      - {{name: search, where: "properties.medium = 'cpc'"}}
      - {{name: it's a friend, where: properties.referrer is not null}}
      - {{name: search, where: "properties.medium = 'organic'"}}
      - {{name: home}}
    direct: [home]
  whatever:
    conversion: {{event: any, where: "platform = 'web'"}}
    touches: {{event: any, where: properties.price is null}}
    look_back: 36 hours
    half_life: 5 hours
    channels:
      - {{name: paid, where: "properties.medium = 'cpc' and platform = 'web'"}}
      - {{name: earned, where: "properties.medium = 'organic'"}}
      - {{name: direct, where: properties.referrer is null and platform is null}}
    direct: [direct, earned]
    position: {{first: 10%, middle: 30%, last: 60%, two_touches: [30, 70]}}
  middle:
    conversion: {{event: buy}}
    touches: {{event: visit, where: "platform = 'web'"}}
    channels: [{{name: paid, where: "properties.medium = 'cpc'"}}, {{name: other}}]
    models: [position, last_non_direct]
    position: {{first: 0, middle: 1, last: 0}}
"""

Event = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """One attribution of the product above, in Python."""

    is_touch: Callable[[Event], bool]
    is_conversion: Callable[[Event], bool]
    channel: Callable[[Event], str | None]
    value: Callable[[Event], float] | None
    direct: frozenset[str]
    look_back: timedelta
    half_life: timedelta
    weights: tuple[float, float, float]
    of_two: tuple[float, float]
    models: tuple[str, ...] = (
        "first", "last", "last_non_direct", "linear", "position", "time_decay",
    )  # fmt: skip


def first_match(*rules: tuple[str, Callable[[Event], bool]]) -> Callable[[Event], str | None]:
    return lambda event: next((name for name, matches in rules if matches(event)), None)


RULES = {
    "sales": Rules(
        is_touch=lambda event: event["name"] == "visit",
        is_conversion=lambda event: event["name"] == "buy" and (event["price"] or 0) > 0,
        channel=first_match(
            ("search", lambda event: event["medium"] == "cpc"),
            ("it's a friend", lambda event: event["referrer"] is not None),
            ("search", lambda event: event["medium"] == "organic"),
            ("home", lambda event: True),
        ),
        value=lambda event: event["price"],
        direct=frozenset({"home"}),
        look_back=timedelta(days=7),
        half_life=timedelta(days=7) / 4,
        weights=(0.4, 0.2, 0.4),
        of_two=(0.5, 0.5),
    ),
    "whatever": Rules(
        is_touch=lambda event: event["price"] is None,
        is_conversion=lambda event: event["platform"] == "web",
        channel=first_match(
            ("paid", lambda event: event["medium"] == "cpc" and event["platform"] == "web"),
            ("earned", lambda event: event["medium"] == "organic"),
            ("direct", lambda event: event["referrer"] is None and event["platform"] is None),
        ),
        value=None,
        direct=frozenset({"direct", "earned"}),
        look_back=timedelta(hours=36),
        half_life=timedelta(hours=5),
        weights=(0.1, 0.3, 0.6),
        of_two=(0.3, 0.7),
    ),
    "middle": Rules(
        is_touch=lambda event: event["name"] == "visit" and event["platform"] == "web",
        is_conversion=lambda event: event["name"] == "buy",
        channel=first_match(
            ("paid", lambda event: event["medium"] == "cpc"), ("other", lambda event: True)
        ),
        value=None,
        direct=frozenset(),
        look_back=timedelta(days=30),
        half_life=timedelta(days=7.5),
        weights=(0, 1, 0),
        of_two=(0.5, 0.5),
        models=("position", "last_non_direct"),
    ),
}


def shares(rules: Rules, model: str, touches: Sequence[tuple[datetime, str]]) -> list[float]:
    """What each touch gets of one conversion; ``touches`` in order, at least one."""
    count = len(touches)
    only = [0.0] * count
    if model == "first":
        only[0] = 1.0
        return only
    if model == "last":
        only[-1] = 1.0
        return only
    if model == "last_non_direct":
        others = [n for n, (_, channel) in enumerate(touches) if channel not in rules.direct]
        only[others[-1] if others else -1] = 1.0
        return only
    if model == "linear":
        return [1 / count] * count
    if model == "position":
        if count == 1:
            return [1.0]
        if count == 2:
            return list(rules.of_two)
        first, middle, last = rules.weights
        return [first, *[middle / (count - 2)] * (count - 2), last]
    ages = [(touches[-1][0] - at) / rules.half_life for at, _ in touches]
    weights = [2.0**-age for age in ages]
    return [weight / sum(weights) for weight in weights]


def expected(streams: Iterable[list[Event]]) -> dict[tuple[str, str, date, str], list[float]]:
    """By attribution, model, day and channel: credit, conversions and value."""
    found: dict[tuple[str, str, date, str], list[float]] = defaultdict(lambda: [0.0, 0, 0.0])
    for stream in streams:
        events = sorted(
            (event for event in stream if event["at"] < AS_OF),
            key=lambda event: (event["at"], event["id"]),
        )
        for name, rules in RULES.items():
            touches = [
                (event["at"], rules.channel(event)) for event in events if rules.is_touch(event)
            ]
            for event in filter(rules.is_conversion, events):
                own = [
                    (at, channel)
                    for at, channel in touches
                    if channel and event["at"] - rules.look_back <= at <= event["at"]
                ]
                value = rules.value(event) if rules.value else math.nan
                for model in rules.models:
                    gets: dict[str, float] = defaultdict(float, {"(unattributed)": 0.0})
                    if own:
                        for (_, channel), share in zip(own, shares(rules, model, own), strict=True):
                            gets[channel] += share
                    else:
                        gets["(unattributed)"] = 1.0
                    for channel, share in gets.items():
                        if share or channel == "(unattributed)":
                            row = found[name, model, product_day(event["at"]), channel]
                            row[0] += share
                            row[1] += share > 0
                            row[2] += share * value
    return found


def product_day(at: datetime) -> date:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).date()


def random_stream(rng: random.Random, person: int) -> list[Event]:
    """Some events of one person: few instants, so that many coincide, and exact look-backs."""
    instants = [
        START + timedelta(hours=rng.choice([1, 6, 12]) * rng.randrange(40))
        for _ in range(rng.randint(1, 5))
    ]
    instants += [at + rng.choice([1, -1]) * timedelta(days=7) for at in instants]
    instants += [at + timedelta(hours=36, seconds=rng.randint(-1, 1)) for at in instants]
    return [
        {
            "id": f"{rng.randrange(10**9)}-{person}-{number}",
            "person": f"p{person}",
            "name": rng.choice(["visit", "visit", "visit", "buy", "open"]),
            "at": rng.choice(instants),
            "platform": rng.choice(["web", "ios", None]),
            "medium": rng.choice(["cpc", "organic", "mail", None]),
            "referrer": rng.choice(["a.example", None, None]),
            "price": rng.choice([None, None, 0, 5, 7.25]),
        }
        for number in range(rng.randint(1, 14))
    ]


def insert(connection: duckdb.DuckDBPyConnection, events: list[Event], folder: Path) -> None:
    file = folder / "events.jsonl"
    with file.open("w") as lines:
        for event in events:
            properties = {
                key: event[key] for key in ("medium", "referrer", "price") if event[key] is not None
            }
            row = {
                "event_id": event["id"], "user_id": event["person"], "event_name": event["name"],
                "event_at": event["at"].isoformat(), "platform": event["platform"],
                "event_date": product_day(event["at"]).isoformat(),
                "utc_date": event["at"].date().isoformat(), "properties": json.dumps(properties),
            }  # fmt: skip
            lines.write(json.dumps(row) + "\n")
    connection.execute(
        "insert into intermediate.int_events_segmented by name"
        f" select * from read_json('{file}', columns = {{event_id: 'varchar', user_id: 'varchar',"
        " event_name: 'varchar', event_at: 'timestamp', platform: 'varchar', event_date: 'date',"
        " utc_date: 'date', properties: 'varchar'})"
    )


def test_thousands_of_random_streams_agree_with_the_oracle(tmp_path: Path) -> None:
    rng = random.Random(17)
    streams = [random_stream(rng, person) for person in range(PEOPLE)]
    home = compiled_home(tmp_path / "home", PRODUCT, MODELS, as_of=AS_OF.isoformat())
    with duckdb.connect(str(home.working_database)) as connection:
        insert(connection, [event for stream in streams for event in stream], tmp_path)
        build(home, connection, MODELS)
        rows = connection.execute(
            "select attribution_name, model, period_start, channel,"
            " credit, conversions_count, credited_value from engagement.attribution"
        ).fetchall()
        conversions = connection.execute(
            "select count(*) from intermediate.int_attribution_events where is_conversion"
        ).fetchall()
    found = {row[:4]: row[4:] for row in rows}
    wanted = expected(streams)
    assert len(found) == len(rows)
    assert found.keys() == wanted.keys()
    for key, (credit, count, value) in wanted.items():
        assert math.isclose(found[key][0], credit, rel_tol=1e-9, abs_tol=1e-12), key
        assert found[key][1] == count, key
        if key[0] == "sales":
            assert math.isclose(found[key][2], value, rel_tol=1e-9, abs_tol=1e-12), key
        else:
            assert found[key][2] is None, key
    # The streams are worth the trouble: many conversions, of one, two, more and no touches.
    assert conversions[0][0] > 5_000
    assert {key[3] for key in wanted} == {
        "search", "it's a friend", "home", "paid", "earned", "direct", "other", "(unattributed)",
    }  # fmt: skip
