"""The plain scan of all events for fifty experiments, in plain Python.

Belongs here: the rules of exposures, windows and metrics written down once more, as slowly and
plainly as possible. Does not belong here: SQL, and anything taken over from the models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from experiments_tried import ACTIVATIONS, AS_OF, STEPS, WALKS, ZONE, Tried, carried

from tests.fixtures.model_runs import Event


def persona_at(changes: Sequence[tuple[date, str]], exposed: date) -> str:
    """The persona at the end of the day before."""
    return next((name for day, name in reversed(changes) if day < exposed), "(none)")


def unit_of(event: Event, unit: str) -> str | None:
    if unit == "user":
        return event.user_id
    if unit == "device":
        return event.device_id
    team: str | None = carried(event.properties).get("team")
    return team


def midnight(day: date) -> datetime:
    at = datetime.combine(day, datetime.min.time(), ZONE)
    return at.astimezone(UTC).replace(tzinfo=None)


def product_day(at: datetime) -> date:
    return at.replace(tzinfo=UTC).astimezone(ZONE).date()


@dataclass(frozen=True)
class Unit:
    """What a plain scan finds of a unit."""

    variant: str
    exposed: datetime
    second: datetime | None
    exposures: int
    variants: int
    reason: str | None
    segment: str
    event_id: str
    user_id: str
    is_activated: bool | None

    def is_closed(self, window: int) -> bool:
        return self.exposed + timedelta(hours=24 * window) <= AS_OF


def scan_units(of: Tried, events: Sequence[Event]) -> dict[str, Unit]:
    shown = defaultdict(list)
    everything = defaultdict(list)
    for event in events:
        unit = unit_of(event, of.unit)
        if unit is None:
            continue
        everything[unit].append(event)
        seen = carried(event.properties)
        is_before_end = of.end is None or event.event_at < midnight(of.end)
        if event.event_name == "shown" and seen["test"] == of.number % 10 and is_before_end:
            shown[unit].append((event.event_at, event.event_id, seen["arm"], event))
    found = {}
    for unit, exposures in shown.items():
        exposures.sort(key=lambda one: one[:2])
        at, event_id, variant, first = exposures[0]
        others = [one[0] for one in exposures if one[2] != variant]
        variants = len({one[2] for one in exposures})
        reason = None
        if at < midnight(of.start):
            reason = "exposed_before_start"
        elif variant == "z":
            reason = "unknown_variant"
        elif variants > 1:
            reason = "several_variants"
        known = [
            (event.event_at, event.event_id, event.platform)
            for event in everything[unit]
            if event.platform and (event.event_at, event.event_id) <= (at, event_id)
        ]
        segment = max(known)[2] if known else "(none)"
        is_activated = None
        if of.is_triggered and reason in (None, "several_variants"):
            until = at + timedelta(hours=24 * of.window)
            is_activated = any(
                ACTIVATIONS[of.number // 4 % 2][1](event)
                and at <= event.event_at < until
                and event.event_id != event_id
                for event in everything[unit]
            )
            if not is_activated:
                reason = reason or "not_activated"
        found[unit] = Unit(
            variant, at, min(others) if others else None, len(exposures), variants, reason,
            str(segment), event_id, first.user_id, is_activated,
        )  # fmt: skip
    return found


def matches(event: Event, metric: str) -> float | None:
    """What an event adds to a metric; None when it does not count."""
    amount = carried(event.properties).get("amount")
    if metric == "did":
        return 1.0 if event.event_name == "buy" else None
    if metric in ("days", "later"):
        return 1.0
    if metric == "capped":
        return amount
    if event.event_name != "play":
        return None
    if metric in ("times", "back"):
        return 1.0
    if metric == "loud":
        return 1.0 if amount is not None and amount > 50 else None
    if amount is None:
        return None
    return amount + 1e8 if metric == "large" else float(amount)


def value_of(metric: str, mine: Sequence[Event], unit: Unit, low: int, high: int) -> float:
    """Add up the events of periods low to high (without it), by their exact instants."""
    hours = timedelta(hours=24)
    since, until = unit.exposed + low * hours, unit.exposed + high * hours
    if metric == "back":
        since, until = unit.exposed + 2 * hours, unit.exposed + 3 * hours
    if metric == "later":
        since, until = unit.exposed, unit.exposed + 7 * hours
    if metric in STEPS:
        seen = [e for e in mine if since <= e.event_at < until and e.event_id != unit.event_id]
        return float(has_reached(*STEPS[metric], seen))
    inside = [
        (event, added)
        for event in mine
        if since <= event.event_at < until and event.event_id != unit.event_id
        and (added := matches(event, metric)) is not None
    ]  # fmt: skip
    if metric == "days":
        return float(len({(event.event_at - unit.exposed) // hours for event, _ in inside}))
    if metric in ("did", "later"):
        return float(bool(inside))
    if metric == "back":
        return float(len(inside) >= 2)
    total = float(sum(added for _, added in inside))
    return min(total, 90.0) if metric == "capped" else total


def has_reached(funnel: str, step: int, events: Sequence[Event]) -> bool:
    """Try every attempt; the best of each held value tells."""
    read = WALKS[funnel]
    for own in read.units(events).values():
        attempts = list(read.attempts(own))
        if attempts:
            top = max(attempt.rank for attempt in attempts)
            best = min((one for one in attempts if one.rank == top), key=lambda one: one.times)
            if len(read.placed(best, own)) >= step and read.placed(best, own)[step - 1]:
                return True
    return False


def scanned_groups(
    of: Tried, events: Sequence[Event], personas: Mapping[str, Sequence[tuple[date, str]]]
) -> dict[tuple[Any, ...], Any]:
    """Every group's closed units and its open ones.

    A unit is its metric, denominator, both before, and the change between the window's halves.
    """
    units = {
        name: unit
        for name, unit in scan_units(of, events).items()
        if unit.reason in (None, "several_variants", "not_activated")
    }
    mine = defaultdict(list)
    for event in events:
        unit = unit_of(event, of.unit)
        if unit in units:
            mine[unit].append(event)
    groups: dict[tuple[Any, ...], Any] = {}
    half = of.window // 2
    for metric in of.metrics:
        parts = ("loud", "times") if metric == "rate" else (metric, None)
        after, before, halves = {}, {}, {}
        has_halves = metric not in ("rate", "back", "later", *STEPS)
        for name, unit in units.items():
            after[name] = [
                value_of(part, mine[name], unit, 0, of.window) if part else 0.0 for part in parts
            ]
            before[name] = [
                value_of(part, mine[name], unit, -of.before, 0)
                if part and of.before and metric not in ("back", "later", *STEPS)
                else 0.0
                for part in parts
            ]
            halves[name] = [
                value_of(metric, mine[name], unit, low, high) if has_halves else 0.0
                for low, high in ((0, half), (of.window - half, of.window))
            ]
        if metric == "trimmed":
            known = [
                after[name][0] for name, unit in units.items()
                if unit.is_closed(of.window) and unit.reason is None
            ]  # fmt: skip
            cap = float(np.quantile(known, 0.8)) if known else float("inf")
            for part_of in (after, before, halves):
                for values in part_of.values():
                    values[0] = min(values[0], cap)
            for values in halves.values():
                values[1] = min(values[1], cap)
        for name, unit in units.items():
            day = product_day(unit.exposed)
            slices = [("all", "all"), ("platform", unit.segment)]
            if personas:
                slices.append(("persona", persona_at(personas.get(unit.user_id, ()), day)))
            keys = []
            if unit.is_activated is not False:
                keys += [("first_variant", *part) for part in slices]
            if unit.reason is None:
                keys += [("default", *part) for part in slices]
            if unit.is_activated is not None:
                keys.append(("exposed_first_variant", "all", "all"))
                if unit.reason != "several_variants":
                    keys.append(("exposed", "all", "all"))
            for key in keys:
                group = groups.setdefault((metric, unit.variant, *key, day), ([], 0))
                if unit.is_closed(of.window):
                    first, second = halves[name]
                    group[0].append((*after[name], *before[name], second - first))
                else:
                    groups[metric, unit.variant, *key, day] = (group[0], group[1] + 1)
    return groups


def scanned_overlaps(
    experiments: Sequence[Tried], events: Sequence[Event]
) -> dict[tuple[str, ...], list[float]]:
    """The first primary of the closed units of each experiment that were in each other one too."""
    scanned = {of.name: scan_units(of, events) for of in experiments}
    mine: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for kind in ("user", "device", "properties.team"):
        for event in events:
            name = unit_of(event, kind)
            if name is not None:
                mine[kind, name].append(event)
    found: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for of in experiments:
        metric = of.metrics[0]
        counted = {
            name: unit
            for name, unit in scanned[of.name].items()
            if unit.reason is None and unit.is_closed(of.window)
        }
        cap = None
        values = {
            name: value_of("loud" if metric == "rate" else metric, mine[of.unit, name], unit, 0,
                           of.window)
            for name, unit in counted.items()
        }  # fmt: skip
        if metric == "trimmed":
            cap = float(np.quantile(list(values.values()), 0.8)) if values else None
        for other in experiments:
            if other.name == of.name or other.unit != of.unit:
                continue
            for name, unit in counted.items():
                there = scanned[other.name].get(name)
                if there is None or there.reason not in (None, "not_activated"):
                    continue
                ends = midnight(other.end) if other.end else datetime.max
                until = unit.exposed + timedelta(hours=24 * of.window)
                if there.exposed < until and unit.exposed < ends:
                    value = values[name] if cap is None else min(values[name], cap)
                    found[of.name, other.name, metric, unit.variant, there.variant].append(value)
    return dict(found)
