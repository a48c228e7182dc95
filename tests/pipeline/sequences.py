"""A small product whose files arrive in every awkward way, for the tests of whole runs.

Events of known and anonymous people over a month, with copies that differ in their properties
across files, late files, and sign-ins that arrive after the anonymous events they explain.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pm_pipeline.home import Home
from tests.conftest import age

START = datetime(2026, 3, 10, tzinfo=UTC)
"""The days run over the change to summer time in the product's zone."""

PRODUCT = """\
product:
  name: Awkward
  timezone: Europe/Berlin
  week_starts_on: sunday
  session_timeout: {default: 30 minutes, ios: 10 minutes}
  active_events: [opened, played, bought]
  segments: [platform, properties.plan, cohorts.resting]
sources:
  - name: app
    path: "*.jsonl"
    format: jsonl
    columns:
      user_id: user
      device_id: device
      event_name: name
      event_time: {column: at, format: iso8601}
      event_id: id
      received_at: {column: received, format: iso8601}
      session_id: session
      platform: platform
    properties: [plan, amount]
features:
  playing:
    events: [played]
    target_users: 100
    monthly_cost: 5
    decision: {action: keep, on: 2026-04-01, by: us}
  buying: {events: [bought], launched_on: 2026-03-15}
cohorts:
  keen: {did: {event: played, at_least: 2, within: 3 days}}
  owners: {did: {event: bought, at_least: 2}}
  moved: {sequence: {first: {event: opened}, then: {event: bought}, within: 2 days, lasts: 4 days}}
  resting: {did_not: {event: any, within: 30 hours}}
  mixed: {any_of: [keen, moved], except: [resting]}
paths:
  opened_on: {from: {event: opened}, within: 2 days, steps: 6}
  to_bought:
    to: {event: bought, where: "properties.amount > 50"}
    within: 36 hours
    interval: day
    collapse_repeats: true
  visits: {within: session, events: [opened, played], interval: month}
attribution:
  sales:
    conversion: {event: bought, value: properties.amount}
    touches: {event: any, where: event_name <> 'bought'}
    look_back: 5 days
    channels:
      - {name: app, where: "platform = 'ios'"}
      - {name: paid, where: "properties.plan = 'paid'"}
      - {name: direct, where: platform is null}
    direct: [direct]
  anything: {conversion: {event: any}, look_back: 90 minutes, channels: [{name: all}]}
lifecycle: {minimum_weekly_users: 5}
goals:
  more_people:
    metric: weekly_active_users
    target: 90
    from: 2026-03-20
    due: 2026-06-30
    north_star: true
  newcomers: {metric: new_users, target: 60, from: 2026-03-20, due: 2026-04-30, period: cumulative}
  much: {metric: songs_a_day, target: 3, from: 2026-03-20, due: 2026-04-30}
  return: {metric: back, target: 0.5, from: 2026-03-20, due: 2026-04-30}
  listened: {metric: heard, target: 0.5, from: 2026-03-20, due: 2026-04-30, period: month}
metric_tree:
  songs: {kind: product, inputs: [shopping_days, songs_a_day]}
  shopping_days: {kind: influence, inputs: [back, "rain"], evidence: plans}
problems:
  unheard: {who: visitor, statement: Few play., evidence: {funnel: purchase, step: played}}
  few: {statement: Too few come., evidence: {metric: new_users, baseline: 20}}
hypotheses:
  louder: {problem: unheard, statement: Louder helps., metric: songs, stated_on: 2026-01-05}
roadmap:
  - {name: Loud, hypothesis: louder, feature: playing, goal: more_people, status: building}
  - {name: Shop, feature: playing, goal: newcomers, status: released, released_on: 2026-03-28}
surveys:
  loyal: {event: bought, kind: nps, score: properties.amount}
  mood: {event: seen, where: "platform = 'ios'", kind: csat, score: properties.amount, period: week}
exclude: ["properties.plan = 'test'"]
funnels:
  purchase:
    steps:
      - {name: opened, event: opened}
      - {name: played, event: played, where: "properties.amount > 10"}
      - {name: bought, event: bought}
    window: 50 hours
    segments: [platform, properties.plan]
    segment_attribution: last
  same_plan:
    steps: [{name: seen, event: seen}, {name: played, event: played}, {name: again, event: played}]
    window: 3 hours
    hold_constant: [properties.plan, session_id]
    exclude: [{event: opened, after_step: 1, before_step: 2}]
  directly:
    steps: [{name: any, event: any}, {name: bought, event: bought}]
    order: strict
    window: 1 day
  both:
    steps: [{name: seen, event: seen}, {name: bought, event: bought}]
    order: unordered
    window: 26 hours
personas:
  regular: {where: "active_days_last_28 >= 4 and sessions_count > 5"}
  recent: {where: "last_seen_at >= '2026-03-25' and is_identified"}
  visitor: {where: "active_days_last_28 >= 1"}
metrics:
  amount: {event: bought, aggregate: sum, value: properties.amount, where: "platform = 'ios'"}
  songs: {event: played, aggregate: count}
  shopping_days: {event: bought, aggregate: unique_days}
  bought_once: {event: bought, aggregate: proportion}
  at_most: {event: any, aggregate: sum, value: properties.amount, cap: 200}
  songs_a_day: {numerator: songs, denominator: shopping_days}
  back: {retention: habit, period: 3}
  heard: {funnel: purchase, step: played}
  came_far: {funnel: same_plan, step: played}
experiments:
  plans:
    exposure: {event: opened, variant: properties.plan}
    variants: {free: 0.7, paid: 0.3}
    start: 2026-03-14
    end: 2026-03-30
    metrics:
      primary: [amount]
      secondary: [songs_a_day, back, came_far]
      guardrails: [{metric: songs, margin: 5%}]
    metric_window: 6 days
    minimum_users: 5
    activation: {event: played, where: "properties.amount > 20"}
  devices:
    unit: device
    exposure: {event: seen, where: "platform is not null", variant: platform}
    variants: {ios: 0.5, web: 0.5}
    start: 2026-03-12
    metrics: {primary: [at_most], secondary: [bought_once, shopping_days]}
    metric_window: 7 days
    pre_exposure_window: 3 days
    inference: sequential
retention:
  listeners:
    start: {event: opened, first_time: true}
    return: {event: played}
    interval: week
    periods: 3
    brackets: [[1, 2]]
  habit:
    start: {event: any}
    return: {event: any}
    interval: day
    periods: 7
    metrics: [at_most, songs]
  buyers:
    start: {event: played, where: "platform = 'ios'"}
    return: {event: bought, where: "properties.amount > 20", at_least: 2}
    interval: day
    periods: 4
    clock: rolling
    brackets: [[1, 3]]
"""

EDITS = (
    ("buying: {events: [bought]", "seeing: {events: [seen]"),
    ("active_days_last_28 >= 4", "active_days_last_28 >= 3"),
    ("    events: [played]\n", "    events: [played, opened]\n"),
    ("opened_on: {from: {event: opened}", "seen_on: {from: {event: seen}"),
    ("within: 36 hours", "within: 3 days"),
    ("look_back: 5 days", "look_back: 4 days"),
    ("anything: {conversion", "everything: {conversion"),
    ("periods: 7", "periods: 6"),
    ("window: 50 hours", "window: 40 hours"),
    ("  both:", "  either:"),
    ("  buyers:", "  payers:"),
    ("keen: {did: {event: played", "keen: {did: {event: seen"),
    ("cap: 200", "cap: 100"),
    ("metric_window: 6 days", "metric_window: 4 days"),
    ("loyal: {event: bought", "loyal: {event: played"),
)
"""Changes of named definitions in ``PRODUCT``: of each family one changes, or one goes and another
comes."""


def edited(edits: Iterable[tuple[str, str]]) -> str:
    """Return the product with those of ``EDITS`` made; each must find what it changes."""
    product = PRODUCT
    for old, new in edits:
        assert product.count(old) == 1, old
        product = product.replace(old, new)
    return product


OTHER_DEFINITIONS = edited(EDITS)
"""The same product, of whose named definitions some changed, some are gone and some are new."""


@dataclass(frozen=True)
class Sequence:
    """Records by the file that brings them, in the order in which the files would arrive."""

    files: tuple[tuple[str, tuple[str, ...]], ...]

    def write(self, home: Home, names: set[str] | None = None, product: str = PRODUCT) -> None:
        """Write the files (all, or those named) into the landing folder, old enough to be read."""
        home.landing.mkdir(parents=True, exist_ok=True)
        home.product_file.write_text(product, encoding="utf-8")
        for name, lines in self.files:
            if names is None or name in names:
                path: Path = home.landing / name
                path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
                age(path)


def make_sequence(
    seed: int, *, days: int = 30, events: int = 5_000, batches: int = 6,
    late: float = 0.1, copied: float = 0.05,
) -> Sequence:  # fmt: skip
    """Return ``events`` records in one file per batch.

    ``late`` is the share of records that come in any batch, ``copied`` of those that come twice.
    """
    rng = random.Random(seed)
    people = max(20, events // 60)
    records: list[tuple[datetime, dict[str, object]]] = []
    for number in range(events):
        person = int(people * rng.random() ** 2)
        device = f"d{person}" if rng.random() < 0.9 else f"shared{person % 5}"
        signed_in = rng.random() < (0.3 if person % 3 else 0.9)
        at = START + timedelta(seconds=rng.random() * days * 86_400)
        at = at.replace(microsecond=0)
        if rng.random() < 0.3 and records:
            at = records[-1][0] + timedelta(seconds=rng.choice([0, 5, 600, 1800, 1801]))
        record: dict[str, object] = {
            "id": f"e{number}",
            "user": f"u{person}" if signed_in and person % 4 else None,
            "device": device,
            "name": rng.choice(["opened", "played", "bought", "seen"]),
            "at": at.isoformat(),
            "platform": rng.choice(["ios", "web", None]),
            "plan": rng.choice(["free", "paid", "free", "test" if rng.random() < 0.1 else "free"]),
            "amount": rng.randrange(100),
        }
        if rng.random() < 0.05:
            record["session"] = f"s{person}-{at.day // 3}"
        if rng.random() < 0.5:
            record["received"] = (at + timedelta(seconds=rng.randrange(300))).isoformat()
        records.append((at, record))
    copies = []
    for at, record in rng.sample(records, int(len(records) * copied)):
        shift = timedelta(days=rng.choice([0, 0, 1, 6, 7, 8, 15]), seconds=rng.randrange(3))
        copy = record | {"amount": -1, "plan": rng.choice(["free", "paid", "test"])}
        copy["received"] = (at + shift).isoformat()
        copies.append((at + shift, copy))
    files: list[list[str]] = [[] for _ in range(batches)]
    for at, record in records + copies:
        batch = min(batches - 1, max(0, int((at - START) / timedelta(days=days) * batches)))
        if rng.random() < late:
            batch = rng.randrange(batches)
        files[batch].append(json.dumps(record))
    for lines in files:
        rng.shuffle(lines)
        lines.insert(len(lines) // 2, '{"broken": ')
    return Sequence(
        tuple((f"batch{number}.jsonl", tuple(lines)) for number, lines in enumerate(files))
    )
