"""Fifty experiments to be counted: their product, their events, and what people are.

Belongs here: input. Does not belong here: what counts (``experiments_oracle.py``).
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.fixtures.funnel_oracle import Exclusion, FunnelReading, Matcher
from tests.fixtures.model_runs import Event

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 10, tzinfo=UTC).replace(tzinfo=None)
USERS, EXPERIMENTS = 700, 50
AS_OF = datetime(2026, 4, 18, 22)
"""Midnight in Berlin; the clocks went forward on 29 March."""
METRICS = """\
metrics:
  times: {event: play, aggregate: count}
  loud: {event: play, aggregate: count, where: "properties.amount > 50"}
  amount: {event: play, aggregate: sum, value: properties.amount}
  large: {event: play, aggregate: sum, value: "properties.amount + 100000000"}
  capped: {event: any, aggregate: sum, value: properties.amount, cap: 90}
  trimmed: {event: play, aggregate: sum, value: properties.amount, cap: 80%}
  days: {event: any, aggregate: unique_days}
  did: {event: buy, aggregate: proportion}
  rate: {numerator: loud, denominator: times}
  back: {retention: habit, period: 2}
  later: {retention: weekly, period: 0}
  bought: {funnel: walk, step: s2}
  walked: {funnel: walk, step: s3}
  at_once: {funnel: strictly, step: s2}
  aside: {funnel: detour, step: s2}
  gathered: {funnel: heap, step: s2}
  kept: {funnel: same, step: s2}
retention:
  habit:
    start: {event: any}
    return: {event: play, at_least: 2}
    interval: day
    periods: 5
    metrics: []
  weekly: {start: {event: any}, return: {event: any}, interval: week, periods: 2, metrics: []}
experiments:
"""
PLAY, BUY, OTHER = Matcher("play"), Matcher("buy"), Matcher("other")
WALKS = {
    read.name: read
    for read in (
        FunnelReading("walk", (PLAY, BUY, OTHER), timedelta(days=3)),
        FunnelReading("strictly", (PLAY, BUY), timedelta(days=9), order="strict"),
        FunnelReading("detour", (PLAY, Matcher("buy", optional=True), OTHER), timedelta(days=2)),
        FunnelReading("heap", (PLAY, BUY), timedelta(days=2), order="unordered",
                      exclude=(Exclusion(OTHER),)),
        FunnelReading("same", (PLAY, BUY), timedelta(days=20), hold=("amount",)),
    )
}  # fmt: skip
FUNNELS = "funnels:\n" + "".join(read.yaml() for read in WALKS.values())
STEPS = {
    "bought": ("walk", 2), "walked": ("walk", 3), "at_once": ("strictly", 2),
    "aside": ("detour", 2), "gathered": ("heap", 2), "kept": ("same", 2),
}  # fmt: skip
NAMES = ["times", "loud", "amount", "large", "capped", "trimmed", "days", "did", "rate", "back",
         "later"]  # fmt: skip


@cache
def carried(properties: str | None) -> dict[str, Any]:
    """Return what an event carries; not to be changed."""
    found: dict[str, Any] = json.loads(properties or "{}")
    return found


def is_small_play(event: Event) -> bool:
    return event.event_name == "play" and carried(event.properties).get("amount", 99) < 40


ACTIVATIONS = (
    ('{event: play, where: "properties.amount < 40"}', is_small_play),
    ("{event: buy}", lambda event: event.event_name == "buy"),
)
"""Those of different experiments differ."""


@dataclass(frozen=True)
class Tried:
    """One of the experiments."""

    name: str
    number: int
    unit: str
    start: date
    end: date | None
    window: int
    before: int
    metrics: tuple[str, ...]
    is_triggered: bool

    def text(self) -> str:
        first, *others = self.metrics
        return (
            f"  {self.name}: {{unit: {self.unit}, exposure: {{event: shown, "
            f'where: "properties.test = {self.number % 10}", variant: properties.arm}}, '
            "variants: {a: 0.5, b: 0.3, c: 20%}, "
            f"start: {self.start}, {f'end: {self.end}, ' if self.end else ''}"
            + (f"activation: {ACTIVATIONS[self.number // 4 % 2][0]}, " if self.is_triggered else "")
            + f"metrics: {{primary: [{first}], secondary: [{', '.join(others)}]}}, "
            f"metric_window: {self.window} days, pre_exposure_window: {self.before} days}}\n"
        )


def unit_kind(number: int) -> str:
    """Return the unit of an experiment: people, teams and devices in turn."""
    if number % 3 == 1:
        return "properties.team"
    return "device" if number % 6 == 5 else "user"


def tried() -> list[Tried]:
    rng = random.Random(7)
    found = []
    for number in range(EXPERIMENTS):
        start = date(2026, 3, 12) + timedelta(days=rng.randrange(12))
        end = start + timedelta(days=rng.randrange(3, 20)) if rng.random() < 0.7 else None
        metrics = tuple(rng.sample(NAMES, 4) if number else NAMES)
        if number in (0, 2, 3, 6):  # of people, two of them with activation
            metrics += tuple(rng.sample(sorted(STEPS), 2) if number else STEPS)
        found.append(
            Tried(
                f"x{number}", number, unit_kind(number),
                start, end, rng.choice([7, 8, 14]), rng.choice([0, 3, 10]),
                metrics, number % 4 == 2,
            )
        )  # fmt: skip
    return found


def make_events(seed: int) -> list[Event]:
    """Events at round hours and at one instant, of users on several devices and in teams."""
    rng = random.Random(seed)
    events = []
    for user in range(USERS):
        at = START + timedelta(hours=rng.randrange(24 * 20))
        arm = rng.choice("aabbc")
        for number in range(rng.choice([2, 5, 12, 30])):
            at += timedelta(hours=rng.choice([0, 0, 1, 5, 12, 24, 24, 48, 71]))
            name = rng.choice(["shown", "play", "play", "buy", "other"])
            shown_arm = rng.choice([arm] * 12 + ["a", "z"])
            properties: dict[str, Any] = {"team": f"t{user % 90}"} if user % 4 else {}
            if name == "shown":
                properties |= {"test": rng.randrange(10), "arm": shown_arm}
            elif rng.random() < 0.9:
                properties["amount"] = rng.randrange(100)
            events.append(
                Event(
                    f"u{user}", name, at, f"{rng.random():.9f}-{user}-{number}",
                    properties=json.dumps(properties), platform=rng.choice(["ios", "web", None]),
                    device_id=rng.choice([f"d{user}", f"d{user}", f"e{user % 200}", None]),
                )
            )  # fmt: skip
    return [event for event in events if event.event_at < AS_OF]


def make_personas(seed: int) -> dict[str, list[tuple[date, str]]]:
    """The days on which people became another persona; some never are one."""
    rng = random.Random(seed)
    first = START.date() - timedelta(days=3)
    return {
        f"u{user}": [
            (first + timedelta(days=day), rng.choice(["eager", "calm", "(none)"]))
            for day in sorted(rng.sample(range(35), rng.randrange(4)))
        ]
        for user in range(USERS)
    }
