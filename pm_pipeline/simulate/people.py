"""The people: who they are, when they come, on which devices, in which weeks they are active.

Belongs here: everything about a person that does not need an event. Does not belong here:
sessions and events (``activity``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.draws import draws, pick_codes

BEFORE = -1
"""``arrival`` of somebody who was there before the sample begins."""


@dataclass(frozen=True)
class People:
    """Arrays over people, but for ``platform``, which is over devices (own ones come first)."""

    kind: np.ndarray
    arrival: np.ndarray  # day index, or BEFORE
    sign_up_delay: np.ndarray  # days after arrival; -1 never; 0 for those who were there before
    country: np.ndarray
    is_paid: np.ndarray
    second_device: np.ndarray  # device index, or -1
    second_from: np.ndarray  # day from which the second device is in use
    is_second_shared: np.ndarray  # the second device is somebody else's own one
    platform: np.ndarray  # of each device
    active_weeks: np.ndarray  # bool, (weeks, people)

    @property
    def count(self) -> int:
        """The number of people; their own devices have the same indexes."""
        return len(self.kind)


def make_people(seed: int, users: int, calendar: plan.Calendar) -> People:
    """Draw ``users`` people over the days of ``calendar``."""
    generator = draws(seed, "people")
    base = max(1, round(users * plan.BASE_SHARE))
    days = np.arange(calendar.days)
    arrival_weights = (
        np.exp(plan.ARRIVAL_GROWTH * days / calendar.days)
        * plan.WEEKDAY_WEIGHTS[(days + calendar.weekday0) % 7]
    )
    arrival = np.concatenate(
        [np.full(base, BEFORE), np.sort(pick_codes(generator, arrival_weights, users - base))]
    )
    shares = np.array([kind.share for kind in plan.KINDS])
    # Those who are still there from before are the more faithful ones.
    base_shares = shares * np.array([3.0, 1.6, 0.5])
    kind = np.concatenate(
        [pick_codes(generator, base_shares, base), pick_codes(generator, shares, users - base)]
    )
    bands = np.array([band[0] for band in plan.SIGN_UP_DELAYS])
    band = pick_codes(generator, bands, users)
    low = np.array([band_[1] for band_ in plan.SIGN_UP_DELAYS])[band]
    high = np.array([band_[2] for band_ in plan.SIGN_UP_DELAYS])[band]
    delay = low + np.floor(generator.random(users) * (high - low + 1)).astype(np.int64)
    delay = np.where(generator.random(users) < plan.NEVER_SIGN_UP, -1, delay)
    delay = np.where(arrival == BEFORE, 0, delay)
    country = pick_codes(generator, plan.COUNTRY_WEIGHTS, users)
    is_paid = generator.random(users) < np.array([0.55, 0.25, 0.08])[kind]
    own_platform = pick_codes(generator, np.array([0.42, 0.38, 0.2]), users)

    # Second devices: mostly one's own of another kind, for a few pairs the partner's first one.
    wants = (generator.random(users) < plan.SECOND_DEVICE_SHARE) & (delay >= 0)
    second_from = np.maximum(arrival, 0) + 2
    room = np.maximum(calendar.days - second_from, 1)
    second_from = second_from + np.floor(generator.random(users) * room).astype(np.int64)
    second_device = np.full(users, -1)
    second_device[wants] = users + np.arange(int(wants.sum()))
    second_platform = (own_platform[wants] + 1 + (generator.random(int(wants.sum())) < 0.5)) % 3
    is_shared = np.zeros(users, dtype=bool)
    steady = np.flatnonzero((delay == 0) & (kind < 2) & (own_platform != plan.WEB) & ~wants)
    pairs = max(1, users // plan.SHARED_DEVICE_EVERY)
    chosen = generator.permutation(steady)[: 2 * pairs]
    guests, hosts = chosen[0::2], chosen[1::2]
    guests = guests[: len(hosts)]
    second_device[guests] = hosts
    is_shared[guests] = True
    second_from[guests] = np.maximum(np.maximum(arrival[guests], arrival[hosts]), 0) + 1
    return People(
        kind=kind,
        arrival=arrival,
        sign_up_delay=delay,
        country=country,
        is_paid=is_paid,
        second_device=second_device,
        second_from=second_from,
        is_second_shared=is_shared,
        platform=np.concatenate([own_platform, second_platform]),
        active_weeks=_active_weeks(seed, kind, arrival, calendar),
    )


def _active_weeks(
    seed: int, kind: np.ndarray, arrival: np.ndarray, calendar: plan.Calendar
) -> np.ndarray:
    """Let people come, churn and come back: a chain over weeks with chances by kind."""
    generator = draws(seed, "active weeks")
    stay = np.array([each.stay for each in plan.KINDS])[kind]
    back = np.array([each.return_ for each in plan.KINDS])[kind]
    arrival_week = np.where(arrival == BEFORE, -1, calendar.week(np.maximum(arrival, 0)))
    # Before the sample the chain is where it settles: stay / return in balance.
    state = (arrival == BEFORE) & (generator.random(len(kind)) < back / (back + 1 - stay))
    weeks = np.zeros((calendar.weeks, len(kind)), dtype=bool)
    for week in range(calendar.weeks):
        chance = generator.random(len(kind))
        state = np.where(state, chance < stay, chance < back) & (arrival_week < week)
        state = state | (arrival_week == week)
        weeks[week] = state
    return weeks
